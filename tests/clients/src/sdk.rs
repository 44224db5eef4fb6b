//! The Go program, built with the SDK as it is published and with the emulator's root in place of the manufacturer's.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

use crate::roots::Root;
use crate::walk::{Walkthrough, Way};
use crate::{Failure, Programs};

/// Both builds, in a directory that goes with them.
pub(crate) struct Sdk {
    directory: TempDir,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    path: String,
    dir: PathBuf,
}

impl Sdk {
    /// Builds both. The inner error says why this machine cannot: Go or its modules are out of reach.
    pub(crate) fn build(programs: &Programs) -> Result<Result<Self, String>, Failure> {
        if let Err(reason) = reachable()? {
            return Ok(Err(reason));
        }
        let directory = tempfile::tempdir()?;
        let sdk = Sdk { directory };
        run(go().arg("build").arg("-o").arg(sdk.program(Way::Published)).arg("."))?;
        let file = sdk.rooted(&root(programs)?)?;
        run(go().arg("build").arg("-modfile").arg(file).arg("-o").arg(sdk.program(Way::Rooted)).arg("."))?;
        Ok(Ok(sdk))
    }

    /// The program with this SDK.
    pub(crate) fn program(&self, way: Way) -> PathBuf {
        let name = match way {
            Way::Published => "published",
            Way::Rooted => "rooted",
        };
        self.directory.path().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// What the program can walk.
    pub(crate) fn walkthroughs(&self) -> Result<Vec<Walkthrough>, Failure> {
        run(Command::new(self.program(Way::Rooted)).arg("list"))?.lines().map(str::parse).collect()
    }

    /// A copy of the SDK with this root, and a module file that points at it.
    fn rooted(&self, root: &Root) -> Result<PathBuf, Failure> {
        let copy = self.directory.path().join("sdk");
        let path = copy_rooted(root, &copy)?;
        let file = self.directory.path().join("go.mod");
        let sources = Path::new(SOURCES);
        let module = fs::read_to_string(sources.join("go.mod"))?;
        fs::write(&file, format!("{module}\nreplace {path} => {}\n", copy.display()))?;
        // The go command looks for the sums beside the module file.
        fs::copy(sources.join("go.sum"), file.with_file_name("go.sum"))?;
        Ok(file)
    }
}

/// Leaves a copy of the SDK that trusts the emulator's root in a directory that is not there yet. The inner error says why
/// this machine cannot.
pub(crate) fn leave_copy(programs: &Programs, to: &Path) -> Result<Result<(), String>, Failure> {
    if let Err(reason) = reachable()? {
        return Ok(Err(reason));
    }
    copy_rooted(&root(programs)?, to)?;
    Ok(Ok(()))
}

/// Copies the SDK, replaces its roots, and gives the path of its module.
fn copy_rooted(root: &Root, to: &Path) -> Result<String, Failure> {
    let listed = run(go().args(["list", "-m", "-json", SDK]))?;
    let Module { path, dir } = serde_json::from_str(&listed)?;
    copy_tree(&dir, to).map_err(|error| format!("{}: {error}", to.display()))?;
    root.replace_in(to)?;
    Ok(path)
}

/// Whether there is Go, and whether the modules are there or can be fetched.
fn reachable() -> Result<Result<(), String>, Failure> {
    match Command::new(GO).arg("version").output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return Ok(Err(format!("`go version` fails: {}", said(&output.stderr)))),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Err("Go is not installed".to_owned())),
        Err(error) => return Ok(Err(format!("go cannot be run: {error}"))),
    }
    let output = go().args(["mod", "download"]).output()?;
    let text = said(&output.stderr);
    if output.status.success() {
        Ok(Ok(()))
    } else if text.contains("SECURITY ERROR") {
        Err(text.into())
    } else {
        Ok(Err(format!("the Go module proxy cannot be reached: {text}")))
    }
}

/// The root that clients have to trust, as the emulator prints it.
fn root(programs: &Programs) -> Result<Root, Failure> {
    Ok(serde_json::from_str(&run(Command::new(&programs.emulator).args(["root", "--format", "json"]))?)?)
}

/// The go command in the directory of the sources. It fetches no other Go and changes no file of the sources.
fn go() -> Command {
    let mut go = Command::new(GO);
    go.current_dir(SOURCES).env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=readonly -buildvcs=false");
    go.env("GOWORK", "off").env("CGO_ENABLED", "0");
    go
}

/// What a command prints.
fn run(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{}", output.status, said(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Copies files and directories; the copy can be written, whatever the modes of the original.
fn copy_tree(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

const GO: &str = "go";

/// The SDK under Terraform's `ibm_hpcs` resource; go.mod says which version.
const SDK: &str = "github.com/IBM/ibm-hpcs-tke-sdk";

/// Sources of the Go program.
pub(crate) const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");
