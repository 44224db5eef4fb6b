//! Return codes and reason codes of crypto units, and the texts clients show for them.
//!
//! A unit answers a command with a return code, which has the meaning of the PKCS#11 code of that number only roughly,
//! and for most refusals with a reason code that says more. Specification: TKE administration protocol, section 13;
//! texts: TKE workflows, section 2.4.

mod reasons;
mod returns;
mod texts;

pub use reasons::{ReasonCode, reason_meaning};
pub use returns::ReturnCode;
pub use texts::client_text;
