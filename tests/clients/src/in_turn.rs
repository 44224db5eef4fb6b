//! Jobs, some at the same time, told of in their order.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError, mpsc};

use crate::Failure;

/// Runs the jobs and tells of each in the order of the list, whichever is ready first.
pub(crate) fn in_turn<J: Sync, R: Send>(
    jobs: &[J],
    run: impl Fn(&J) -> R + Sync,
    mut tell: impl FnMut(&J, R) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let waiting = Mutex::new(jobs.iter().enumerate().collect::<VecDeque<_>>());
    let (done, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (done, run, waiting) = (done.clone(), &run, &waiting);
            scope.spawn(move || {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((place, job)) = next else { break };
                    if done.send((place, run(job))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let mut ready: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
        let mut told = 0;
        for (place, result) in results {
            ready[place] = Some(result);
            while let Some(result) = ready.get_mut(told).and_then(Option::take) {
                tell(&jobs[told], result)?;
                told += 1;
            }
        }
        Ok(())
    })
}

/// Jobs at the same time: each keeps client and emulator busy in turn.
const AT_ONCE: usize = 2;
