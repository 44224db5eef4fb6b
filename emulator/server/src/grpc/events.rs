//! The methods of `Events`.

use bytes::Bytes;
use hpcs_audit::{Outcome, Severity};
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::ReadEventsRequest;
use hpcs_service::{Operation, Refusal};
use hpcs_store::EventFilter;

use super::registry::{Decoded, Reading, decoded, identifier};

pub(super) fn read(message: &Bytes) -> Result<Decoded, Refusal> {
    let ReadEventsRequest { instance, from, follow, actions, outcomes, severities } = decoded(message)?;
    let instance = match instance.as_str() {
        "" => None,
        text => Some(identifier("instance", text)?),
    };
    let filter = EventFilter {
        actions,
        outcomes: words("outcomes", &outcomes, OUTCOMES)?,
        severities: words("severities", &severities, SEVERITIES)?,
        ..EventFilter::default()
    };
    Ok((Operation::ReadEvents { instance }, Some(Reading { from: from.max(1), follow, filter })))
}

/// Leave to read is answered by a stream, never by a message.
pub(super) fn no_message(_: Answer) -> Result<Vec<u8>, Refusal> {
    Err(Refusal::Internal)
}

fn words<T: Copy>(field: &'static str, texts: &[String], known: &[(&str, T)]) -> Result<Vec<T>, Refusal> {
    let word = |text: &String| match known.iter().find(|(name, _)| name == text) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            let why = format!("'{}' is none of {}", text.escape_debug(), names.join(", "));
            Err(Refusal::InvalidArgument { field, why })
        }
    };
    texts.iter().map(word).collect()
}

const OUTCOMES: &[(&str, Outcome)] = &[("success", Outcome::Success), ("failure", Outcome::Failure)];

const SEVERITIES: &[(&str, Severity)] =
    &[("normal", Severity::Normal), ("warning", Severity::Warning), ("critical", Severity::Critical)];

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    fn reading(request: &ReadEventsRequest) -> Result<Reading, String> {
        let message = Bytes::from(request.encode_to_vec());
        read(&message).map(|(_, reading)| reading.unwrap()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn nothing_said_means_everything_from_the_first() {
        let Reading { from, follow, filter } = reading(&ReadEventsRequest::default()).unwrap();
        assert_eq!((from, follow), (1, false));
        assert!(filter.actions.is_empty() && filter.outcomes.is_empty() && filter.severities.is_empty());
    }

    #[test]
    fn unknown_words_name_their_field_and_the_known_ones() {
        let outcomes = ReadEventsRequest { outcomes: vec!["failed".into()], ..ReadEventsRequest::default() };
        assert_eq!(reading(&outcomes).unwrap_err(), "outcomes: 'failed' is none of success, failure");
        let severities = ReadEventsRequest { severities: vec!["Critical".into()], ..ReadEventsRequest::default() };
        assert!(reading(&severities).unwrap_err().starts_with("severities: 'Critical'"));
        let instance = ReadEventsRequest { instance: "first".into(), ..ReadEventsRequest::default() };
        assert!(reading(&instance).unwrap_err().starts_with("instance: "));
    }
}
