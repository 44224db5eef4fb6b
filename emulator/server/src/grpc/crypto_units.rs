//! The methods of `CryptoUnits`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_ep11::VerificationPattern;
use hpcs_grpc::emulator::v1::{
    self as wire, CryptoUnitState, InspectCryptoUnitRequest, ListCryptoUnitsRequest, ListCryptoUnitsResponse,
    NewRegisterStatus, SubmitRequest, SubmitResponse,
};
use hpcs_service::{CryptoUnitCard, CryptoUnitKind, Operation, Payload, Refusal, Submit, UnitReport};
use prost::Message;

use super::glimpse::{Glimpse, glimpse};
use super::message::Broken;
use super::registry::{Decoded, Then, decoded, identifier};

pub(super) fn list(message: &Bytes) -> Result<Decoded, Refusal> {
    let ListCryptoUnitsRequest { instance } = decoded(message)?;
    Ok((Operation::ListCryptoUnits { instance: identifier("instance", &instance)? }, Then::Answer))
}

pub(super) fn listed(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::CryptoUnits(units) = answer else { return Err(Refusal::Internal) };
    Ok(ListCryptoUnitsResponse { units: units.iter().map(unit).collect() }.encode_to_vec())
}

pub(super) fn inspect(message: &Bytes) -> Result<Decoded, Refusal> {
    let InspectCryptoUnitRequest { instance, unit } = decoded(message)?;
    let instance = identifier("instance", &instance)?;
    Ok((Operation::InspectCryptoUnit { instance, unit: identifier("unit", &unit)? }, Then::Answer))
}

pub(super) fn inspected(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::CryptoUnit(report) = answer else { return Err(Refusal::Internal) };
    Ok(state(&report).encode_to_vec())
}

pub(super) fn submit(message: &Bytes) -> Result<Decoded, Refusal> {
    let SubmitRequest { instance, unit, payload } = decoded(message)?;
    let instance = identifier("instance", &instance)?;
    Ok((Operation::submit(instance, identifier("unit", &unit)?, payload), Then::Answer))
}

/// A message that cannot be read is a refused command when it can be made out for which unit it was.
pub(super) fn broken(broken: Broken) -> Operation {
    let Broken { head, refusal } = broken;
    match glimpse(&head) {
        Some(Glimpse { instance, unit, payload }) => {
            Operation::Submit(Submit { instance, unit, payload: Payload::Broken { head: payload, refusal } })
        }
        None => Operation::Unreadable(refusal),
    }
}

pub(super) fn submitted(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Htp(response) = answer else { return Err(Refusal::Internal) };
    Ok(SubmitResponse { payload: response.into_bytes() }.encode_to_vec())
}

pub(super) fn unit(card: &CryptoUnitCard) -> wire::CryptoUnit {
    let kind = match card.kind {
        CryptoUnitKind::Operational => wire::CryptoUnitKind::Operational,
        CryptoUnitKind::Recovery => wire::CryptoUnitKind::Recovery,
        CryptoUnitKind::Failover => wire::CryptoUnitKind::Failover,
    };
    wire::CryptoUnit {
        id: card.id.to_string(),
        kind: kind.into(),
        location: card.location.to_string(),
        serial_number: card.serial.to_string(),
    }
}

fn state(report: &UnitReport) -> CryptoUnitState {
    let UnitReport { card, status } = report;
    let pattern = |pattern: Option<VerificationPattern>| pattern.map(|found| hex::encode(found.0)).unwrap_or_default();
    let new_register = match status.new_register {
        hpcs_hsm::NewRegisterStatus::Empty => NewRegisterStatus::Empty,
        hpcs_hsm::NewRegisterStatus::FullUncommitted => NewRegisterStatus::FullUncommitted,
        hpcs_hsm::NewRegisterStatus::FullCommitted => NewRegisterStatus::FullCommitted,
    };
    let administrators = status.administrators.iter();
    CryptoUnitState {
        unit: Some(unit(card)),
        imprint_mode: status.imprint_mode,
        signature_threshold: status.signature_threshold.into(),
        revocation_signature_threshold: status.revocation_threshold.into(),
        administrators: administrators
            .map(|(id, name)| wire::Administrator { id: hex::encode(id.0), name: name.clone() })
            .collect(),
        new_register: new_register.into(),
        new_verification_pattern: pattern(status.new_pattern),
        current_verification_pattern: pattern(status.current_pattern),
        transaction_counter: hex::encode(status.counter.to_bytes()),
        domain_instance: hex::encode(status.domain.instance.0),
        permissions: status.permissions.0,
        control_points: hex::encode(status.control_points.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
    const UNIT: &str = "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8";

    fn encoded(instance: &str, unit: &str) -> Bytes {
        let payload = Bytes::from_static(b"9;PCI request");
        SubmitRequest { instance: instance.into(), unit: unit.into(), payload }.encode_to_vec().into()
    }

    #[test]
    fn a_malformed_identifier_names_its_field() {
        for (message, culprit) in [(encoded("x", UNIT), "instance"), (encoded(INSTANCE, ""), "unit")] {
            match submit(&message) {
                Err(Refusal::InvalidArgument { field, .. }) => assert_eq!(field, culprit),
                _ => panic!("{culprit}"),
            }
        }
        assert!(submit(&encoded(INSTANCE, UNIT)).is_ok());
    }

    #[test]
    fn a_broken_message_is_a_command_to_the_unit_it_names() {
        let head = encoded(INSTANCE, UNIT);
        let refusal = Refusal::TooLarge { limit: 1 };
        match broken(Broken { head, refusal: refusal.clone() }) {
            Operation::Submit(Submit { instance, unit, payload: Payload::Broken { head, refusal: found } }) => {
                assert_eq!((instance.to_string(), unit.to_string()), (INSTANCE.to_owned(), UNIT.to_owned()));
                assert_eq!((&head[..], found), (&b"9;PCI request"[..], refusal));
            }
            _ => panic!("not a command"),
        }
    }

    #[test]
    fn a_broken_message_for_nobody_is_refused_as_it_is() {
        let refusal = Refusal::Undecodable("why".to_owned());
        match broken(Broken { head: Bytes::from_static(b"\xff"), refusal: refusal.clone() }) {
            Operation::Unreadable(found) => assert_eq!(found, refusal),
            _ => panic!("a command"),
        }
    }
}
