//! One walkthrough: a fresh emulator, and a process of the Go program that finds it by two variables.

use std::path::Path;
use std::str::FromStr;

use super::sdk::{SOURCES, Sdk};
use crate::emulator::Emulator;
use crate::process::{bounded, not_led_elsewhere};
use crate::{Failure, Programs};

/// A walkthrough as the Go program lists it.
pub(crate) struct Walkthrough {
    pub(crate) name: String,
    way: Way,
    /// The part of the administration protocol that it follows.
    pub(crate) section: String,
    pub(crate) title: String,
}

/// Which build of the SDK a walkthrough needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the module proxy serves it.
    Published,
    /// With the emulator's root.
    Rooted,
}

impl FromStr for Walkthrough {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, way, section, title] = fields[..] else {
            return Err(format!("not a line of a walkthrough: {line}").into());
        };
        let way = match way {
            "published" => Way::Published,
            "rooted" => Way::Rooted,
            other => return Err(format!("{name}: there is no way in named {other}").into()),
        };
        Ok(Walkthrough { name: name.to_owned(), way, section: section.to_owned(), title: title.to_owned() })
    }
}

impl Walkthrough {
    /// Walks it; the failure shows what both programs wrote.
    pub(crate) fn walk(&self, sdk: &Sdk, programs: &Programs) -> Result<(), Failure> {
        let directory = tempfile::tempdir()?;
        let emulator = Emulator::start(&programs.emulator, directory.path(), &[])?;
        let program = sdk.program(self.way);
        run(&program, &["run", &self.name], &emulator, programs, directory.path()).map(drop)
    }
}

/// Runs the Go program against an emulator, with nothing in its environment that leads elsewhere.
pub(crate) fn run(
    program: &Path,
    arguments: &[&str],
    emulator: &Emulator,
    programs: &Programs,
    directory: &Path,
) -> Result<String, Failure> {
    let files = directory.join("files");
    std::fs::create_dir(&files)?;
    let mut command = not_led_elsewhere(program);
    command.args(arguments).env("HTTPS_PROXY", &emulator.address).env("SSL_CERT_FILE", emulator.authority());
    command.env("HPCS_WALK_EMULATOR", &emulator.address).env("HPCS_WALK_FILES", &files);
    command.env("HPCS_WALK_PROGRAM", &programs.emulator).env("HPCS_WALK_TKE", &programs.tke);
    command.env("HPCS_WALK_TESTDATA", Path::new(SOURCES).join("testdata"));
    let output = bounded(&mut command)?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (status, stdout, stderr) = (output.status, text(&output.stdout), text(&output.stderr));
    Err(format!("{status}\n{stdout}{stderr}--- the emulator:\n{}", emulator.told()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_walkthrough_is_read_and_anything_else_named() {
        let one: Walkthrough = "commands\tpublished\t12.1\tall of them".parse().unwrap();
        assert_eq!(
            (&*one.name, one.way, &*one.section, &*one.title),
            ("commands", Way::Published, "12.1", "all of them")
        );
        for (line, fault) in [("commands\tpublished", "not a line"), ("a\tsecretly\t1\tb", "no way in named secretly")]
        {
            let found = line.parse::<Walkthrough>().err().unwrap().to_string();
            assert!(found.contains(fault), "{found}");
        }
    }
}
