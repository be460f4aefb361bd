use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::process::{Server, run, stderr};
use crate::web;

/// Writes a fresh certificate for `localhost` and returns it.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), issued.cert.pem()).unwrap();
    issued.cert.der().clone()
}

/// A connection that trusts just this certificate; `None` when the server shows another one.
fn connect(
    url: &str,
    trusted: &CertificateDer<'static>,
    alpn: &[u8],
) -> Option<StreamOwned<ClientConnection, TcpStream>> {
    connect_with(url, trusted, alpn, rustls::DEFAULT_VERSIONS)
}

/// The same in these versions of TLS only.
fn connect_with(
    url: &str,
    trusted: &CertificateDer<'static>,
    alpn: &[u8],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Option<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), web::connect(url));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).ok()?;
    }
    Some(stream)
}

fn start(folder: &Path) -> Server {
    Server::start(folder, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"])
}

/// Rows: 1.1-api-4-01
#[test]
fn both_protocols_are_spoken_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = issue(folder.path());
    let mut server = start(folder.path());
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let stream = connect(&server.url, &certificate, b"http/1.1").unwrap();
    assert_eq!(web::exchange(stream, "GET", "/healthz", &[], "").body, "ok");
    let mut stream = connect(&server.url, &certificate, b"h2").unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    let mut frame = [0; 9];
    stream.write_all(web::HTTP_2_PREFACE).unwrap();
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4);
    // Idle and half-spoken connections do not hold up the stop.
    let _mute = web::connect(&server.url);
    assert_eq!(server.terminate().code(), Some(0));
}

/// Rows: 7644-7.2-01, 7644-7.2-02, 7644-7.4-02
#[test]
fn what_others_can_hear_is_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = issue(folder.path());
    let server = start(folder.path());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = connect_with(&server.url, &certificate, b"http/1.1", &[version]).unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
        assert_eq!(web::exchange(stream, "GET", "/healthz", &[], "").body, "ok");
    }
    // The same port without TLS answers nothing that is HTTP.
    let mut plain = web::connect(&server.url);
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    // An address that is told to others must be https, whoever speaks TLS there.
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--public-url", "http://scim.example.com"][..], &["--listen", "192.0.2.1:0"]] {
        let refused = run(folder.path(), &[&["serve"][..], arguments].concat());
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains("unencrypted"), "{}", stderr(&refused));
    }
    assert!(!folder.path().join("muster-data").exists());
    let behind_a_proxy = Server::start(folder.path(), &["--public-url", "https://scim.example.com"]);
    assert_eq!(web::get(&behind_a_proxy.url, "/healthz").status, 200);
}

#[test]
fn a_changed_certificate_is_used_without_a_restart_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = issue(folder.path());
    let server = start(folder.path());
    assert!(connect(&server.url, &first, b"http/1.1").is_some());

    std::fs::write(folder.path().join("cert.pem"), "this is no certificate").unwrap();
    server.wait_for_log("the old one stays in use");
    assert!(connect(&server.url, &first, b"http/1.1").is_some());

    let second = issue(folder.path());
    let deadline = Instant::now() + Duration::from_secs(30);
    while connect(&server.url, &second, b"http/1.1").is_none() {
        assert!(Instant::now() < deadline, "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(connect(&server.url, &first, b"http/1.1").is_none());
}

#[test]
fn files_that_cannot_be_used_are_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let serve =
        || run(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let said = stderr(&serve());
    assert!(said.contains("cert.pem"), "{said}");
    issue(folder.path());
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("key.pem"), other.signing_key.serialize_pem()).unwrap();
    let refused = serve();
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("check that the key belongs"), "{}", stderr(&refused));
    assert!(!folder.path().join("muster-data").exists());
}
