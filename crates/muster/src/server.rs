//! Sockets: the accept loop, TLS, and the orderly stop.

pub(crate) mod accept;
mod certificate;
mod connection;
mod limits;
pub(crate) mod stop;
pub(crate) mod tls;
