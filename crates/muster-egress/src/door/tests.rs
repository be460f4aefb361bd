//! The door against real sockets on the loopback interface.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn door(policy: AddressPolicy) -> Egress {
    let limits = Limits { total: Duration::from_millis(500), max_body_bytes: 64, ..Limits::default() };
    Egress::new(policy, limits, None).unwrap()
}

fn get(url: &str) -> Outgoing<'_> {
    Outgoing { method: "GET", url, headers: &[], body: None }
}

/// Answers one connection with the text, and nothing more.
async fn answering(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        // Held open, so that only the limits end the request.
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    format!("http://{address}/")
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let url = answering("HTTP/1.1 418 Teapot\r\nX-Tea: green\r\nContent-Length: 4\r\n\r\nleaf").await;
    let answer = door(AddressPolicy::of_local_administrator()).send(get(&url)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (418, &b"leaf"[..]));
    assert!(answer.headers.contains(&("x-tea".to_owned(), "green".to_owned())));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let url = answering("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(door(AddressPolicy::of_local_administrator()).send(get(&url)).await.unwrap().status, 302);
}

#[tokio::test]
async fn size_and_time_are_bounded() {
    let url = answering("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789").await;
    let result = door(AddressPolicy::of_local_administrator()).send(get(&url)).await;
    assert!(matches!(result, Err(EgressError::TooLarge(64))), "{result:?}");
    let url = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
    let result = door(AddressPolicy::of_local_administrator()).send(get(&url)).await;
    assert!(matches!(result, Err(EgressError::TimedOut(_))), "{result:?}");
}

#[tokio::test]
async fn forbidden_addresses_are_refused_as_literals_and_as_names() {
    let administrator = door(AddressPolicy::of_local_administrator());
    for url in ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://2852039166/", "http://0xa9fea9fe/"] {
        let result = administrator.send(get(url)).await;
        assert!(matches!(result, Err(EgressError::Forbidden(_))), "{url}: {result:?}");
    }
    let from_outside = door(AddressPolicy { is_plain_http_allowed: true, ..AddressPolicy::public_only() });
    for url in ["http://127.0.0.1:1/", "http://[::ffff:127.0.0.1]:1/"] {
        assert!(matches!(from_outside.send(get(url)).await, Err(EgressError::Forbidden(_))), "{url}");
    }
    let Err(EgressError::Failed(failed)) = from_outside.send(get("http://localhost:1/")).await else {
        panic!("a name of this machine was resolved and called");
    };
    let mut source = std::error::Error::source(&failed);
    let mut words = String::new();
    while let Some(error) = source {
        words = error.to_string();
        source = error.source();
    }
    assert!(words.contains("may be called from here"), "{words}");
}

#[tokio::test]
async fn plain_http_and_credentials_in_the_address_are_refused_without_repeating_them() {
    let result = door(AddressPolicy::public_only()).send(get("http://example.com/?filter=secret")).await;
    let Err(EgressError::Address(words)) = result else { panic!("{result:?}") };
    assert_eq!(words, "http://example.com/");
    let result = door(AddressPolicy::of_local_administrator()).send(get("http://me:secret@127.0.0.1/")).await;
    let Err(EgressError::Address(words)) = result else { panic!("{result:?}") };
    assert!(!words.contains("secret"), "{words}");
}
