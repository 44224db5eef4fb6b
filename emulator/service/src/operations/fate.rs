//! What became of an operation whose outcome was unknown. Who may ask is decided here; the store knows.

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationFate {
    /// It happened, with its event.
    Committed,
    /// It did not happen, and will not.
    NotCommitted,
    /// Nobody can tell yet.
    Unsettled,
}
