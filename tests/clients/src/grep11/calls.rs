//! What a client called, as its side of the wire shows it, held against the emulator's event log.

use std::fmt;

use serde::Deserialize;

use crate::Failure;

/// A call, seen from the client's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// `/grep11.Crypto/<Method>`; what a client tells of its transport shows no path.
    path: Option<String>,
    /// The gRPC status; none when there was no answer.
    status: Option<u32>,
}

/// What an event says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    uri: String,
    outcome: String,
}

impl Call {
    /// Reads what the relay tells: path, tab, status.
    pub(crate) fn of_relay(told: &str) -> Result<Vec<Self>, Failure> {
        let call = |line: &str| {
            let (path, status) = line.split_once('\t').ok_or_else(|| format!("the relay told no call: {line}"))?;
            Ok(Call { path: Some(path.to_owned()), status: status.parse().ok() })
        };
        told.lines().map(call).collect()
    }

    /// Reads the statuses out of what a Go client tells of its transport (`GODEBUG=http2debug=2`).
    pub(crate) fn of_transport(told: &str) -> Vec<Self> {
        let statuses = told.lines().filter_map(|line| line.split_once(STATUS)?.1.split('"').next());
        statuses.map(|status| Call { path: None, status: status.parse().ok() }).collect()
    }
}

/// What a client wrote, without what it tells of its transport.
pub(crate) fn without_transport(told: &str) -> String {
    told.lines().filter(|line| !line.contains(" http2: ")).collect::<Vec<_>>().join("\n")
}

impl Logged {
    /// Reads events, one a line.
    pub(crate) fn read(lines: &str) -> Result<Vec<Self>, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Event {
            outcome: String,
            request_data: RequestData,
        }
        #[derive(Deserialize)]
        struct RequestData {
            #[serde(rename = "requestURI")]
            uri: String,
        }
        let logged = |line: &str| {
            let event: Event = serde_json::from_str(line).map_err(|error| format!("{error} in the event {line}"))?;
            Ok(Logged { uri: event.request_data.uri, outcome: event.outcome })
        };
        lines.lines().map(logged).collect()
    }

    fn is_of(&self, call: &Call) -> bool {
        let outcome = if call.status == Some(0) { "success" } else { "failure" };
        self.outcome == outcome && call.path.as_ref().is_none_or(|path| *path == self.uri)
    }
}

/// Whether every call, answered or refused, left exactly one event, in order. The error names the first difference.
pub(crate) fn compare(calls: &[Call], logged: &[Logged]) -> Result<(), String> {
    let same = calls.iter().zip(logged).take_while(|(call, event)| event.is_of(call)).count();
    if same == calls.len() && same == logged.len() {
        return Ok(());
    }
    let told = |one: Option<String>| one.unwrap_or_else(|| "nothing".to_owned());
    Err(format!(
        "the event log is not what the client called: {} calls, {} events; after {same} equal ones the client had {}, the \
         log has {}",
        calls.len(),
        logged.len(),
        told(calls.get(same).map(ToString::to_string)),
        told(logged.get(same).map(ToString::to_string)),
    ))
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_deref().unwrap_or("a call");
        match self.status {
            Some(status) => write!(f, "{path} with status {status}"),
            None => write!(f, "{path} without an answer"),
        }
    }
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with outcome {}", self.uri, self.outcome)
    }
}

const STATUS: &str = "decoded hpack field header field \"grpc-status\" = \"";

#[cfg(test)]
mod tests {
    use super::*;

    fn events(events: &[(&str, &str)]) -> Vec<Logged> {
        let line = |(uri, outcome): &(&str, &str)| {
            format!(
                "{{\"outcome\":\"{outcome}\",\"requestData\":{{\"requestURI\":\"/grep11.Crypto/{uri}\"}},\"x\":1}}\n"
            )
        };
        Logged::read(&events.iter().map(line).collect::<String>()).unwrap()
    }

    #[test]
    fn calls_and_events_are_held_against_each_other_in_order() {
        let calls =
            Call::of_relay("/grep11.Crypto/Sign\t0\n/grep11.Crypto/Verify\t2\n/grep11.Crypto/Login\t-\n").unwrap();
        let all = [("Sign", "success"), ("Verify", "failure"), ("Login", "failure")];
        assert_eq!(compare(&calls, &events(&all)), Ok(()));
        for (wrong, fault) in [
            (vec![all[0], all[1]], "had /grep11.Crypto/Login without an answer, the log has nothing"),
            (vec![all[0], all[1], all[2], all[2]], "3 calls, 4 events; after 3 equal ones the client had nothing"),
            (vec![all[1], all[0], all[2]], "after 0 equal ones the client had /grep11.Crypto/Sign with status 0"),
            (vec![all[0], ("Verify", "success"), all[2]], "the log has /grep11.Crypto/Verify with outcome success"),
        ] {
            let found = compare(&calls, &events(&wrong)).unwrap_err();
            assert!(found.contains(fault), "{found}");
        }
    }

    #[test]
    fn a_client_that_tells_of_its_transport_shows_statuses_and_no_paths() {
        let told = "\
2026/11/29 19:09:53 http2: Framer 0x1: wrote HEADERS flags=END_HEADERS stream=1 len=79
2026/11/29 19:09:53 http2: decoded hpack field header field \"content-type\" = \"application/grpc\"
2026/11/29 19:09:53 http2: decoded hpack field header field \"grpc-status\" = \"0\"
it says something
2026/11/29 19:09:53 http2: decoded hpack field header field \"grpc-status\" = \"16\"
";
        let calls = Call::of_transport(told);
        assert_eq!(compare(&calls, &events(&[("Sign", "success"), ("Verify", "failure")])), Ok(()));
        assert!(compare(&calls, &events(&[("Sign", "success")])).is_err());
        assert_eq!(without_transport(told), "it says something");
    }
}
