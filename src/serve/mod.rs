//! A web server for one output folder, on this computer. In: OUT, an address to listen on, a flag to stop. Out: pages, films and
//! playlists over HTTP, until the flag is set. Answers only; never connects to anything, never writes, never shows `work/`,
//! hidden files, anything behind a link or anything outside OUT. The async runtime stays in here.
//!
//! ```text
//! server     connections, limits, the runtime
//! respond    a request to a response
//!   host       were we called by a name of ours?
//!   address    a path to plain names
//!   folder     names to an open file
//!   answer     all of it, a part, or nothing new
//!   types      what kind of file it is
//!   page       what is shown where nothing else is
//! snippets   the same rules for nginx, Apache, IIS and Caddy
//! ```

mod address;
mod answer;
mod folder;
mod host;
mod page;
mod respond;
mod server;
pub mod snippets;
pub mod types;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::text::Text;

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is nothing that `run` or `check` has written.
    #[error("{} is no output folder: there is no index.html, report, site or programme in it", folder.display())]
    NothingToShow {
        /// What was named.
        folder: PathBuf,
    },
    /// It cannot be opened.
    #[error("{} cannot be opened", folder.display())]
    Unopened {
        /// What was named.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Address {
        /// Which.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The server stopped by itself.
    #[error("the server stopped")]
    Stopped {
        /// The system's reason.
        source: io::Error,
    },
}

impl ServeError {
    /// What to do next.
    pub fn hint(&self) -> Text {
        match self {
            ServeError::NothingToShow { .. } | ServeError::Unopened { .. } => Text::new(
                "请给出 run 或 check -o 写过的输出文件夹本身，不是它里面的 site 或 report",
                "give the output folder that `run` or `check -o` has written, not the site or report inside it",
            ),
            ServeError::Address { address, source } => address_hint(*address, source.kind()),
            ServeError::Stopped { .. } => Text::new(
                "请再启动一次；-v 会显示每个请求",
                "start it again; -v shows every request",
            ),
        }
    }
}

fn address_hint(address: SocketAddr, kind: io::ErrorKind) -> Text {
    let port = address.port();
    match kind {
        io::ErrorKind::AddrInUse => Text::new(
            format!(
                "端口 {port} 已被占用（也许另一个 zhanbo serve 还开着）：关掉它，或者用 --port 0 自动选一个空闲端口"
            ),
            format!(
                "port {port} is taken (is another `zhanbo serve` still open?): close it, or use --port 0 for a free one"
            ),
        ),
        io::ErrorKind::PermissionDenied => Text::new(
            "1024 以下的端口需要管理员权限：请用 --port 8080 这样的端口",
            "ports below 1024 need administrator's rights: use one like --port 8080",
        ),
        io::ErrorKind::AddrNotAvailable => Text::new(
            format!(
                "本机没有 {} 这个地址：--bind 要写本机自己的地址，0.0.0.0 表示全部",
                address.ip()
            ),
            format!(
                "this computer has no address {}: --bind wants one of its own, 0.0.0.0 for all of them",
                address.ip()
            ),
        ),
        _ => Text::new("请换一个 --port 或 --bind", "try another --port or --bind"),
    }
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    served: respond::Served,
    address: SocketAddr,
    pages: Vec<Page>,
}

/// Something to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is.
    pub what: Text,
    /// Its path, with a leading slash.
    pub path: &'static str,
}

impl Server {
    /// Begins to listen. Port 0 takes a free one.
    pub fn listen(out: &Path, ip: IpAddr, port: u16) -> Result<Self, ServeError> {
        let pages = pages(out);
        let folder = folder::Folder::open(out).map_err(|source| ServeError::Unopened {
            folder: out.to_owned(),
            source,
        })?;
        if pages.is_empty() {
            let folder = out.to_owned();
            return Err(ServeError::NothingToShow { folder });
        }
        let wanted = SocketAddr::new(ip, port);
        let failed = |source| ServeError::Address {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let served = respond::Served {
            folder,
            only_local: ip.is_loopback(),
        };
        Ok(Server {
            listener,
            served,
            address,
            pages,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Other computers can reach it.
    pub fn is_open_to_others(&self) -> bool {
        !self.served.only_local
    }

    /// What there is to open.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Answers until `cancelled`.
    pub fn serve(self, cancelled: &AtomicBool) -> Result<(), ServeError> {
        server::serve(self.listener, self.served, server::LIMITS, cancelled)
            .map_err(|source| ServeError::Stopped { source })
    }
}

fn pages(out: &Path) -> Vec<Page> {
    let all = [
        (Text::new("首页", "front page"), "/", "index.html"),
        (Text::new("网站", "website"), "/site/", "site/index.html"),
        (
            Text::new("报告", "report"),
            "/report/report.html",
            "report/report.html",
        ),
        (
            Text::new("会场节目单", "run sheet of the hall"),
            "/programme/run-sheet.html",
            "programme/run-sheet.html",
        ),
    ];
    let there = all
        .into_iter()
        .filter(|(_, _, file)| out.join(file).is_file());
    there.map(|(what, path, _)| Page { what, path }).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn listen(out: &Path, port: u16) -> Result<Server, ServeError> {
        Server::listen(out, Ipv4Addr::LOCALHOST.into(), port)
    }

    fn out() -> tempfile::TempDir {
        let out = tempfile::tempdir().unwrap();
        std::fs::File::create(out.path().join("index.html")).unwrap();
        out
    }

    #[test]
    fn a_folder_that_is_none_of_ours_is_not_shown_to_anybody() {
        let home = tempfile::tempdir().unwrap();
        std::fs::File::create(home.path().join("diary.txt")).unwrap();
        let error = listen(home.path(), 0).unwrap_err();
        assert!(matches!(error, ServeError::NothingToShow { .. }));
        let error = listen(&home.path().join("none"), 0).unwrap_err();
        assert!(matches!(error, ServeError::Unopened { .. }));
    }

    #[test]
    fn a_port_that_is_taken_says_what_to_do() {
        let out = out();
        let first = listen(out.path(), 0).unwrap();
        assert_ne!(first.address().port(), 0);
        let error = listen(out.path(), first.address().port()).unwrap_err();
        assert!(error.hint().en.contains("is taken"), "{}", error.hint().en);
        assert!(error.hint().zh.contains("已被占用"));
    }

    #[test]
    fn an_address_of_another_computer_is_refused_with_advice() {
        // RFC 5737: an address for documentation, nobody's own.
        let elsewhere = Ipv4Addr::new(192, 0, 2, 1).into();
        let error = Server::listen(out().path(), elsewhere, 0).unwrap_err();
        assert!(error.hint().en.contains("no address 192.0.2.1"));
    }
}
