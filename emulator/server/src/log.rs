//! What the emulator tells its operator: lines of text, never key material, never a token.
//!
//! ```text
//! line -> queue (never waits; counts what does not fit) -> thread -> stream
//! ```
//!
//! A stream may block for as long as it likes, as a pipe does that nobody reads. That stops the log's own thread and
//! nothing else.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Where lines for the operator go. Copies share the stream; when the last one is dropped, what is queued is written,
/// for as long as a second.
#[derive(Clone)]
pub struct Log(Option<Arc<Queue>>);

/// The near end of the thread that writes.
struct Queue {
    /// `None` once the log ends.
    lines: Option<SyncSender<String>>,
    dropped: Arc<AtomicU64>,
    /// Closed by the thread when everything is written. Receivers cannot be shared, hence the lock; only the end takes it.
    written: Mutex<Receiver<()>>,
    patience: Duration,
}

impl Log {
    /// Lines go to this stream. Where no thread can be started, they go nowhere.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Log::with_patience(out, LAST_LINES)
    }

    /// As [`Log::new`]; `patience` is how long the end waits for the last lines.
    fn with_patience(out: impl Write + Send + 'static, patience: Duration) -> Self {
        let (lines, queued) = mpsc::sync_channel(QUEUED_LINES);
        let (end, written) = mpsc::sync_channel(0);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = Writer { out, queued, dropped: dropped.clone(), _end: end };
        let started = thread::Builder::new().name("log".to_owned()).stack_size(STACK).spawn(|| writer.run());
        Log(started
            .ok()
            .map(|_| Arc::new(Queue { lines: Some(lines), dropped, written: Mutex::new(written), patience })))
    }

    /// Lines go nowhere.
    pub fn silent() -> Self {
        Log(None)
    }

    /// Writes a line, soon. Never waits: a log that cannot be written is no reason to stop serving.
    pub(crate) fn line(&self, text: fmt::Arguments<'_>) {
        let Some(Queue { lines: Some(lines), dropped, .. }) = self.0.as_deref() else { return };
        if lines.try_send(format!("hpcs-emulator: {text}\n")).is_err() {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // The thread sees the end of the queue, writes what is in it and lets go of its end of `written`.
        self.lines = None;
        let written = self.written.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Written, or waited for long enough.
        let _ = written.recv_timeout(self.patience);
    }
}

/// The thread's side.
struct Writer<W> {
    out: W,
    queued: Receiver<String>,
    dropped: Arc<AtomicU64>,
    /// Nothing is sent; its end says that all is written.
    _end: SyncSender<()>,
}

impl<W: Write> Writer<W> {
    fn run(mut self) {
        while let Ok(line) = self.queued.recv() {
            self.write(&line);
            self.report_dropped();
        }
        self.report_dropped();
    }

    fn report_dropped(&mut self) {
        match self.dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            number => self.write(&format!("hpcs-emulator: {number} lines dropped: the log was not taken in time\n")),
        }
    }

    fn write(&mut self, line: &str) {
        // There is nobody to tell that the log cannot be written.
        let _ = self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// Lines that wait while the stream is slow.
const QUEUED_LINES: usize = 256;

/// How long the end of the log waits for its last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Bytes of the thread's stack; it does nothing but write.
const STACK: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A stream that takes nothing until it is opened, then everything.
    struct Stuck {
        open: Receiver<()>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // An error when the other side is gone: open for ever.
            let _ = self.open.recv();
            self.taken.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn stuck(patience: Duration) -> (Log, mpsc::Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (opener, open) = mpsc::channel();
        let taken = Arc::new(Mutex::new(Vec::new()));
        (Log::with_patience(Stuck { open, taken: taken.clone() }, patience), opener, taken)
    }

    fn text(taken: &Mutex<Vec<u8>>) -> String {
        String::from_utf8(taken.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn every_line_is_written_when_the_last_copy_has_ended() {
        let (log, opener, taken) = stuck(Duration::MAX);
        drop(opener);
        log.clone().line(format_args!("one"));
        log.line(format_args!("two"));
        drop(log);
        assert_eq!(text(&taken), "hpcs-emulator: one\nhpcs-emulator: two\n");
    }

    #[test]
    fn a_stream_that_takes_nothing_stops_nobody_and_the_lines_lost_are_counted() {
        let (log, opener, taken) = stuck(Duration::MAX);
        // Comes back although nothing is taken. One more line than fits may be in the thread's hands.
        for number in 0..QUEUED_LINES + 10 {
            log.line(format_args!("{number}"));
        }
        drop(opener);
        drop(log);
        let text = text(&taken);
        let lost: Vec<&str> = text.lines().filter(|line| line.contains("lines dropped")).collect();
        let written = text.lines().count() - lost.len();
        assert_eq!(lost.len(), 1, "{text}");
        let number = QUEUED_LINES + 10 - written;
        assert!(lost[0].starts_with(&format!("hpcs-emulator: {number} lines dropped")), "{}", lost[0]);
        assert!(number == 9 || number == 10, "{number}");
    }

    #[test]
    fn a_log_that_is_stuck_lets_its_last_copy_end() {
        let (log, opener, taken) = stuck(Duration::ZERO);
        log.line(format_args!("never"));
        drop(log);
        assert_eq!(text(&taken), "");
        drop(opener);
    }
}
