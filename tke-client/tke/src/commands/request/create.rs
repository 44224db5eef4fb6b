//! `request create`: fixes the bytes of a command.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command as Clap, value_parser};
use hpcs_ep11::SubjectKeyId;
use hpcs_workstation::{PreparedCommand, RequestFile, Signer, Thresholds, check_administrator_name, check_key_name};

use super::{file, show};
use crate::cli;
use crate::session::{Session, with_keynum};
use crate::targets::{Target, Targets};
use crate::{Failure, texts};

pub(super) const NAME: &str = "create";

/// A command that a request can hold.
struct Requestable {
    name: &'static str,
    about: &'static str,
    arguments: fn(Clap) -> Clap,
}

/// Their names are those of the commands without `cryptounit-`.
const REQUESTABLE: &[Requestable] = &[
    Requestable {
        name: "admin-add",
        about: "Add an administrator",
        arguments: |parser| {
            let optional = |id, value_name, help| value(id, value_name, help).required(false);
            parser
                .arg(optional(KEYNUM, "KEYNUM", "Signature key of the new administrator, on this workstation"))
                .arg(
                    optional(KEY, "NAME", "Its identifier at the signing service, when one is set")
                        .requires(NAME_OF_NEW),
                )
                .arg(optional(NAME_OF_NEW, "NAME", "Name of the new administrator, with --new-key").requires(KEY))
        },
    },
    Requestable {
        name: "admin-rm",
        about: "Remove an administrator",
        arguments: |parser| {
            parser.arg(value(
                ADMIN,
                "ADMIN",
                "Name or subject key identifier (or its first digits) of the administrator",
            ))
        },
    },
    Requestable {
        name: "thrhld-set",
        about: "Set the signature thresholds",
        arguments: |parser| {
            let threshold = |id, help| value(id, "NUMBER", help).value_parser(value_parser!(u32).range(1..=8));
            parser
                .arg(threshold(SIGNATURE, "New signature threshold"))
                .arg(threshold(REVOCATION, "New revocation signature threshold"))
        },
    },
    Requestable { name: "mk-commit", about: "Commit the new master key register", arguments: none },
    Requestable { name: "mk-setimm", about: "Set the master key from the committed new register", arguments: none },
    Requestable { name: "mk-clrnew", about: "Clear the new master key register", arguments: none },
    Requestable { name: "mk-clrcur", about: "Clear the current master key register", arguments: none },
    Requestable { name: "zeroize", about: "Zeroize the crypto unit", arguments: none },
];

pub(super) fn parser() -> Clap {
    let create = Clap::new(NAME)
        .about("Write a request file for one command on one crypto unit")
        .subcommand_required(true)
        .arg_required_else_help(true);
    REQUESTABLE.iter().fold(create, |create, requestable| {
        let command = Clap::new(requestable.name)
            .about(requestable.about)
            .arg(value(UNIT, "CRYPTO_UNIT_NUM", "Number of the crypto unit, selected or not"))
            .arg(value(OUT, "FILE", "Request file to write; it must not exist").value_parser(value_parser!(PathBuf)));
        create.subcommand((requestable.arguments)(command))
    })
}

pub(super) async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    let Some((name, flags)) = flags.subcommand() else { return Ok(()) };
    let target = Targets::numbered(session, cli::text(flags, UNIT)).await?;
    let command = prepare(session, &target, name, flags).await?;
    let request = RequestFile::create(&target.client, command)?;
    let out = flags.get_one::<PathBuf>(OUT).cloned().unwrap_or_default();
    file::create(&out, &request)?;
    session.console.ok(&[&texts::request_written(&out), ""]);
    show::describe(session, &request, &[]);
    Ok(())
}

/// The bytes to be signed.
async fn prepare(
    session: &mut Session<'_>,
    target: &Target,
    name: &str,
    flags: &ArgMatches,
) -> Result<PreparedCommand, Failure> {
    let unit = &target.client;
    let threshold = |id| flags.get_one::<u32>(id).copied().unwrap_or_default();
    Ok(match name {
        "admin-add" => {
            let (name, signer) = new_administrator(session, flags).await?;
            unit.prepare_add_administrator(&name, &signer).await?
        }
        "admin-rm" => unit.prepare_remove_administrator(administrator(target, cli::text(flags, ADMIN)).await?).await?,
        "thrhld-set" => {
            let thresholds = Thresholds { signature: threshold(SIGNATURE), revocation: threshold(REVOCATION) };
            unit.prepare_set_thresholds(thresholds).await?
        }
        "mk-commit" => unit.prepare_commit(unit.domain_info().await?.next).await?,
        "mk-setimm" => unit.prepare_set_immediate(unit.domain_info().await?.next).await?,
        "mk-clrnew" => unit.prepare_clear_new().await?,
        "mk-clrcur" => unit.prepare_clear_current().await?,
        "zeroize" => unit.prepare_zeroize().await?,
        other => return Err(Failure::new(texts::unknown_command(other, None))),
    })
}

/// Name and key of the administrator to be added.
async fn new_administrator(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(String, Signer), Failure> {
    let (key, keynum) = (flags.get_one::<String>(KEY), flags.get_one::<String>(KEYNUM));
    match (session.signing_service()?, key, keynum) {
        (Some(service), Some(key), None) => {
            let name = cli::text(flags, NAME_OF_NEW);
            check_key_name(key)?;
            check_administrator_name(name)?;
            let token = session.ask_token(key, texts::SERVICE_KEY_TOKEN)?;
            Ok((name.to_owned(), service.signer(key, token).await?))
        }
        (Some(_), ..) => Err(Failure::new(texts::NEW_KEY_NOT_NAMED)),
        (None, None, Some(keynum)) => {
            let keys = session.signature_keys()?;
            let entry = with_keynum(&keys, keynum, |key| key.keynum)?;
            Ok((entry.name.clone(), session.unlock_for_certificate(entry)?))
        }
        (None, ..) => Err(Failure::new(texts::NEW_KEYNUM_NOT_NAMED)),
    }
}

/// The one administrator of the unit with this name, or with an identifier that starts like this.
async fn administrator(target: &Target, wanted: &str) -> Result<SubjectKeyId, Failure> {
    let installed = target.client.administrators().await?;
    let digits = wanted.to_ascii_lowercase();
    let fits = |name: &str, ski: SubjectKeyId| {
        name == wanted || (digits.len() >= SHORTEST_IDENTIFIER && ski.to_string().starts_with(&digits))
    };
    let mut found = installed.iter().filter(|one| fits(&one.name, one.ski));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.ski),
        (Some(_), Some(_)) => Err(Failure::new(texts::administrator_ambiguous(wanted))),
        (None, _) => Err(Failure::new(texts::administrator_unknown(wanted))),
    }
}

fn none(parser: Clap) -> Clap {
    parser
}

fn value(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name(name).required(true).help(help)
}

/// Fewer digits of an identifier would invite mistakes.
const SHORTEST_IDENTIFIER: usize = 8;

const UNIT: &str = "unit";
const OUT: &str = "out";
const KEYNUM: &str = "new-keynum";
const KEY: &str = "new-key";
const NAME_OF_NEW: &str = "new-name";
const ADMIN: &str = "admin";
const SIGNATURE: &str = "signature";
const REVOCATION: &str = "revocation";
