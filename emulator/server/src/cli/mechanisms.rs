//! `mechanisms`: the table of all mechanisms.

use clap::Args;
use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::MechanismFlags as Flags;
use hpcs_hsm::functions::{MECHANISMS, MechanismRow};

use super::{Failure, Surroundings};

/// Flags of `mechanisms`.
#[derive(Args)]
pub(super) struct MechanismsArgs {
    /// Print a table in Markdown, with what stands behind each mechanism
    #[arg(long)]
    markdown: bool,
}

/// Prints the mechanisms in the order in which crypto units list them.
pub(super) fn run(arguments: &MechanismsArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    if arguments.markdown {
        here.stdout.write_all(markdown().as_bytes())?;
    } else {
        let width = MECHANISMS.iter().map(|row| row.name().len()).max().unwrap_or_default();
        for row in MECHANISMS {
            let (name, since) = (row.name(), row.since.as_str());
            writeln!(here.stdout, "{:#010x}  {name:width$}  {since}  {}", row.kind.0, operations(row))?;
        }
    }
    here.stdout.flush()?;
    Ok(0)
}

/// The table of the documentation.
pub(crate) fn markdown() -> String {
    let mut table = String::from(
        "| Number | Mechanism | Operations | Key sizes | Control points | Since | Implementation | Vectors passed |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in MECHANISMS {
        let name = if row.listed { row.name().to_owned() } else { format!("{} (not listed)", row.name()) };
        let sizes = match row.sizes {
            (0, 0) => "-".to_owned(),
            (min, max) if min == max => min.to_string(),
            (min, max) => format!("{min} to {max}"),
        };
        let points: Vec<_> = row.control_points.iter().map(|point| point_name(*point)).collect();
        let points = if points.is_empty() { "-".to_owned() } else { points.join(", ") };
        let evidence = row.evidence();
        table += &format!(
            "| {:#x} | {name} | {} | {sizes} | {points} | {} | {} | {} |\n",
            row.kind.0,
            operations(row),
            row.since,
            evidence.implementation,
            evidence.vectors,
        );
    }
    table
}

fn point_name(point: u8) -> String {
    let name = ControlPoints::name(point).unwrap_or("");
    format!("{point} {}", name.strip_prefix("XCP_CPB_").unwrap_or(name))
}

/// What it is for, in words.
fn operations(row: &MechanismRow) -> String {
    let words = [
        (Flags::DIGEST, "digest"),
        (Flags::ENCRYPT, "encrypt, decrypt"),
        (Flags::SIGN, "sign"),
        (Flags::VERIFY, "verify"),
        (Flags::WRAP, "wrap"),
        (Flags::UNWRAP, "unwrap"),
        (Flags::DERIVE, "derive"),
        (Flags::GENERATE, "generate"),
        (Flags::GENERATE_KEY_PAIR, "generate pair"),
    ];
    let words: Vec<_> = words.into_iter().filter(|(flag, _)| row.flags.has(*flag)).map(|(_, word)| word).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_table_as_it_is() {
        let page = include_str!("../../../../docs/mechanisms.md");
        assert!(
            page.contains(&markdown()),
            "run `hpcs-emulator mechanisms --markdown` and put it into docs/mechanisms.md"
        );
    }
}
