//! `catalog`: the table of all documented actions.

use clap::Args;
use hpcs_audit::Severity;
use hpcs_audit::catalogue::{CATALOGUE, Row, Status};
use serde::Serialize;

use super::{Failure, Surroundings};

/// Flags of `catalog`.
#[derive(Args)]
pub(super) struct CatalogArgs {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Prints the catalogue.
pub(super) fn run(arguments: &CatalogArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let entries = CATALOGUE.iter().map(Entry::of);
    if arguments.json {
        let entries: Vec<_> = entries.collect();
        serde_json::to_writer_pretty(&mut *here.stdout, &entries).map_err(std::io::Error::from)?;
        writeln!(here.stdout)?;
    } else {
        let width = CATALOGUE.iter().map(|row| row.action.len()).max().unwrap_or_default();
        for Entry { action, status, severity, description, .. } in entries {
            let severity = word(severity);
            writeln!(here.stdout, "{action:width$}  {status:11}  {severity:8}  {description}")?;
        }
    }
    here.stdout.flush()?;
    Ok(0)
}

/// One action.
#[derive(Serialize)]
struct Entry {
    action: &'static str,
    legacy_action: Option<&'static str>,
    /// Whether the emulator emits it: implemented, planned, or an erratum of the documents.
    status: &'static str,
    /// The severity before the status code is considered.
    severity: Severity,
    type_uri: &'static str,
    data_event: bool,
    request_data: Vec<&'static str>,
    response_data: Vec<&'static str>,
    description: &'static str,
    note: &'static str,
}

impl Entry {
    fn of(row: &Row) -> Self {
        Entry {
            action: row.action,
            legacy_action: row.legacy_action,
            status: match row.status {
                Status::Implemented => "implemented",
                Status::Planned => "planned",
                Status::Erratum => "erratum",
            },
            severity: row.base_severity.severity(),
            type_uri: row.type_uri,
            data_event: row.data_event,
            request_data: row.request_fields.iter().map(|field| field.path).collect(),
            response_data: row.response_fields.iter().map(|field| field.path).collect(),
            description: row.description,
            note: row.note,
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Normal => "normal",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
