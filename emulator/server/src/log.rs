//! What the emulator tells its operator: lines of text, never key material, never a token.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Where lines for the operator go. Copies share the stream.
#[derive(Clone)]
pub struct Log(Arc<Mutex<dyn Write + Send>>);

impl Log {
    /// Lines go to this stream.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Log(Arc::new(Mutex::new(out)))
    }

    /// Lines go nowhere.
    pub fn silent() -> Self {
        Log::new(io::sink())
    }

    /// Writes a line. A log that cannot be written is no reason to stop serving.
    pub(crate) fn line(&self, text: fmt::Arguments<'_>) {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(out, "hpcs-emulator: {text}").and_then(|()| out.flush());
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
