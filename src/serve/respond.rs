//! One request to one response. In: a request's head. Out: a response whose body is read while it is sent. Reads files on
//! threads for it, so that a slow disk holds up nobody else.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use flate2::Compression;
use flate2::read::GzEncoder;
use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::io::{AsyncRead, ReadBuf};

use super::address::{Wanted, wanted};
use super::answer::{Answer, Asked, Known, decide};
use super::folder::{Folder, Found};
use super::types::{self, Packing};
use super::{host, page};

/// Bytes that are read from a file at a time.
const PIECE: usize = 256 << 10;
/// A text of more bytes is sent as it is: it would be packed in memory.
const MAX_PACKED: u64 = 32 << 20;
/// A text of fewer bytes gains nothing.
const MIN_PACKED: u64 = 512;
/// Where a page's own policy stands, if it has one.
const HEAD_OF_PAGE: usize = 4 << 10;

/// Of pages without a policy of their own.
const PAGE_POLICY: &str = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; \
                           object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/// Of pages that have one, what a page cannot say itself; and of files that run nothing.
const FRAME_POLICY: &str = "frame-ancestors 'self'";
/// Of what a browser shows like a page though it is none: an SVG may hold scripts.
const FILE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

pub(super) type Sent = Either<Full<Bytes>, Part>;

/// What is served, and to whom.
#[derive(Debug)]
pub(super) struct Served {
    /// OUT.
    pub(super) folder: Folder,
    /// Only this computer can reach us, so only its own names for itself are true.
    pub(super) only_local: bool,
}

/// Answers a request. There is an answer to everything.
pub(super) async fn respond(
    served: Arc<Served>,
    request: Request<Incoming>,
) -> Result<Response<Sent>, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match admit(&served, &request) {
        Ok(wanted) => find(served, wanted, &request).await,
        Err(status) => refuse(status),
    };
    common_headers(response.headers_mut());
    tracing::info!(%method, path, status = response.status().as_u16(), "answered");
    Ok(response)
}

fn admit(served: &Served, request: &Request<Incoming>) -> Result<Wanted, StatusCode> {
    if served.only_local && !asked_host(request).is_some_and(|name| host::is_local(&name)) {
        return Err(StatusCode::MISDIRECTED_REQUEST);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    wanted(request.uri().path()).ok_or(StatusCode::NOT_FOUND)
}

/// RFC 9112 §3.2.2: an address with a host in it overrules the header; more than one header is none.
fn asked_host(request: &Request<Incoming>) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_owned());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let only = hosts.next().filter(|_| hosts.next().is_none())?;
    only.to_str().ok().map(str::to_owned)
}

async fn find(served: Arc<Served>, wanted: Wanted, request: &Request<Incoming>) -> Response<Sent> {
    let found = blocking(move || served.folder.find(&wanted)).await;
    let answered = match found {
        Ok(Some(Found::File {
            file,
            name,
            bytes,
            modified,
        })) => send(file, &name, (bytes, modified), request).await,
        Ok(Some(Found::Folder)) => Ok(to_folder(request)),
        Ok(None) => Ok(refuse(StatusCode::NOT_FOUND)),
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| {
        tracing::warn!(path = request.uri().path(), %error, "a file could not be read");
        refuse(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

/// Everything that touches the disk goes here.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Not for ever: what is a folder today may be gone tomorrow.
fn to_folder(request: &Request<Incoming>) -> Response<Sent> {
    let uri = request.uri();
    let query = uri.query().map(|query| format!("?{query}"));
    let to = format!("{}/{}", uri.path(), query.unwrap_or_default());
    let mut response = response(StatusCode::FOUND, Bytes::new());
    set(response.headers_mut(), header::LOCATION, &to);
    response
}

fn refuse(status: StatusCode) -> Response<Sent> {
    let mut response = response(status, page::refusal(status).into());
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(headers, header::CONTENT_SECURITY_POLICY, FILE_POLICY);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        set(headers, header::ALLOW, "GET, HEAD");
    }
    response
}

async fn send(
    file: File,
    name: &str,
    (bytes, modified): (u64, SystemTime),
    request: &Request<Incoming>,
) -> io::Result<Response<Sent>> {
    let kind = types::of(name);
    let packs = kind.packing == Packing::Gzip;
    let known = Known {
        bytes,
        modified,
        may_pack: packs && (MIN_PACKED..=MAX_PACKED).contains(&bytes),
    };
    let answer = decide(&asked(request.headers()), &known);
    let (policy, file) = blocking(move || Ok((policy(kind.mime, &file)?, file))).await?;
    let mut response = match answer {
        Answer::NotModified => answered(StatusCode::NOT_MODIFIED),
        Answer::OutOfRange => refuse(StatusCode::RANGE_NOT_SATISFIABLE),
        Answer::Packed => pack(file).await?,
        Answer::Whole => part(StatusCode::OK, file, 0, known.bytes, request)?,
        Answer::Part { first, last } => {
            let bytes = last - first + 1;
            part(StatusCode::PARTIAL_CONTENT, file, first, bytes, request)?
        }
    };
    let headers = response.headers_mut();
    match answer {
        Answer::OutOfRange => {
            let range = format!("bytes */{}", known.bytes);
            set(headers, header::CONTENT_RANGE, &range);
            return Ok(response);
        }
        Answer::Part { first, last } => {
            let range = format!("bytes {first}-{last}/{}", known.bytes);
            set(headers, header::CONTENT_RANGE, &range);
        }
        _ => {}
    }
    let packed = answer == Answer::Packed
        || (answer == Answer::NotModified && known.may_pack && is_packed_tag(request, &known));
    set(headers, header::ETAG, &known.tag(packed));
    let modified = httpdate::fmt_http_date(known.modified);
    set(headers, header::LAST_MODIFIED, &modified);
    set(headers, header::CONTENT_TYPE, kind.mime);
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::CONTENT_SECURITY_POLICY, policy);
    if packs {
        set(headers, header::VARY, "Accept-Encoding");
    }
    Ok(response)
}

fn is_packed_tag(request: &Request<Incoming>, known: &Known) -> bool {
    let tags = asked(request.headers()).if_none_match;
    tags.is_some_and(|tags| tags.contains(&known.tag(true)))
}

fn asked(headers: &HeaderMap) -> Asked<'_> {
    let value = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    Asked {
        range: value(header::RANGE),
        if_range: value(header::IF_RANGE),
        if_none_match: value(header::IF_NONE_MATCH),
        if_modified_since: value(header::IF_MODIFIED_SINCE),
        accept_encoding: value(header::ACCEPT_ENCODING),
    }
}

fn policy(mime: &str, file: &File) -> io::Result<&'static str> {
    if mime.contains("xml") {
        return Ok(FILE_POLICY);
    }
    if !mime.starts_with("text/html") {
        return Ok(FRAME_POLICY);
    }
    let mut head = vec![0; HEAD_OF_PAGE];
    let bytes = file.read_at(&mut head, 0)?;
    let head = String::from_utf8_lossy(&head[..bytes]).to_ascii_lowercase();
    Ok(if head.contains("http-equiv=\"content-security-policy\"") {
        FRAME_POLICY
    } else {
        PAGE_POLICY
    })
}

async fn pack(file: File) -> io::Result<Response<Sent>> {
    let packed = blocking(move || {
        let mut packed = Vec::new();
        GzEncoder::new(file.take(MAX_PACKED), Compression::default()).read_to_end(&mut packed)?;
        Ok(packed)
    });
    let mut response = response(StatusCode::OK, packed.await?.into());
    set(response.headers_mut(), header::CONTENT_ENCODING, "gzip");
    Ok(response)
}

fn part(
    status: StatusCode,
    file: File,
    first: u64,
    bytes: u64,
    request: &Request<Incoming>,
) -> io::Result<Response<Sent>> {
    // Of HEAD only the length is said.
    let mut response = if request.method() == Method::HEAD {
        answered(status)
    } else {
        (&file).seek(io::SeekFrom::Start(first))?;
        let file = tokio::fs::File::from_std(file);
        let mut response = answered(status);
        *response.body_mut() = Either::Right(Part::new(file, bytes));
        response
    };
    set(
        response.headers_mut(),
        header::CONTENT_LENGTH,
        &bytes.to_string(),
    );
    Ok(response)
}

fn answered(status: StatusCode) -> Response<Sent> {
    response(status, Bytes::new())
}

fn response(status: StatusCode, body: Bytes) -> Response<Sent> {
    let mut response = Response::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    response
}

/// Nobody else's page may use what is here, and a browser believes the types that we say. A film that is made again keeps its
/// addresses: what a browser has kept is asked about each time, which costs an answer without a body.
fn common_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        set(headers, name, value);
    }
}

// All values are ours, or a path that came through HTTP's own grammar.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Bytes of a file, read while they are sent.
#[derive(Debug)]
pub(super) struct Part {
    file: tokio::fs::File,
    left: u64,
    piece: Vec<u8>,
}

impl Part {
    fn new(file: tokio::fs::File, bytes: u64) -> Self {
        let piece = usize::try_from(bytes).unwrap_or(PIECE).min(PIECE);
        Part {
            file,
            left: bytes,
            piece: vec![0; piece],
        }
    }
}

impl Body for Part {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let part = &mut *self;
        if part.left == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(part.left)
            .unwrap_or(PIECE)
            .min(part.piece.len());
        let mut piece = ReadBuf::new(&mut part.piece[..wanted]);
        ready!(Pin::new(&mut part.file).poll_read(context, &mut piece))?;
        let bytes = Bytes::copy_from_slice(piece.filled());
        if bytes.is_empty() {
            // It has become shorter: an end would look like success.
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        part.left -= bytes.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
