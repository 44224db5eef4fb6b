//! What is reported once a period, however often it happens.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Lets one report a period through and counts the others.
pub(crate) struct Seldom {
    period: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: Option<Instant>,
    kept_back: u64,
}

impl Seldom {
    pub(crate) fn new(period: Duration) -> Self {
        Seldom { period, state: Mutex::default() }
    }

    /// Whether it is time for a report; then with the number of those kept back since the last one.
    pub(crate) fn due(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if state.last.is_some_and(|last| now.duration_since(last) < self.period) {
            state.kept_back += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.kept_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_report_a_period_says_how_many_were_kept_back() {
        let seldom = Seldom::new(Duration::from_secs(60));
        assert_eq!([seldom.due(), seldom.due(), seldom.due()], [Some(0), None, None]);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(seldom.due(), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!([seldom.due(), seldom.due()], [Some(3), None]);
    }
}
