//! `hs-crypto.tke-cryptounit-admin.add`: an administrator is installed.

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::Fields;
use hpcs_ep11::{AdminCertificate, AdminFunction};

use super::{Asked, TkeAction, administrator_ids};

/// Request: `adminId`. Answer: `adminIds`, all that are installed after the change.
///
/// The documents describe the id as the SHA-256 of the signature key file, which the unit never sees; it is the subject
/// key identifier.
pub(super) const ACTION: TkeAction =
    TkeAction { function: AdminFunction::ADD_ADMINISTRATOR, row: tke::ADMIN_ADD, asked, answered: administrator_ids };

fn asked(fields: Fields, asked: &Asked<'_>) -> Fields {
    match asked.input.map(AdminCertificate::decode) {
        Some(Ok(certificate)) => fields.with("adminId", hex::encode(certificate.key.subject_key_id().0)),
        _ => fields,
    }
}
