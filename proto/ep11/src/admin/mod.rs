//! Administrative messages: queries and commands to a crypto unit, and its answers.
//!
//! Each message has an outer SEQUENCE, an inner *block*, and signatures over the block exactly as it was sent. So the
//! outer types keep the block as bytes, and nobody ever encodes a received block again. Specification: TKE
//! administration protocol, sections 4.3 to 4.6.

mod block;
mod request;
mod response;
mod response_block;

pub use block::AdminBlock;
pub use request::AdminRequest;
pub use response::AdminResponse;
pub use response_block::AdminResponseBlock;
