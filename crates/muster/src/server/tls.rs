//! TLS: protocol versions, provider, ALPN.

use std::sync::Arc;

use muster_config::TlsFiles;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;
use crate::server::certificate::{self, ReloadingCertificate};

/// An acceptor whose certificate follows its files.
pub(crate) fn acceptor(files: TlsFiles) -> Result<TlsAcceptor, Failure> {
    let provider = provider();
    let certificate = Arc::new(ReloadingCertificate::load(files, Arc::clone(&provider))?);
    tokio::spawn(Arc::clone(&certificate).watch());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::new("TLS could not be started").because(error))?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Whether the files could be used, for `muster doctor`.
pub(crate) fn check(files: &TlsFiles) -> Result<(), Failure> {
    certificate::read(files, &provider()).map(|_| ())
}

/// Named explicitly, so that no crate in the build can change it.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
