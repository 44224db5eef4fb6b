//! Passwords of key files.

use zeroize::Zeroizing;

/// A password. It cannot be printed or copied, and is cleared when it is dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over the text; the caller keeps no copy.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same text: the question that confirms a new password.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// The text, for whoever sends it: tokens of signing services are typed as passwords are.
    #[must_use]
    pub fn into_text(self) -> Zeroizing<String> {
        self.0
    }

    /// The bytes, as they were given.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
