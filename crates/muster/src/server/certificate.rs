//! The server's certificate, read again when its files change. A bad new file keeps the old certificate in use.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use muster_config::TlsFiles;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::failure::Failure;

/// How often the files are looked at. A certificate is renewed weeks before it ends, so seconds do not matter.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

pub(crate) struct ReloadingCertificate {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
    /// The state of the files that `current` was first read from.
    first: Fingerprint,
}

/// When each file was written and how long it is; changes when a file does.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fingerprint([Option<(SystemTime, u64)>; 2]);

impl ReloadingCertificate {
    /// Reads the files; at the start a bad one is an error.
    pub(crate) fn load(files: TlsFiles, provider: Arc<CryptoProvider>) -> Result<Self, Failure> {
        // Before the reading: what changes from now on is seen as a change by the first look.
        let first = Fingerprint::of(&files);
        let current = ArcSwap::from_pointee(read(&files, &provider)?);
        Ok(Self { files, provider, current, first })
    }

    /// Looks at the files again and again. Ends with the task that runs it.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut known = self.first;
        // A failed reading is tried again at every look, because certificate and key are written one after the other;
        // it is told once for each state of the files.
        let mut failed = None;
        let mut looks = tokio::time::interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let this = Arc::clone(&self);
            let Ok(found) = tokio::task::spawn_blocking(move || Fingerprint::of(&this.files)).await else { continue };
            if found == known {
                continue;
            }
            let this = Arc::clone(&self);
            let result = tokio::task::spawn_blocking(move || read(&this.files, &this.provider)).await;
            match result {
                Ok(Ok(certificate)) => {
                    self.current.store(Arc::new(certificate));
                    (known, failed) = (found, None);
                    tracing::info!("the TLS certificate was read again");
                }
                Ok(Err(failure)) if failed != Some(found) => {
                    failed = Some(found);
                    let problem = failure.words();
                    tracing::error!(problem, "the changed TLS certificate is not usable; the old one stays in use");
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }
}

impl Fingerprint {
    fn of(files: &TlsFiles) -> Self {
        // Follows symbolic links, which is how Kubernetes swaps a mounted secret.
        Self([&files.certificate, &files.key].map(|path| {
            let found = std::fs::metadata(path).ok()?;
            Some((found.modified().ok()?, found.len()))
        }))
    }
}

impl ResolvesServerCert for ReloadingCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for ReloadingCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReloadingCertificate").field("files", &self.files).finish_non_exhaustive()
    }
}

/// Reads both files and makes sure that they belong together.
pub(crate) fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, Failure> {
    let unusable = |what: &str, path: &Path| format!("cannot use {what} in {}", path.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| Failure::new(unusable("the certificate", &files.certificate)).because(error))?;
    if chain.is_empty() {
        let what = unusable("the certificate", &files.certificate);
        return Err(Failure::new(format!(
            "{what}: there is none; the file must begin with the server's own certificate in PEM form"
        )));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| Failure::new(unusable("the private key", &files.key)).because(error))?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| {
        let what = format!("{} together with {}", unusable("the certificate", &files.certificate), files.key.display());
        Failure::new(format!("{what}; check that the key belongs to the first certificate of the file")).because(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_between_the_first_reading_and_the_first_look_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        let issue = |name: &str| {
            let issued = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            std::fs::write(&files.key, issued.signing_key.serialize_pem()).unwrap();
            std::fs::write(&files.certificate, issued.cert.pem()).unwrap();
            issued.cert.der().clone()
        };
        issue("localhost");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let certificate = Arc::new(ReloadingCertificate::load(files.clone(), provider).unwrap());
        // Of another length, because some file systems tell times coarsely.
        let second = issue("a-host-with-a-longer-name.example.com");
        let watching = tokio::spawn(Arc::clone(&certificate).watch());
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while certificate.current.load().cert.first() != Some(&second) {
            assert!(std::time::Instant::now() < deadline, "the second certificate was never read");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        watching.abort();
    }
}
