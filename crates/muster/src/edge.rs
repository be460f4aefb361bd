//! What surrounds every request: id, span, access line, limits, panic guard; and the few addresses that are not
//! SCIM's.

mod access;
mod admission;
mod budgeted_body;
pub(crate) mod client_address;
mod guards;
mod head;
mod lingering_body;
mod operations;
mod refusal;
mod request_id;
mod route;
mod router;

pub(crate) use router::{EdgeSettings, router, router_of_worker};
