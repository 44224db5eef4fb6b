//! Faults on purpose: every step of a commit that can fail, by name.
//!
//! The points are always compiled, so that what is tested is what runs. [`NoFaults`] is what everyone but a test uses.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A step of a commit, of a group of commits, or of opening a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultPoint {
    /// The transaction begins.
    Begin,
    /// Records are locked and their versions are read.
    Check,
    /// A record is written.
    WriteRecord,
    /// An event is written.
    WriteEvent,
    /// The head of a log is written.
    WriteLog,
    /// The row that tells the outcome is written.
    WriteOutcome,
    /// The transaction is committed and synchronised.
    Commit,
    /// Old events are cut away.
    Cut,
    /// Outcomes that nobody knows are looked up.
    Settle,
    /// Old values are cleared away after a commit. Only where the backend has something to clear.
    Erase,
}

impl FaultPoint {
    /// Every point.
    pub const ALL: [FaultPoint; 10] = [
        FaultPoint::Begin,
        FaultPoint::Check,
        FaultPoint::WriteRecord,
        FaultPoint::WriteEvent,
        FaultPoint::WriteLog,
        FaultPoint::WriteOutcome,
        FaultPoint::Commit,
        FaultPoint::Cut,
        FaultPoint::Settle,
        FaultPoint::Erase,
    ];
}

impl fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultPoint::Begin => "begin",
            FaultPoint::Check => "check",
            FaultPoint::WriteRecord => "write record",
            FaultPoint::WriteEvent => "write event",
            FaultPoint::WriteLog => "write log",
            FaultPoint::WriteOutcome => "write outcome",
            FaultPoint::Commit => "commit",
            FaultPoint::Cut => "cut",
            FaultPoint::Settle => "settle",
            FaultPoint::Erase => "erase",
        })
    }
}

/// What happens at a point.
pub enum Fault {
    /// Nothing: the step is taken.
    None,
    /// The step is not taken and fails.
    Fail,
    /// The step is taken, and its answer is lost.
    AnswerLost,
    /// The step is not taken, and the answer is lost all the same.
    StepLost,
    /// The step waits for this before it is taken.
    Hang(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// Decides what happens at each point.
pub trait Faults: Send + Sync {
    /// Asked once each time a point is passed.
    fn at(&self, point: FaultPoint) -> Fault;
}

/// No faults but those of the world.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn at(&self, _: FaultPoint) -> Fault {
        Fault::None
    }
}
