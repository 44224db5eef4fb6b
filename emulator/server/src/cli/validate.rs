//! `validate`: checks event files against the catalogue.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

use clap::Args;
use hpcs_audit::validate::{Deviation, Options, validate_line};
use serde::Serialize;

use super::failure::REFUSED;
use super::{Failure, Surroundings};

/// Flags of `validate`.
#[derive(Args)]
#[command(after_help = "\
Each line is one event. Deviations are printed as FILE:LINE: member: rule: expected .., found ..
The rules are those of the documented defaults, whatever the emulator was configured to.

Exit codes: 0 no deviation, 1 deviations, 2 a file cannot be read.")]
pub(super) struct ValidateArgs {
    /// Print one JSON object for each line that deviates
    #[arg(long)]
    json: bool,
    /// Event files, NDJSON; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Checks every line of every file.
pub(super) fn run(arguments: &ValidateArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let mut check = Check { json: arguments.json, options: Options::default(), events: 0, deviations: 0 };
    for path in &arguments.files {
        let name = path.display().to_string();
        let unreadable = |error| Failure::usage(format_args!("{name}: {error}"));
        if path.as_os_str() == "-" {
            check.all(&name, here.stdin, here.stdout, unreadable)?;
        } else {
            let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
            check.all(&name, &mut file, here.stdout, unreadable)?;
        }
    }
    here.stdout.flush()?;
    let Check { events, deviations, .. } = check;
    writeln!(here.stderr, "{events} {}, {deviations} {}", plural(events, "event"), plural(deviations, "deviation"))?;
    Ok(if deviations == 0 { 0 } else { REFUSED })
}

struct Check {
    json: bool,
    options: Options,
    events: usize,
    deviations: usize,
}

/// One line's deviations, as JSON.
#[derive(Serialize)]
struct Deviating<'a> {
    file: &'a str,
    line: usize,
    action: Option<&'a str>,
    deviations: &'a [Deviation],
}

impl Check {
    fn all(
        &mut self,
        file: &str,
        lines: &mut dyn BufRead,
        out: &mut dyn Write,
        unreadable: impl Fn(io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(&unreadable)? == 0 {
                break;
            }
            self.line(file, number, &line, out)?;
        }
        Ok(())
    }

    fn line(&mut self, file: &str, number: usize, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let report = validate_line(line, &self.options);
        self.events += 1;
        self.deviations += report.deviations.len();
        if report.clean() {
            return Ok(());
        }
        if self.json {
            let action = report.action.as_deref();
            let deviating = Deviating { file, line: number, action, deviations: &report.deviations };
            serde_json::to_writer(&mut *out, &deviating)?;
            return out.write_all(b"\n");
        }
        for deviation in &report.deviations {
            writeln!(out, "{file}:{number}: {deviation}")?;
        }
        Ok(())
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, run};
    use crate::{Log, shell};
    use clap::Parser;

    async fn validate(flags: &[&str], mut input: &[u8]) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let surroundings = Surroundings {
            stdin: &mut input,
            stdout: &mut out,
            stderr: &mut err,
            read_hidden: &mut || Err(std::io::Error::other("no terminal")),
            variables: Vec::new(),
            log: Log::silent(),
            interrupted: Box::new(|| Box::pin(std::future::pending())),
            world: shell::world,
        };
        let cli = Cli::try_parse_from([&["hpcs-emulator", "validate"], flags].concat()).unwrap();
        let status = run(cli, surroundings).await;
        (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[tokio::test]
    async fn nothing_is_clean() {
        assert_eq!(validate(&["-"], b"").await, (0, String::new(), "0 events, 0 deviations\n".into()));
    }

    #[tokio::test]
    async fn deviations_name_file_line_member_and_rule() {
        let (status, out, err) = validate(&["-"], b"[]\n{\"outcome\":7}").await;
        assert_eq!(status, 1);
        assert!(out.starts_with("-:1: $: one-object: expected "), "{out}");
        assert!(out.contains("\n-:2: outcome: member-type: "), "{out}");
        assert!(err.starts_with("2 events, "), "{err}");
    }

    #[tokio::test]
    async fn json_has_one_object_for_each_line_that_deviates() {
        let (status, out, _) = validate(&["--json", "-"], b"[]\n[]\n").await;
        assert_eq!(status, 1);
        let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["line"], 2);
        assert_eq!(lines[1]["deviations"][0]["rule"], "one-object");
    }

    #[tokio::test]
    async fn a_missing_file_is_unreadable() {
        let (status, out, err) = validate(&["/no/such/file"], b"").await;
        assert_eq!((status, out.as_str()), (2, ""));
        assert!(err.contains("/no/such/file"), "{err}");
    }
}
