//! What a Go test program says of one example, run with `-test.v`.

use std::process::Output;

use crate::process::said;

/// What came of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    /// Why, as the example says it.
    Skipped(String),
    /// What the program wrote.
    Failed(String),
}

impl Verdict {
    /// Reads what the program wrote and how it ended; `stderr` is that without what it was asked to tell of its transport.
    pub(crate) fn read(name: &str, output: &Output, stderr: &str) -> Self {
        let stdout = said(&output.stdout);
        let ended = |verdict: &str| stdout.lines().any(|line| line.starts_with(&format!("--- {verdict}: {name} (")));
        match output.status.success() {
            true if ended("PASS") => Verdict::Passed,
            true if ended("SKIP") => Verdict::Skipped(reason(name, &stdout)),
            true => Verdict::Failed(format!("it ended well, but not with {name}\n{stdout}\n{stderr}")),
            false => Verdict::Failed(format!("{}\n{stdout}\n{stderr}", output.status)),
        }
    }
}

/// What stands between the beginning and the end of an example, in one line and without its place in the sources.
fn reason(name: &str, stdout: &str) -> String {
    let after = stdout.lines().skip_while(|line| line.split_whitespace().ne(["===", "RUN", name])).skip(1);
    let lines = after.take_while(|line| !line.starts_with("--- ")).map(str::trim).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join(" ");
    match text.split_once(": ") {
        Some((place, rest)) if place.contains(".go:") && !place.contains(' ') => rest.to_owned(),
        _ => text,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn read(code: i32, stdout: &str) -> Verdict {
        let status = ExitStatus::from_raw(code << 8);
        Verdict::read("Test_a", &Output { status, stdout: stdout.into(), stderr: Vec::new() }, "told")
    }

    #[test]
    fn passes_and_skips_are_told_apart_and_the_reason_is_the_examples() {
        assert_eq!(read(0, "=== RUN   Test_a\n--- PASS: Test_a (0.00s)\nPASS\n"), Verdict::Passed);
        let skipped = "=== RUN   Test_a\n    a_test.go:34: it is not\n        there\n--- SKIP: Test_a (0.00s)\nPASS\n";
        assert_eq!(read(0, skipped), Verdict::Skipped("it is not there".to_owned()));
        let bare = "=== RUN   Test_a\n--- SKIP: Test_a (0.00s)\nPASS\n";
        assert_eq!(read(0, bare), Verdict::Skipped(String::new()));
    }

    #[test]
    fn what_did_not_run_or_did_not_end_well_has_failed() {
        for (code, stdout) in [
            (0, "testing: warning: no tests to run\nPASS\n"),
            (0, "=== RUN   Test_ab\n--- PASS: Test_ab (0.00s)\nPASS\n"),
            (0, "=== RUN   Test_a\n    --- PASS: Test_a (0.00s)\n"),
            (1, "=== RUN   Test_a\n--- FAIL: Test_a (0.00s)\nFAIL\n"),
            (2, "=== RUN   Test_a\n--- PASS: Test_a (0.00s)\n"),
        ] {
            let Verdict::Failed(text) = read(code, stdout) else { panic!("{stdout}") };
            assert!(text.contains(stdout.trim()) && text.ends_with("told"), "{text}");
        }
    }
}
