//! What the user sees: plain lines, marks of success and failure, colours on a terminal only.

use std::io::{self, Write};

use crate::Failure;
use crate::printable::printable_lines;

/// Standard output and standard error of a command.
///
/// Writing never fails here. A reader that closes its end early does not change what a command does or how it ends;
/// any other fault of standard output is kept and reported by [`Console::finish`].
pub(crate) struct Console<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    paint: Paint,
    error_paint: Paint,
    quiet: bool,
    fault: Option<io::Error>,
}

impl<'a> Console<'a> {
    pub(crate) fn new(
        stdout: &'a mut dyn Write,
        stderr: &'a mut dyn Write,
        paint: Paint,
        error_paint: Paint,
    ) -> Console<'a> {
        Console { stdout, stderr, paint, error_paint, quiet: false, fault: None }
    }

    /// With `quiet`, [`Console::inform`] and [`Console::ok`] say nothing.
    pub(crate) fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// How standard output is painted.
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// Writes one line: something that was asked for.
    pub(crate) fn say(&mut self, line: &str) {
        self.write(&format!("{line}\n"));
    }

    /// Writes text that brings its own line feeds.
    pub(crate) fn write(&mut self, text: &str) {
        if self.fault.is_none() {
            self.fault = self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()).err();
        }
    }

    /// Writes one line that quiet mode suppresses.
    pub(crate) fn inform(&mut self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Writes the mark of success and what was achieved; quiet mode suppresses both.
    pub(crate) fn ok(&mut self, achieved: &[&str]) {
        let mark = self.paint.green("OK");
        self.inform(&mark);
        for line in achieved {
            self.inform(line);
        }
    }

    /// Writes the prompt text, if any, and the prompt symbol.
    pub(crate) fn prompt(&mut self, text: &str) {
        let symbol = self.paint.cyan("> ");
        self.write(&format!("{text}\n{symbol}"));
    }

    /// Writes a line to standard error.
    pub(crate) fn warn(&mut self, line: &str) {
        // There is nowhere left to report a fault of standard error.
        let _ = writeln!(self.stderr, "{line}").and_then(|()| self.stderr.flush());
    }

    /// Writes the mark of failure, the message and a blank line to standard error. Messages quote files, the service and
    /// crypto units.
    pub(crate) fn failed(&mut self, message: &str) {
        let mark = self.error_paint.red_bold("FAILED");
        self.warn(&format!("{mark}\n{}\n", printable_lines(message)));
    }

    /// The fault of standard output, if there was one that is not a closed pipe.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        match self.fault.take() {
            Some(fault) if fault.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(fault)),
            _ => Ok(()),
        }
    }
}

/// Whether text is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colours,
}

impl Paint {
    pub(crate) fn on(terminal: bool) -> Paint {
        if terminal { Paint::Colours } else { Paint::Plain }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn bold_cyan(self, text: &str) -> String {
        self.with("36;1", text)
    }

    fn cyan(self, text: &str) -> String {
        self.with("36", text)
    }

    fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    fn red_bold(self, text: &str) -> String {
        self.with("31;1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Colours if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_go_to_standard_error_with_a_blank_line_after_them() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        Console::new(&mut out, &mut err, Paint::Plain, Paint::Plain).failed("Invalid password.");
        assert_eq!((out.as_slice(), err.as_slice()), (b"".as_slice(), b"FAILED\nInvalid password.\n\n".as_slice()));
    }

    #[test]
    fn a_failure_cannot_steer_the_terminal() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        Console::new(&mut out, &mut err, Paint::Plain, Paint::Plain).failed("Message: \x1b[2J\nmore");
        assert_eq!(err, b"FAILED\nMessage: \\u{1b}[2J\nmore\n\n");
    }

    #[test]
    fn quiet_keeps_what_was_asked_for_and_prompts() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err, Paint::Plain, Paint::Plain);
        console.set_quiet(true);
        console.ok(&["A signature key was created."]);
        console.say("KEYNUM");
        console.prompt("Enter:");
        assert_eq!(out, b"KEYNUM\nEnter:\n> ");
    }

    #[test]
    fn a_closed_pipe_is_no_failure_but_a_full_disk_is() {
        for (kind, fails) in [(io::ErrorKind::BrokenPipe, false), (io::ErrorKind::StorageFull, true)] {
            let (mut out, mut err) = (Broken(kind), Vec::new());
            let mut console = Console::new(&mut out, &mut err, Paint::Plain, Paint::Plain);
            console.say("text");
            console.say("more text");
            assert_eq!(console.finish().is_err(), fails, "{kind}");
        }
    }

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
