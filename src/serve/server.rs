//! Connections. In: a socket that listens. Out: answers, until the operator stops us. The only place with an async runtime. Every
//! wait has an end: a client that sends its head slowly, or takes nothing of what it asked for, is let go.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;

use super::respond::{Served, respond};

/// How often the operator's wish to stop is looked for.
const CANCEL_CHECK: Duration = Duration::from_millis(100);
/// After a connection could not be taken (no descriptors left), we wait before trying again.
const PAUSE: Duration = Duration::from_millis(100);
/// What is on its way when we are stopped gets this long.
const FAREWELL: Duration = Duration::from_millis(300);

/// What a client may use of us.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections at the same time; more wait until one ends.
    pub(super) connections: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub(super) head: Duration,
    /// How long a client may take nothing of what is being sent. A player that is paused does so; it comes back with a range.
    pub(super) stall: Duration,
    /// Bytes of a request's head.
    pub(super) head_bytes: usize,
    /// Headers of a request.
    pub(super) headers: usize,
}

/// For a hall, a classroom, an office.
pub(super) const LIMITS: Limits = Limits {
    connections: 256,
    head: Duration::from_secs(15),
    stall: Duration::from_mins(1),
    head_bytes: 16 << 10,
    headers: 64,
};

/// Answers until `cancelled`.
pub(super) fn serve(
    listener: std::net::TcpListener,
    served: Served,
    limits: Limits,
    cancelled: &AtomicBool,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let ended = runtime.block_on(accept_until(listener, Arc::new(served), limits, cancelled));
    runtime.shutdown_timeout(FAREWELL);
    ended
}

async fn accept_until(
    listener: std::net::TcpListener,
    served: Arc<Served>,
    limits: Limits,
    cancelled: &AtomicBool,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(limits.connections));
    while !cancelled.load(Ordering::Relaxed) {
        let Ok(accepted) = timeout(CANCEL_CHECK, accept(&listener, &places)).await else {
            continue;
        };
        match accepted {
            Ok((stream, place)) => {
                tokio::spawn(talk(stream, place, Arc::clone(&served), limits));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn talk(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    served: Arc<Served>,
    limits: Limits,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.stall));
    let talked = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.headers)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            service_fn(move |request| respond(Arc::clone(&served), request)),
        )
        .await;
    if let Err(error) = talked {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files to be found")]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Instant;

    use super::*;
    use crate::serve::folder::Folder;

    /// A server over a folder with one large file, stopped when the value goes.
    struct Running {
        address: SocketAddr,
        stop: Arc<AtomicBool>,
        thread: Option<std::thread::JoinHandle<io::Result<()>>>,
        _root: tempfile::TempDir,
    }

    impl Running {
        fn new(limits: Limits) -> Self {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir(root.path().join("site")).unwrap();
            std::fs::write(root.path().join("site/film.mp4"), vec![7; 32 << 20]).unwrap();
            let served = Served {
                folder: Folder::open(root.path()).unwrap(),
                only_local: true,
            };
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let stop = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&stop);
            let thread = std::thread::spawn(move || serve(listener, served, limits, &flag));
            Running {
                address,
                stop,
                thread: Some(thread),
                _root: root,
            }
        }

        fn connect(&self) -> TcpStream {
            let stream = TcpStream::connect(self.address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            stream
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            self.stop.store(true, Ordering::Relaxed);
            let ended = self.thread.take().map(std::thread::JoinHandle::join);
            assert!(ended.is_some_and(|ended| ended.unwrap().is_ok()));
        }
    }

    const ASKED: &[u8] = b"GET /site/film.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n";

    fn short() -> Limits {
        Limits {
            connections: 2,
            head: Duration::from_millis(300),
            stall: Duration::from_millis(300),
            ..LIMITS
        }
    }

    fn everything(mut stream: TcpStream) -> Vec<u8> {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        all
    }

    #[test]
    fn a_client_that_sends_nothing_or_half_a_head_is_let_go() {
        let running = Running::new(short());
        let clock = Instant::now();
        let silent = running.connect();
        let mut slow = running.connect();
        slow.write_all(b"GET /site/film.mp4 HTTP/1.1\r\nHo")
            .unwrap();
        assert_eq!(everything(silent), b"");
        let said = everything(slow);
        assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
        assert!(clock.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn clients_that_read_nothing_give_their_places_to_those_who_wait() {
        let running = Running::new(short());
        let _lazy: Vec<_> = (0..2)
            .map(|_| {
                let mut stream = running.connect();
                stream.write_all(ASKED).unwrap();
                stream
            })
            .collect();
        std::thread::sleep(Duration::from_millis(100));
        let mut third = running.connect();
        third
            .write_all(
                b"HEAD /site/film.mp4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            )
            .unwrap();
        let said = everything(third);
        assert!(String::from_utf8_lossy(&said).starts_with("HTTP/1.1 200 OK"));
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let running = Running::new(LIMITS);
        for head in [
            format!("X: {}\r\n", "a".repeat(20 << 10)),
            "X: 1\r\n".repeat(65),
        ] {
            let mut stream = running.connect();
            let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{head}\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            let said = String::from_utf8(everything(stream)).unwrap();
            assert!(said.starts_with("HTTP/1.1 431 "), "{said}");
        }
    }

    #[test]
    fn it_stops_in_the_middle_of_what_it_sends() {
        let running = Running::new(LIMITS);
        let mut stream = running.connect();
        stream.write_all(ASKED).unwrap();
        let mut first = [0; 1024];
        stream.read_exact(&mut first).unwrap();
        let clock = Instant::now();
        drop(running);
        assert!(clock.elapsed() < Duration::from_secs(3));
    }
}
