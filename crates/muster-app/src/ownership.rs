//! Who owns what: what a connection sees, and what happens when it wants something that belongs to somebody whom it does
//! not see (docs/adr/0017).

mod conflicts;
mod policy;
mod release;
mod takeover;

pub(crate) use conflicts::refused;
pub use conflicts::{ConflictDetails, ConflictFilter, adopt, ignore, list, show};
pub use policy::AdoptionPolicy;
pub use release::{release, release_all};
pub(crate) use takeover::take_over;
