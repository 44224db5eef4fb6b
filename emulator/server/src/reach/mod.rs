//! How clients reach the emulator under the names of the cloud: certificates for every name, and the hosts that it
//! stands in for.
//!
//! ```text
//! HTTPS_PROXY    -> CONNECT tke.us-south.hs-crypto.cloud.ibm.com:443 -> TLS ends here -> HTTP
//! a hosts file   ->                                                     TLS ends here -> HTTP
//! a plain client ->                                                                      HTTP
//! ```
//!
//! No connection is ever opened to another machine.

mod authority;
mod hosts;
mod tls;

pub(crate) use authority::{Authority, AuthorityError};
pub(crate) use hosts::{Endpoint, is_documented};
pub(crate) use tls::Tls;
