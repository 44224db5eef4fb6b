//! `root`: the public values of the key that all certificates of crypto modules end at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use hpcs_ep11::{OaGeneration, PublicKey, SubjectKeyId, development_root};
use hpcs_hsm::Profile;
use serde::Serialize;

use super::{Failure, Surroundings};

/// Flags of `root`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator root
  hpcs-emulator root --format json | jq -r .ski
  hpcs-emulator root --format pem > root.pem

Every crypto module proves itself with certificates that end at a root key. A client of the real service
knows the manufacturer's roots; modules of the emulator end at the emulator's own, which is the same in every
installation. tke knows it. In any other client its values replace the constants of the manufacturer's
roots; docs/attestation.md says how.

The private key is public knowledge: everybody can make it. A client that trusts this root believes
everybody, and must never administer real crypto units.")]
pub(super) struct RootArgs {
    /// How to print it: text explains, json is for programs, pem is the public key alone
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Pem,
}

/// Prints the root. Needs no running emulator.
pub(super) fn run(arguments: &RootArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let root = Root::development();
    match arguments.format {
        Format::Text => root.explain(here)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *here.stdout, &root).map_err(std::io::Error::from)?;
            writeln!(here.stdout)?;
        }
        Format::Pem => here.stdout.write_all(root.pem.as_bytes())?,
    }
    here.stdout.flush()?;
    Ok(0)
}

/// The root, as `--format json` prints it. All numbers are lower-case hexadecimal digits.
#[derive(Serialize)]
struct Root {
    curve: &'static str,
    /// SHA-512 over the point, the first 32 bytes: 64 digits.
    ski: String,
    /// Coordinates, 132 digits each.
    x: String,
    y: String,
    /// The uncompressed point, 266 digits: `04`, x, y.
    point: String,
    /// SubjectPublicKeyInfo.
    pem: String,
    /// What it replaces in a client, one for each generation of modules.
    replaces: Vec<Replaced>,
}

/// The root of the manufacturer that clients know for a generation of modules.
#[derive(Serialize)]
struct Replaced {
    profile: &'static str,
    /// The layout of its certificates: `CEX5`, `OA2` or `OA3`.
    layout: String,
    /// Its identifier; `null` where certificates have none.
    ski: Option<&'static str>,
}

impl Root {
    fn development() -> Self {
        let key = development_root().public();
        let point = key.to_point();
        let SubjectKeyId(ski) = key.oa_key_id();
        let (x, y) = point.split_at(1).1.split_at(COORDINATE_SIZE);
        Root {
            curve: "P-521",
            ski: hex::encode(ski),
            x: hex::encode(x),
            y: hex::encode(y),
            point: hex::encode(point),
            pem: pem(&PublicKey::P521(key).to_spki()),
            replaces: Profile::ALL.map(Replaced::of).into(),
        }
    }

    fn explain(&self, here: &mut Surroundings<'_>) -> Result<(), Failure> {
        let Root { curve, ski, x, y, point, pem, replaces } = self;
        let out = &mut here.stdout;
        writeln!(out, "The root key of all emulated crypto modules, on {curve}\n")?;
        writeln!(out, "SKI    {ski}\nX      {x}\nY      {y}\nPoint  {point}\n\n{pem}")?;
        writeln!(out, "Clients of the real service hold constants of the manufacturer's roots. For modules of")?;
        for Replaced { profile, layout, ski } in replaces {
            match ski {
                Some(ski) => writeln!(
                    out,
                    "  {profile}  replace, where {layout} certificates are verified, the root SKI\n        \
                     {ski}\n        and the X and Y that belong to it"
                )?,
                None => writeln!(
                    out,
                    "  {profile}  replace, where {layout} certificates are verified, X and Y of the root; it has no SKI"
                )?,
            }
        }
        writeln!(
            out,
            "by the values above. Modules are of the generation of their region, or of the profile that their"
        )?;
        writeln!(out, "instance was created with. Never do this to a client of real crypto units.")?;
        Ok(())
    }
}

impl Replaced {
    fn of(profile: Profile) -> Self {
        let layout: OaGeneration = profile.oa_generation();
        Replaced { profile: profile.as_str(), layout: layout.to_string(), ski: manufacturers_root(profile) }
    }
}

/// A SubjectPublicKeyInfo as PEM.
fn pem(spki: &[u8]) -> String {
    let body = STANDARD.encode(spki);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for (place, digit) in body.chars().enumerate() {
        if place > 0 && place % PEM_LINE == 0 {
            pem.push('\n');
        }
        pem.push(digit);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    pem
}

/// The identifier of the root that clients of the real service know (specification, section 14.11).
fn manufacturers_root(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::Cex5 => None,
        Profile::Cex6 => Some("5f4717480b75b8bcbc224c62dfbd7a3b8987e54193d40a1a664fa221e5387123"),
        Profile::Cex7 => Some("b23884d4dea35eaabab109e0a6c400b2f5bea652f14ab23d2a47220696eb0e6b"),
        Profile::Cex8 => Some("96c87ef655f67918b4f38c612ed9e492fe152555a63cd5fe2b719ee77b3277f6"),
    }
}

/// Bytes of a coordinate on P-521.
const COORDINATE_SIZE: usize = 66;
/// Characters in a line of PEM.
const PEM_LINE: usize = 64;

#[cfg(test)]
mod tests {
    use clap::Parser;
    use hpcs_ep11::P521PublicKey;

    use super::*;
    use crate::cli::{Cli, run};
    use crate::{Log, shell};

    async fn root(flags: &[&str]) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let surroundings = Surroundings {
            stdin: &mut &b""[..],
            stdout: &mut out,
            stderr: &mut err,
            read_hidden: &mut || Err(std::io::Error::other("no terminal")),
            variables: Vec::new(),
            log: Log::silent(),
            interrupted: Box::new(|| Box::pin(std::future::pending())),
            world: shell::world,
        };
        let cli = Cli::try_parse_from([&["hpcs-emulator", "root"], flags].concat()).unwrap();
        assert_eq!((run(cli, surroundings).await, err), (0, Vec::new()));
        String::from_utf8(out).unwrap()
    }

    async fn json() -> serde_json::Value {
        serde_json::from_str(&root(&["--format", "json"]).await).unwrap()
    }

    #[tokio::test]
    async fn the_forms_are_of_one_key_and_that_is_the_development_root() {
        let json = json().await;
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        assert_eq!((text("ski").len(), text("x").len(), text("y").len()), (64, 132, 132));
        assert_eq!(text("point"), format!("04{}{}", text("x"), text("y")));
        let key = P521PublicKey::from_point(&hex::decode(text("point")).unwrap()).unwrap();
        assert_eq!((key, text("ski")), (development_root().public(), key.oa_key_id().to_string()));
        assert_eq!(text("pem"), root(&["--format", "pem"]).await);
        assert_eq!(text("curve"), "P-521");
    }

    #[tokio::test]
    async fn pem_has_lines_of_64_characters_around_the_key() {
        let pem = root(&["--format", "pem"]).await;
        let lines: Vec<&str> = pem.lines().collect();
        let [begin, body @ .., last, end] = &lines[..] else { panic!("{pem}") };
        assert_eq!((*begin, *end), ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"));
        assert!(body.iter().all(|line| line.len() == 64) && (1..=64).contains(&last.len()), "{pem}");
        let spki = STANDARD.decode(body.concat() + last).unwrap();
        assert_eq!(PublicKey::from_spki(&spki), Ok(PublicKey::P521(development_root().public())));
    }

    #[tokio::test]
    async fn json_has_the_documented_members_and_says_what_is_replaced_for_each_generation() {
        let json = json().await;
        let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["curve", "pem", "point", "replaces", "ski", "x", "y"]);
        let replaced = json["replaces"].as_array().unwrap().iter();
        let replaced: Vec<_> =
            replaced.map(|one| (one["profile"].as_str().unwrap(), one["layout"].as_str().unwrap())).collect();
        assert_eq!(replaced, [("CEX5", "CEX5"), ("CEX6", "OA2"), ("CEX7", "OA2"), ("CEX8", "OA3")]);
        assert!(json["replaces"][0]["ski"].is_null());
        for replaced in &json["replaces"].as_array().unwrap()[1..] {
            assert_eq!(replaced["ski"].as_str().unwrap().len(), 64);
        }
    }

    #[tokio::test]
    async fn text_has_all_values_and_every_generation() {
        let (text, json) = (root(&[]).await, json().await);
        for member in ["ski", "x", "y", "point", "pem"] {
            assert!(text.contains(json[member].as_str().unwrap()), "{member}\n{text}");
        }
        for profile in Profile::ALL {
            assert!(text.contains(&format!("\n  {profile}  ")), "{text}");
            assert!(manufacturers_root(profile).is_none_or(|ski| text.contains(ski)), "{text}");
        }
    }

    #[test]
    fn another_format_is_wrong_usage() {
        assert!(Cli::try_parse_from(["hpcs-emulator", "root", "--format", "der"]).is_err());
    }
}
