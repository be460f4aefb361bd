//! `muster conformance` and `muster simulate` as a person runs them, against servers that misbehave.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{muster, run, stderr};

#[test]
fn a_choice_of_no_check_is_refused_and_names_what_may_have_been_meant() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens there; the words are looked at before anything is sent.
    let output = run(folder.path(), &["conformance", "http://127.0.0.1:9/scim", "--only", "lifecycle.creat3"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("did you mean lifecycle.create"), "{}", stderr(&output));
    let output = run(folder.path(), &["conformance", "http://127.0.0.1:9/scim", "--only", "no-such-area"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("filter, paging"), "{}", stderr(&output));
}

#[test]
fn an_interruption_is_heard_while_the_server_asks_to_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/scim", listener.local_addr().unwrap());
    let (asked, was_asked) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = BufReader::new(stream.try_clone().unwrap());
            head.lines().map_while(Result::ok).find(String::is_empty);
            let busy =
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 110\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(busy.as_bytes()).unwrap();
            let _ = asked.send(());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut child = muster(folder.path())
        .args(["conformance", &base, "--scim-version", "2.0"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    was_asked.recv_timeout(Duration::from_secs(30)).unwrap();
    // The answer is on its way; the pause begins when it is read.
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > Duration::from_secs(30) {
            break None;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(status.and_then(|status| status.code()), Some(1), "it ends in order, and says that it is not whole");
}
