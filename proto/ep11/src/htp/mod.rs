//! HTP strings: the text form in which requests and responses travel inside JSON.
//!
//! A request names the crypto module by its index and carries a CPRB in hexadecimal; a response carries an error block
//! of fixed width and, when that says success, a CPRB. Specification: TKE administration protocol, section 2.

mod error;
mod meanings;
mod request;
mod response;

pub use error::HtpError;
pub use request::HtpRequest;
pub use response::HtpResponse;
