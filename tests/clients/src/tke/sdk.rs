//! The Go program, built with the SDK as it is published and with the emulator's root in place of the manufacturer's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

use super::roots::Root;
use super::walk::{Walkthrough, Way};
use crate::go::{self, go};
use crate::process::printed;
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
        if let Err(reason) = go::reachable(SOURCES)? {
            return Ok(Err(reason));
        }
        let directory = tempfile::tempdir()?;
        let sdk = Sdk { directory };
        printed(go(SOURCES).arg("build").arg("-o").arg(sdk.program(Way::Published)).arg("."))?;
        let file = sdk.rooted(&root(programs)?)?;
        printed(go(SOURCES).arg("build").arg("-modfile").arg(file).arg("-o").arg(sdk.program(Way::Rooted)).arg("."))?;
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
        printed(Command::new(self.program(Way::Rooted)).arg("list"))?.lines().map(str::parse).collect()
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
    if let Err(reason) = go::reachable(SOURCES)? {
        return Ok(Err(reason));
    }
    copy_rooted(&root(programs)?, to)?;
    Ok(Ok(()))
}

/// Copies the SDK, replaces its roots, and gives the path of its module.
fn copy_rooted(root: &Root, to: &Path) -> Result<String, Failure> {
    let listed = printed(go(SOURCES).args(["list", "-m", "-json", SDK]))?;
    let Module { path, dir } = serde_json::from_str(&listed)?;
    copy_tree(&dir, to).map_err(|error| format!("{}: {error}", to.display()))?;
    root.replace_in(to)?;
    Ok(path)
}

/// The root that clients have to trust, as the emulator prints it.
fn root(programs: &Programs) -> Result<Root, Failure> {
    Ok(serde_json::from_str(&printed(Command::new(&programs.emulator).args(["root", "--format", "json"]))?)?)
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

/// The SDK under Terraform's `ibm_hpcs` resource; go.mod says which version.
const SDK: &str = "github.com/IBM/ibm-hpcs-tke-sdk";

/// Sources of the Go program.
pub(crate) const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/go");
