//! A network that misbehaves on request: a TCP proxy before a server.

#![expect(clippy::expect_used, reason = "a test cannot go on without its proxy, and says why by stopping")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// What becomes of bytes that are on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passage {
    Open,
    /// They go nowhere, and nobody is told: as behind a switch that lost its power.
    Swallowed,
    /// Connections are closed, and new ones as soon as they are made.
    Cut,
}

#[derive(Clone, Copy, Debug)]
struct Weather {
    passage: Passage,
    to_server: Duration,
    to_client: Duration,
}

const FAIR: Weather = Weather { passage: Passage::Open, to_server: Duration::ZERO, to_client: Duration::ZERO };

#[derive(Clone, Copy)]
enum Direction {
    ToServer,
    ToClient,
}

/// Passes everything on until it is told otherwise. It has threads of its own, so that it goes on whatever a test waits for.
pub struct FaultyNetwork {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    runtime: Option<Runtime>,
}

impl FaultyNetwork {
    /// # Panics
    /// When no port can be had.
    pub fn before(port: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime for the proxy");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = listener.local_addr().expect("the address of a listener");
        let (weather, seen) = watch::channel(FAIR);
        runtime.spawn(accept(listener, port, seen));
        Self { address, weather, runtime: Some(runtime) }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything takes longer; each direction by so much.
    pub fn delay(&self, to_server: Duration, to_client: Duration) {
        self.weather.send_replace(Weather { to_server, to_client, ..FAIR });
    }

    pub fn swallow(&self) {
        self.weather.send_replace(Weather { passage: Passage::Swallowed, ..FAIR });
    }

    pub fn cut(&self) {
        self.weather.send_replace(Weather { passage: Passage::Cut, ..FAIR });
    }

    /// All is well again. What was swallowed arrives, as it is sent again on a real network, unless its sender gave up.
    pub fn mend(&self) {
        self.weather.send_replace(FAIR);
    }
}

impl Drop for FaultyNetwork {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, port: u16, weather: watch::Receiver<Weather>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if weather.borrow().passage == Passage::Cut {
            continue;
        }
        let weather = weather.clone();
        tokio::spawn(async move {
            let mut waiting = weather.clone();
            // Also the greeting of a new connection is swallowed.
            if !opens(&mut waiting).await {
                return;
            }
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            // When one direction ends, the other one's halves are dropped, too: a connection is whole or closed.
            tokio::select! {
                () = pass(from_client, to_server, Direction::ToServer, weather.clone()) => {}
                () = pass(from_server, to_client, Direction::ToClient, weather) => {}
            }
        });
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    mut weather: watch::Receiver<Weather>,
) {
    let mut bytes = vec![0; 16 * 1024];
    let mut changes = weather.clone();
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            is_cut = is_cut(&mut changes) => if is_cut { return } else { continue },
        };
        let Ok(count @ 1..) = read else { return };
        let delay = match (direction, *weather.borrow()) {
            (Direction::ToServer, weather) => weather.to_server,
            (Direction::ToClient, weather) => weather.to_client,
        };
        tokio::time::sleep(delay).await;
        if !opens(&mut weather).await || to.write_all(bytes.get(..count).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}

/// Waits for the next change of the weather.
async fn is_cut(weather: &mut watch::Receiver<Weather>) -> bool {
    weather.changed().await.is_err() || weather.borrow_and_update().passage == Passage::Cut
}

/// Waits until bytes may pass; `false`: the connection is cut.
async fn opens(weather: &mut watch::Receiver<Weather>) -> bool {
    match weather.wait_for(|weather| weather.passage != Passage::Swallowed).await {
        Ok(weather) => weather.passage == Passage::Open,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    use super::FaultyNetwork;

    /// A server that sends back what it gets.
    fn echo() -> u16 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut byte = [0];
                    while stream.read_exact(&mut byte).is_ok() && stream.write_all(&byte).is_ok() {}
                });
            }
        });
        port
    }

    fn answer(stream: &mut TcpStream, limit: Duration) -> Option<Duration> {
        let begun = Instant::now();
        stream.set_read_timeout(Some(limit)).unwrap();
        stream.write_all(b"x").ok()?;
        stream.read_exact(&mut [0]).ok()?;
        Some(begun.elapsed())
    }

    #[test]
    fn bytes_pass_late_or_not_at_all() {
        let network = FaultyNetwork::before(echo());
        let connect = || TcpStream::connect(("127.0.0.1", network.port())).unwrap();
        let (long, short) = (Duration::from_secs(20), Duration::from_millis(300));
        let mut stream = connect();
        assert!(answer(&mut stream, long).is_some());
        network.delay(Duration::from_millis(100), Duration::from_millis(100));
        assert!(answer(&mut stream, long).unwrap() >= Duration::from_millis(200));
        network.swallow();
        assert_eq!(answer(&mut stream, short), None);
        assert_eq!(answer(&mut connect(), short), None);
        network.mend();
        stream.set_read_timeout(Some(long)).unwrap();
        stream.read_exact(&mut [0]).unwrap();
        network.cut();
        assert_eq!(answer(&mut stream, long), None, "closed");
        network.mend();
        assert!(answer(&mut connect(), long).is_some());
    }
}
