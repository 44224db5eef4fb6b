//! The columns of a row, for the tables beside this file.

use hpcs_names::ServiceName;

use crate::catalogue::{BaseSeverity, Family, Field, Plan, Row, Status};

/// A row of Hyper Protect Crypto Services.
pub(super) const fn hs_crypto(
    action: &'static str,
    family: Family,
    plans: &'static [Plan],
    base_severity: BaseSeverity,
) -> Row {
    row(ServiceName::HsCrypto, action, family, plans, base_severity)
}

/// A row of Key Protect.
pub(super) const fn key_protect(action: &'static str, family: Family, base_severity: BaseSeverity) -> Row {
    row(ServiceName::Kms, action, family, KEY_PROTECT, base_severity)
}

const fn row(
    service: ServiceName,
    action: &'static str,
    family: Family,
    plans: &'static [Plan],
    base_severity: BaseSeverity,
) -> Row {
    Row {
        service,
        action,
        legacy_action: None,
        family,
        plans,
        base_severity,
        type_uri: "",
        request_fields: &[],
        response_fields: &[],
        data_event: false,
        phrase: "",
        status: Status::Planned,
        description: "",
        note: "",
    }
}

impl Row {
    /// The historical name.
    pub(super) const fn formerly(self, action: &'static str) -> Row {
        Row { legacy_action: Some(action), ..self }
    }

    /// The target's type URI.
    pub(super) const fn target(self, type_uri: &'static str) -> Row {
        Row { type_uri, ..self }
    }

    /// A data event with this verb and object in its message.
    pub(super) const fn data_event(self, phrase: &'static str) -> Row {
        Row { data_event: true, phrase, ..self }
    }

    /// A management event with this verb and object in its message.
    pub(super) const fn management_event(self, phrase: &'static str) -> Row {
        Row { data_event: false, phrase, ..self }
    }

    /// Members of `requestData`.
    pub(super) const fn request(self, request_fields: &'static [Field]) -> Row {
        Row { request_fields, ..self }
    }

    /// Members of `responseData`.
    pub(super) const fn response(self, response_fields: &'static [Field]) -> Row {
        Row { response_fields, ..self }
    }

    /// Description and note.
    pub(super) const fn about(self, description: &'static str, note: &'static str) -> Row {
        Row { description, note, ..self }
    }

    /// An operation emits the action.
    pub(super) const fn implemented(self) -> Row {
        Row { status: Status::Implemented, ..self }
    }

    /// The action is a misprint.
    pub(super) const fn erratum(self) -> Row {
        Row { status: Status::Erratum, ..self }
    }
}

/// A member that the service's own page documents.
pub(super) const fn documented(path: &'static str) -> Field {
    Field { path, documented: true }
}

/// A member that is documented for a sibling service, or recommended.
pub(super) const fn recommended(path: &'static str) -> Field {
    Field { path, documented: false }
}

pub(super) const URI: Field = documented("requestURI");
pub(super) const INSTANCE: Field = documented("instanceID");

pub(super) const STANDARD: &[Plan] = &[Plan::Standard];
pub(super) const UKO: &[Plan] = &[Plan::Uko];
pub(super) const STANDARD_AND_UKO: &[Plan] = &[Plan::Standard, Plan::Uko];
pub(super) const NO_PLAN: &[Plan] = &[];
const KEY_PROTECT: &[Plan] = &[Plan::KeyProtect];
