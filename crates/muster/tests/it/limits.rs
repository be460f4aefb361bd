use std::io::{Read, Write};

use crate::process::{Server, run_json};
use crate::web;

#[test]
fn the_addresses_for_operators() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    assert_eq!(web::get(&server.url, "/healthz").body, "ok");
    assert_eq!(web::get(&server.url, "/readyz").status, 200);
    assert!(web::get(&server.url, "/").body.contains("/directory/resources/scim/v2.0/"));
    let metrics = web::get(&server.url, "/metrics");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain"));
    assert!(
        metrics.body.contains("muster_http_requests_total{kind=\"operations\",status=\"2xx\"} 2"),
        "{}",
        metrics.body
    );
    assert!(metrics.body.contains("muster_http_request_duration_seconds_bucket"), "{}", metrics.body);
}

#[test]
fn every_refusal_is_a_scim_error_and_every_answer_has_its_request_id() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--max-body-bytes", "2KiB"]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (_, path) = web::split(created["scim_base_url"].as_str().unwrap());
    let bearer = format!("Bearer {}", created["token"].as_str().unwrap());
    let users = format!("{path}/Users");
    let large = "x".repeat(3000);
    for (method, path, body, status) in [
        ("GET", "/nothing/here", "", 404),
        ("POST", "/healthz", "", 405),
        ("GET", "/scim/v2/unknown/Users", "", 401),
        ("GET", "/scim/v9", "", 404),
        ("POST", users.as_str(), "{", 400),
        ("POST", users.as_str(), large.as_str(), 413),
        ("DELETE", users.as_str(), "", 405),
    ] {
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/scim+json"), ("X-Request-Id", "test-7")];
        let response = web::request(&server.url, method, path, &headers, body);
        assert_eq!(response.status, status, "{method} {path}: {}", response.body);
        assert_eq!(response.json()["status"], status.to_string(), "{method} {path}");
        assert_eq!(response.json()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert!(response.header("content-type").unwrap().starts_with("application/scim+json"));
        assert_eq!(response.header("x-request-id"), Some("test-7"));
    }
    assert_eq!(web::get(&server.url, "/healthz").header("x-request-id").unwrap().len(), 32);
}

#[test]
fn an_id_of_the_sender_that_may_be_more_than_an_id_is_returned_and_not_logged() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let ask = |id| web::request(&server.url, "GET", "/healthz", &[("X-Request-Id", id)], "");
    let named = ask("anna.smith-4711");
    assert_eq!(named.header("x-request-id"), Some("anna.smith-4711"));
    let ours = named.header("x-muster-request-id").unwrap().to_owned();
    let plain = ask("0af7651916cd43dd8448eb211c80319c");
    assert_eq!(plain.header("x-request-id"), Some("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!(plain.header("x-muster-request-id"), None);
    server.terminate();
    let log = server.log();
    assert!(log.contains(&ours) && log.contains("0af7651916cd43dd8448eb211c80319c"), "{log}");
    assert!(!log.contains("anna"), "{log}");
}

/// Without that, the client's system throws the answer away when the connection is reset under what it still sends.
#[test]
fn a_client_that_is_still_sending_gets_to_read_the_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--max-body-bytes", "2KiB"]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (_, path) = web::split(created["scim_base_url"].as_str().unwrap());
    let token = created["token"].as_str().unwrap();
    for (token, status) in [(token, 413), ("wrong", 401)] {
        let mut stream = web::connect(&server.url);
        let length = 16 << 20;
        write!(
            stream,
            "POST {path}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {length}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(&vec![b' '; length]).unwrap();
        // The connection goes on: the rest of the body was read.
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        assert!(answers.starts_with(&format!("HTTP/1.1 {status} ")), "{answers}");
        assert!(answers.ends_with("ok"), "{answers}");
    }
}

#[test]
fn a_request_that_takes_too_long_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--request-timeout", "200ms"]);
    let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
    let (_, path) = web::split(created["scim_base_url"].as_str().unwrap());
    let mut stream = web::connect(&server.url);
    write!(
        stream,
        "POST {path}/Users HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: 100\r\n\r\n{{",
        created["token"].as_str().unwrap()
    )
    .unwrap();
    let response = web::read_response(stream);
    assert_eq!((response.status, response.json()["status"].as_str()), (503, Some("503")));
    server.wait_for_log("took too long");
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let refused = |path: &str, headers: &[(&str, &str)], status: u16| {
        let response = web::request(&server.url, "GET", path, headers, "");
        assert_eq!((response.status, response.json()["status"].clone()), (status, status.to_string().into()));
        assert_eq!(response.header("x-request-id").unwrap().len(), 32);
    };
    let long = "x".repeat(64_000);
    refused("/healthz", &[("Cookie", &long)], 431);
    refused("/healthz", &[("a", "b"); 120], 431);
    refused(&format!("/scim/v2?{long}"), &[], 414);
    // What the protocol layer does not read to its end has no body.
    let response = web::request(&server.url, "GET", "/healthz", &[("Cookie", &"x".repeat(200_000))], "");
    assert_eq!((response.status, response.body.as_str()), (431, ""));
    assert_eq!(web::request(&server.url, "GET", "/healthz", &[("Cookie", &"x".repeat(60_000))], "").status, 200);
}

#[test]
fn http_2_is_spoken_without_tls_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let mut stream = web::connect(&server.url);
    stream.write_all(web::HTTP_2_PREFACE).unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4, "{frame:?}");
}

#[test]
fn only_a_trusted_proxy_may_name_the_client() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [(&[][..], "127.0.0.1"), (&["--trusted-proxy", "127.0.0.0/8"][..], "198.51.100.9")] {
        let server = Server::start_with(folder.path(), arguments, &[("MUSTER_LOG_FORMAT", "json")]);
        web::request(&server.url, "GET", "/healthz", &[("X-Forwarded-For", "198.51.100.9")], "");
        server.wait_for_log(&format!("\"client.address\":\"{expected}\""));
    }
}
