//! `serve`: the real binary asked by a client that sends what it likes, byte by byte.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{ended, zhanbo};

/// A server over a made output folder; killed when the value goes.
struct Server {
    child: Child,
    port: u16,
    said: Value,
    out: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A response, its header names in small letters.
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(is, _)| is == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands there twice");
        first
    }
}

const FILM: [u8; 10] = *b"0123456789";

fn made_out() -> TempDir {
    let out = TempDir::new().unwrap();
    let put = |path: &str, bytes: &[u8]| {
        let path = out.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("index.html", b"<!DOCTYPE html><title>front</title>");
    put(
        "report/report.html",
        b"<!DOCTYPE html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">",
    );
    put("report/汇总表.xlsx", b"sheet");
    put("site/index.html", b"<!DOCTYPE html><title>site</title>");
    put("site/media/a/web.mp4", &FILM);
    put("site/media/a/hls/00001.m4s", &FILM);
    put(
        "site/media/a/hls/master.m3u8",
        "#EXTM3U\n".repeat(200).as_bytes(),
    );
    put("site/media/a/zh.vtt", b"WEBVTT\n");
    put("site/media/a/poster.webp", b"RIFF");
    put("site/drawing.svg", b"<svg/>");
    put("work/survey.json", b"secret");
    put("notes.txt", b"secret");
    put("site/.hidden", b"secret");
    symlink("/etc", out.path().join("site/etc")).unwrap();
    symlink("/etc/hostname", out.path().join("site/name.txt")).unwrap();
    out
}

fn served(arguments: &[&str]) -> Server {
    let out = made_out();
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhanbo"))
        .arg("serve")
        .arg(out.path())
        .args(["--port", "0", "--json", "--lang", "en"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let url = said["url"].as_str().unwrap();
    let port = url.trim_end_matches('/').rsplit_once(':').unwrap().1;
    Server {
        port: port.parse().unwrap(),
        child,
        said,
        out,
    }
}

impl Server {
    fn raw(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&all)));
        let head = String::from_utf8(all[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Response {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: all[end + 4..].to_vec(),
        }
    }

    fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Response {
        let headers = headers.iter().flat_map(|line| [*line, "\r\n"]);
        let headers: String = headers.collect();
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{headers}\r\n",
            self.port
        ))
    }

    fn get(&self, path: &str, headers: &[&str]) -> Response {
        self.ask("GET", path, headers)
    }
}

const MASTER: &str = "/site/media/a/hls/master.m3u8";

#[test]
fn every_file_has_its_type_and_nobody_guesses_another() {
    let server = served(&[]);
    for (path, mime) in [
        ("/", "text/html; charset=utf-8"),
        ("/site/", "text/html; charset=utf-8"),
        (MASTER, "application/vnd.apple.mpegurl"),
        ("/site/media/a/web.mp4", "video/mp4"),
        ("/site/media/a/hls/00001.m4s", "video/iso.segment"),
        ("/site/media/a/zh.vtt", "text/vtt; charset=utf-8"),
        ("/site/media/a/poster.webp", "image/webp"),
        (
            "/report/%E6%B1%87%E6%80%BB%E8%A1%A8.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ] {
        let response = server.get(path, &[]);
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.header("content-type"), Some(mime), "{path}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("same-origin"));
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
    let policy = |path| {
        let response = server.get(path, &[]);
        response
            .header("content-security-policy")
            .unwrap()
            .to_owned()
    };
    assert!(policy("/site/").starts_with("default-src 'self'"));
    assert_eq!(policy("/report/report.html"), "frame-ancestors 'self'");
    assert!(policy("/site/drawing.svg").contains("sandbox"));
}

#[test]
fn parts_of_films_are_sent_as_players_ask_for_them() {
    let server = served(&[]);
    let film = "/site/media/a/web.mp4";
    let whole = server.get(film, &[]);
    assert_eq!((whole.status, &whole.body[..]), (200, &FILM[..]));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let tag = whole.header("etag").unwrap();
    for (range, body, said) in [
        ("bytes=2-5", "2345", "bytes 2-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-1", "9", "bytes 9-9/10"),
        ("bytes=0-99", "0123456789", "bytes 0-9/10"),
    ] {
        let part = server.get(film, &[&format!("Range: {range}")]);
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.body, body.as_bytes(), "{range}");
        assert_eq!(part.header("content-range"), Some(said));
        assert_eq!(part.header("etag"), Some(tag));
    }
    let behind = server.get(film, &["Range: bytes=10-"]);
    assert_eq!(behind.status, 416);
    assert_eq!(behind.header("content-range"), Some("bytes */10"));
    let head = server.ask("HEAD", film, &["Range: bytes=2-5"]);
    assert_eq!((head.status, head.body.len()), (206, 0));
    assert_eq!(head.header("content-length"), Some("4"));

    let again = |headers: &[&str]| server.get(film, headers).status;
    assert_eq!(again(&[&format!("If-None-Match: {tag}")]), 304);
    let date = format!(
        "If-Modified-Since: {}",
        whole.header("last-modified").unwrap()
    );
    assert_eq!(again(&[&date]), 304);
    let if_range = |tag: &str| again(&["Range: bytes=2-5", &format!("If-Range: {tag}")]);
    assert_eq!(if_range(tag), 206);
    fs::write(
        server.out.path().join("site/media/a/web.mp4"),
        b"another film",
    )
    .unwrap();
    assert_eq!(if_range(tag), 200, "the client has parts of another file");
}

#[test]
fn text_is_packed_for_those_who_take_it() {
    let server = served(&[]);
    let plain = server.get(MASTER, &[]);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    let packed = server.get(MASTER, &["Accept-Encoding: br, gzip"]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.header("vary"), Some("Accept-Encoding"));
    let length = packed.header("content-length").unwrap();
    assert_eq!(length, packed.body.len().to_string());
    assert!(packed.body.len() < plain.body.len() / 4);
    let mut unpacked = Vec::new();
    GzDecoder::new(&packed.body[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain.body);
    assert_ne!(packed.header("etag"), plain.header("etag"));
    let known = format!("If-None-Match: {}", packed.header("etag").unwrap());
    let known = server.get(MASTER, &["Accept-Encoding: gzip", &known]);
    assert_eq!(known.status, 304);
    assert_eq!(known.header("etag"), packed.header("etag"));
    let film = server.get("/site/media/a/web.mp4", &["Accept-Encoding: gzip"]);
    assert_eq!(
        (film.header("content-encoding"), film.header("vary")),
        (None, None)
    );
}

#[test]
fn nothing_outside_nothing_hidden_and_no_folders_list_is_shown() {
    let server = served(&[]);
    let missing = server.get("/site/none.html", &[]);
    let page = String::from_utf8(missing.body).unwrap();
    assert_eq!(missing.status, 404);
    assert!(
        page.contains("没有这个页面") && page.contains("no such page"),
        "{page}"
    );
    for path in [
        "/../../../../etc/passwd",
        "/site/../../etc/passwd",
        "/site/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/site/..%2f..%2f..%2fetc/passwd",
        "/site/..%5c..%5cnotes.txt",
        "/site/etc/hostname",
        "/site/name.txt",
        "/site/a%00b",
        "//etc/passwd",
        concat!("/", "work/survey.json"),
        "/notes.txt",
        "/site/.hidden",
        "/site/media/",
        "/site/media",
        "/report/",
    ] {
        let response = server.get(path, &[]);
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.body, page.as_bytes(), "{path}");
    }
    let folder = server.get("/site?page=2", &[]);
    assert_eq!(
        (folder.status, folder.header("location")),
        (302, Some("/site/?page=2"))
    );
    let posted = server.ask("POST", "/site/", &["Content-Length: 0"]);
    assert_eq!(
        (posted.status, posted.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

#[test]
fn a_page_elsewhere_that_leads_its_name_here_gets_nothing() {
    let server = served(&[]);
    for request in [
        "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    ] {
        let refused = server.raw(request);
        assert!(
            matches!(refused.status, 400 | 421),
            "{request}: {}",
            refused.status
        );
        assert!(!String::from_utf8_lossy(&refused.body).contains("front"));
    }
    let local = server.raw("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(local.status, 200);
}

#[test]
fn ctrl_c_ends_it_well() {
    let mut server = served(&[]);
    assert_eq!(server.said["open_to_others"], false);
    assert_eq!(server.said["pages"].as_array().unwrap().len(), 3);
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let clock = Instant::now();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(clock.elapsed() < Duration::from_secs(5));
}

#[test]
fn who_can_see_it_is_said_before_anybody_can() {
    let mut server = served(&["--bind", "0.0.0.0"]);
    assert_eq!(server.said["open_to_others"], true);
    // Under whatever name other computers have for this one.
    let asked = server.raw("GET / HTTP/1.1\r\nHost: office.lan\r\nConnection: close\r\n\r\n");
    assert_eq!(asked.status, 200);
    server.child.kill().unwrap();
    let mut remarks = String::new();
    let mut stderr = server.child.stderr.take().unwrap();
    stderr.read_to_string(&mut remarks).unwrap();
    assert!(
        remarks.contains("everybody in the same network"),
        "{remarks}"
    );
}

#[test]
fn what_cannot_be_served_says_what_to_do() {
    let server = served(&[]);
    let refused = |out: &Path, port: &str| {
        let mut command = zhanbo();
        ended(command.arg("serve").arg(out).args(["--port", port])).with(2)
    };
    let taken = refused(server.out.path(), &server.port.to_string()).stderr;
    assert!(taken.contains("cannot listen on 127.0.0.1:"), "{taken}");
    assert!(
        taken.contains("hint: port") && taken.contains("--port 0"),
        "{taken}"
    );
    let other = TempDir::new().unwrap();
    let none = refused(other.path(), "0").stderr;
    assert!(none.contains("is no output folder"), "{none}");
}
