//! Access tokens.

use tonic::metadata::{Ascii, MetadataValue};
use zeroize::Zeroizing;

use super::ServiceError;

/// An access token. It cannot be printed; whoever stores it calls [`Token::expose`].
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Takes over the token's text. Blanks around it do not count.
    ///
    /// # Errors
    /// [`ServiceError::BadToken`] when it has characters that cannot stand in a header.
    pub fn new(text: String) -> Result<Self, ServiceError> {
        let text = Zeroizing::new(text);
        let token = Self(Zeroizing::new(text.trim().to_owned()));
        token.header().map(|_| token)
    }

    /// The text, without `Bearer`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of the `authorization` header.
    pub(super) fn header(&self) -> Result<MetadataValue<Ascii>, ServiceError> {
        let text = Zeroizing::new(format!("Bearer {}", self.0.as_str()));
        let mut value = MetadataValue::try_from(text.as_str()).map_err(|_| ServiceError::BadToken)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_marked_sensitive_and_does_not_print() {
        let header = Token::new(" secret.token\n".to_owned()).unwrap().header().unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer secret.token");
        assert!(!format!("{header:?}").contains("secret"));
    }

    #[test]
    fn a_token_of_two_lines_is_refused() {
        assert!(matches!(Token::new("a\nb".to_owned()), Err(ServiceError::BadToken)));
    }
}
