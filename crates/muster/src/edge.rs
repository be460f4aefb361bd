//! What surrounds every request: id, span, access line, time limit, panic guard; and the few addresses that are not
//! SCIM's.

mod access;
pub(crate) mod client_address;
mod guards;
mod operations;
mod request_id;
mod route;
mod router;

pub(crate) use router::{EdgeSettings, router};
