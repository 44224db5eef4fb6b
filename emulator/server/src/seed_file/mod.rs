//! Seed files: what an emulator begins with.
//!
//! YAML: instances with their crypto units, administrators, thresholds and master keys; identities and API keys. The form
//! of an instance is that of [`InstanceDocument`]; docs/seed-file.md describes the file, [`SCHEMA`] checks it in editors.
//!
//! ```yaml
//! version: 1
//! start: 2026-03-01T08:00:00Z        # the emulator's clock at start; without, it stays what it is
//! instances:
//!   - id: 858af272-6e93-4290-ad52-ae1b57ba54dd
//!     region: us-south               # what is left out is as in a default instance
//! api_keys:
//!   - key: my-key
//!     iam_id: IBMid-270000EXM1
//!     roles: [Manager, EventReader]
//!     expires_at: +30d               # times are RFC 3339, or relative to start
//! ```
//!
//! Every fault names file, line, column and field, and never a value that may be secret.
//!
//! # Layout
//! - `yaml`: from text to trees that know their places, and serde over them.
//! - `instances`, `identities`, `moment`: what the parts of a file mean.
//! - `fault`: what can be wrong. `schema`: the schema, held against the types.

mod fault;
mod identities;
mod instances;
mod moment;
mod schema;
mod yaml;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use hpcs_audit::EventTime;
use hpcs_service::document::InstanceDocument;
use hpcs_service::{ApiKeyDigest, Identity, InstanceSpec};
use serde::Deserialize;
use zeroize::Zeroizing;

pub use fault::SeedFault;
use identities::{ApiKeyEntry, IdentityEntry};
use moment::Moment;
pub use schema::SCHEMA;
use yaml::{Fault, Tree};

/// What a seed file says.
pub struct SeedFile {
    /// The emulator's clock at start, when the file sets it.
    pub start: Option<EventTime>,
    /// Instances, in the order of the file.
    pub instances: Vec<SeededInstance>,
    /// Who may sign in.
    pub api_keys: Vec<(ApiKeyDigest, Identity)>,
}

/// An instance of a seed file.
pub struct SeededInstance {
    /// Where it stands: `seed.yaml:12:5: instances[0]`.
    pub declared: String,
    /// How it is laid out.
    pub spec: InstanceSpec,
    /// What its units hold. Applied to the laid out instance it has no fault: that was tried.
    pub document: InstanceDocument,
}

impl SeedFile {
    /// Reads a seed file. `now` is what times are relative to when the file has no `start`.
    ///
    /// # Errors
    /// [`SeedFault`] for the first fault.
    pub fn read(path: &Path, text: &str, now: EventTime) -> Result<Self, SeedFault> {
        SeedFile::parse(path, text, now).map_err(|fault| SeedFault::new(path, fault))
    }

    fn parse(path: &Path, text: &str, now: EventTime) -> Result<Self, Fault> {
        check_size(text.len())?;
        let tree = Tree::parse(text)?;
        // A file of another version may have keys that are unknown here; its version is what is wrong with it.
        let Versioned { version } = tree.read()?;
        if version != VERSION {
            let why = format!("{version} is not known; this program reads version {VERSION}");
            return Err(Fault::new(why).in_key("version").at(tree.find("version")));
        }
        let raw: Raw = tree.read()?;
        let start = raw.start.map(|start| start.absolute()).transpose().map_err(|why| fault(&tree, "start", why))?;
        let moments = start.unwrap_or(now);
        Ok(SeedFile {
            start,
            instances: instances::check(path, &tree, raw.instances, moments)?,
            api_keys: identities::check(&tree, raw.identities, raw.api_keys, moments)?,
        })
    }
}

/// The text of a seed file.
///
/// # Errors
/// [`SeedFault`] when it cannot be read, is larger than 4 MiB or is not UTF-8.
pub fn open(path: &Path) -> Result<Zeroizing<String>, SeedFault> {
    let mut file = File::open(path).map_err(|error| SeedFault::new(path, Fault::new(error.to_string())))?;
    read_text(path, &mut file)
}

/// The text of a seed file that is open already.
///
/// # Errors
/// As [`open`].
pub fn read_text(path: &Path, from: &mut dyn Read) -> Result<Zeroizing<String>, SeedFault> {
    // Room for everything: a buffer that grows leaves copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 64));
    let read = from.take(LARGEST as u64 + 1).read_to_end(&mut bytes);
    let checked = read.map_err(|error| Fault::new(error.to_string())).and_then(check_size);
    checked.map_err(|fault| SeedFault::new(path, fault))?;
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = Zeroizing::new(error.into_bytes());
        let at = fault::position_of(bytes.get(..valid).unwrap_or_default());
        SeedFault::new(path, Fault::new("this is not UTF-8").at(at))
    })
}

/// One instance in the form it has in a seed file, YAML or JSON, as the JSON that requests carry. Its form is checked,
/// and so are the values that do not depend on how the instance is laid out. Secrets stay in the clear.
///
/// # Errors
/// [`SeedFault`].
pub fn document_as_json(path: &Path, text: &str) -> Result<Vec<u8>, SeedFault> {
    let json = || {
        check_size(text.len())?;
        let tree = Tree::parse(text)?;
        let mut document: InstanceDocument = tree.read()?;
        instances::spec(&document, 0).map_err(|found| instances::placed(&tree, "", &found))?;
        document.disclose();
        serde_json::to_vec(&document).map_err(|_| Fault::new("a secret is not a text of hexadecimal digits"))
    };
    json().map_err(|fault| SeedFault::new(path, fault))
}

/// The whole file; `deny_unknown_fields` makes serde name the keys that there are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[expect(dead_code, reason = "checked before the rest is read")]
    version: u32,
    start: Option<Moment>,
    #[serde(default)]
    instances: Vec<InstanceDocument>,
    #[serde(default)]
    identities: Vec<IdentityEntry>,
    #[serde(default)]
    api_keys: Vec<ApiKeyEntry>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// A fault of this field, at its place.
fn fault(tree: &Tree, field: &str, why: impl Into<String>) -> Fault {
    Fault::new(why).in_key(field).at(tree.find(field))
}

fn check_size(bytes: usize) -> Result<(), Fault> {
    if bytes > LARGEST { Err(Fault::new("the file is larger than 4 MiB")) } else { Ok(()) }
}

const VERSION: u32 = 1;

/// 4 MiB: room for some thousand instances.
const LARGEST: usize = 4 * 1024 * 1024;
