//! Faults as a test asks for them.

use std::collections::HashMap;
use std::sync::Mutex;

use hpcs_store::{Fault, FaultPoint, Faults};
use tokio::sync::{Notify, oneshot};

/// Each fault happens once, at the next passing of its point.
#[derive(Default)]
pub struct Script {
    next: Mutex<HashMap<FaultPoint, Vec<Fault>>>,
    reached: Notify,
}

impl Script {
    pub fn once(&self, point: FaultPoint, fault: Fault) {
        self.next.lock().unwrap().entry(point).or_default().push(fault);
    }

    /// Makes a step wait. Sending to the answer, or dropping it, releases it.
    pub fn hold(&self, point: FaultPoint) -> oneshot::Sender<()> {
        let (release, released) = oneshot::channel();
        self.once(point, Fault::Hang(Box::pin(async move { drop(released.await) })));
        release
    }

    /// Waits until a fault has begun.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }
}

impl Faults for Script {
    fn at(&self, point: FaultPoint) -> Fault {
        let fault = self
            .next
            .lock()
            .unwrap()
            .get_mut(&point)
            .filter(|faults| !faults.is_empty())
            .map(|faults| faults.remove(0));
        if fault.is_some() {
            self.reached.notify_one();
        }
        fault.unwrap_or(Fault::None)
    }
}
