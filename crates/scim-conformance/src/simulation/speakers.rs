//! The identity providers, one file each. What they send is in their own documentation and in recorded traffic.

pub(super) mod entra;
pub(super) mod entra_flag;
pub(super) mod generic;
pub(super) mod jumpcloud;
pub(super) mod okta;
pub(super) mod okta_v1;
pub(super) mod onelogin;
pub(super) mod ping;
