use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

use super::*;

/// The preface and a SETTINGS frame (RFC 9113 sections 3.4 and 6.5).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
/// `SETTINGS_INITIAL_WINDOW_SIZE` (4) = 0: no piece of any answer may be sent.
const SETTINGS_WITHOUT_WINDOW: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0";
/// GET / over http, indexed in the static table (RFC 7541 appendix A), `END_STREAM` and `END_HEADERS`, stream 1.
const GET_ROOT: &[u8] = b"\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84";
const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The peer's patience with a server that should have hung up.
const PATIENCE: Duration = Duration::from_secs(20);

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        handshake: Duration::from_secs(5),
        first_request: Duration::from_millis(300),
        idle: Duration::from_millis(500),
        write_stall: Duration::from_millis(500),
        farewell: Duration::from_millis(200),
    }
}

/// Serves one connection whose answer to `GET /` has that many bytes; `/slow` takes longer than all limits.
fn serve(answer_length: usize, limits: ConnectionLimits) -> (DuplexStream, JoinHandle<()>) {
    let (near, far) = tokio::io::duplex(4096);
    let router = Router::new().route("/", get(async move || "x".repeat(answer_length))).route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(1200)).await;
            "done"
        }),
    );
    let lifetime =
        Lifetime { tasks: TaskTracker::new(), draining: CancellationToken::new(), cut: CancellationToken::new() };
    let activity = Activity::begin();
    let stream = PatientStream::new(near, limits.write_stall, Arc::clone(&activity));
    let peer = SocketAddr::from(([127, 0, 0, 1], 1));
    let conversation = Conversation { peer, router, lifetime, limits, activity };
    (far, tokio::spawn(conversation.serve_http(stream)))
}

async fn hung_up(serving: JoinHandle<()>) -> bool {
    tokio::time::timeout(PATIENCE, serving).await.is_ok()
}

/// Reads whatever comes and sends a ping every now and then, until the server hangs up.
async fn ping_for_ever(peer: DuplexStream) {
    let (mut reading, mut writing) = tokio::io::split(peer);
    tokio::spawn(async move { tokio::io::copy(&mut reading, &mut tokio::io::sink()).await });
    while writing.write_all(PING).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_peer_that_asks_nothing_is_hung_up_on() {
    let (_peer, serving) = serve(1, limits());
    assert!(hung_up(serving).await);
    let (mut peer, serving) = serve(1, limits());
    peer.write_all(&[PREFACE, EMPTY_SETTINGS].concat()).await.unwrap();
    tokio::spawn(ping_for_ever(peer));
    assert!(hung_up(serving).await);
}

#[tokio::test]
async fn pings_keep_no_connection_alive_on_which_nothing_runs() {
    let (mut peer, serving) = serve(1, limits());
    peer.write_all(&[PREFACE, EMPTY_SETTINGS, GET_ROOT].concat()).await.unwrap();
    tokio::spawn(ping_for_ever(peer));
    assert!(hung_up(serving).await);
}

#[tokio::test]
async fn pings_keep_no_answer_waiting_that_the_peer_does_not_take() {
    for answer_length in [1, 10_000_000] {
        let (mut peer, serving) = serve(answer_length, limits());
        peer.write_all(&[PREFACE, SETTINGS_WITHOUT_WINDOW, GET_ROOT].concat()).await.unwrap();
        tokio::spawn(ping_for_ever(peer));
        assert!(hung_up(serving).await, "{answer_length}");
    }
}

#[tokio::test]
async fn a_peer_that_never_reads_its_answers_is_hung_up_on() {
    let (mut peer, serving) = serve(1_000_000, limits());
    peer.write_all(&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20)).await.unwrap();
    assert!(hung_up(serving).await);
    // The same in HTTP/2, with a window that lets everything through.
    let (mut peer, serving) = serve(60_000, limits());
    peer.write_all(&[PREFACE, EMPTY_SETTINGS, GET_ROOT].concat()).await.unwrap();
    assert!(hung_up(serving).await);
    drop(peer);
}

#[tokio::test]
async fn an_idle_http_1_connection_is_closed() {
    let (mut peer, serving) = serve(1, limits());
    peer.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert!(hung_up(serving).await);
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_slow_request_and_a_slow_reader_are_waited_for() {
    let (mut peer, serving) = serve(1, limits());
    peer.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"done"), "{answer:?}");
    assert!(hung_up(serving).await);

    // Longer than all limits together, with a step in between every now and then.
    let (mut peer, _serving) = serve(200_000, limits());
    peer.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let (mut taken, mut piece) = (0, vec![0; 8192]);
    loop {
        match peer.read(&mut piece).await.unwrap() {
            0 => break,
            bytes => taken += bytes,
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    assert!(taken > 200_000, "{taken}");
}
