//! How long requests took, by route: for whoever wants to know the emulator's share of what a client waits for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Numbers and durations of the requests that were answered since the start.
#[derive(Default)]
pub(crate) struct Timings(Mutex<BTreeMap<Route, Total>>);

/// A method and the path of its row, with the names in braces.
type Route = (&'static str, &'static str);

#[derive(Clone, Copy, Default)]
struct Total {
    requests: u64,
    time: Duration,
}

impl Timings {
    /// A request was answered after this time. Of answers that are streams, the time to their beginning.
    pub(crate) fn add(&self, method: &'static str, route: &'static str, time: Duration) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = totals.entry((method, route)).or_default();
        total.requests += 1;
        total.time += time;
    }

    /// The totals in the text format of Prometheus: a summary, in seconds.
    pub(crate) fn render(&self) -> String {
        let totals = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = format!("# HELP {NAME} Time from a request's head to its answer.\n# TYPE {NAME} summary\n");
        for ((method, route), Total { requests, time }) in totals {
            let labels = format!("{{method=\"{method}\",route=\"{route}\"}}");
            // Writing to a text has no way to fail.
            let _ = writeln!(text, "{NAME}_sum{labels} {:.9}\n{NAME}_count{labels} {requests}", time.as_secs_f64());
        }
        text
    }
}

const NAME: &str = "hpcs_http_request_duration_seconds";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_rendered_by_route() {
        let timings = Timings::default();
        timings.add("POST", "/v1/tke/{instance}/hsms/{hsm}", Duration::from_millis(2));
        timings.add("POST", "/v1/tke/{instance}/hsms/{hsm}", Duration::from_micros(500));
        timings.add("GET", "/_emulator/clock", Duration::from_nanos(7));
        let expected = "\
# HELP hpcs_http_request_duration_seconds Time from a request's head to its answer.
# TYPE hpcs_http_request_duration_seconds summary
hpcs_http_request_duration_seconds_sum{method=\"GET\",route=\"/_emulator/clock\"} 0.000000007
hpcs_http_request_duration_seconds_count{method=\"GET\",route=\"/_emulator/clock\"} 1
hpcs_http_request_duration_seconds_sum{method=\"POST\",route=\"/v1/tke/{instance}/hsms/{hsm}\"} 0.002500000
hpcs_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/tke/{instance}/hsms/{hsm}\"} 2
";
        assert_eq!(timings.render(), expected);
    }
}
