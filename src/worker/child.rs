//! The worker's side. In: descriptors and a request on standard input. Out: messages on the same socket. Opens no path,
//! reads no flag, and dies with its parent.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine;
use rustix::process::{Resource, Rlimit, Signal, setrlimit};

use super::protocol::{Message, PROTOCOL, Request, receive_request, send_message};
use crate::archive::{self, FRESH_MANIFEST, Limits};
use crate::av;
use crate::certify::play::play;
use crate::document;
use crate::layout::Staging;
use crate::libarchive;
use crate::probe;
use crate::probe::side_by_side::{Moment, side_by_side};
use crate::programme::slate::{CLIP, ClipOrder, MAX_PICTURE, Painter};
use crate::text::Text;
use crate::transcode::clip::clip;
use crate::transcode::conform::{ConformOrder, conform};
use crate::transcode::hall::describe;
use crate::transcode::join::{JoinOrder, join};
use crate::transcode::make::{Beside, MakeError, MakeOrder, Progress, make};
use crate::transcode::trial::trial;
use crate::typeset::{MAX_FONT, MAX_FONTS};
use crate::units::Millis;

/// Shortest time between two progress messages.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Bytes of a subtitle file that are read; what is longer is refused by `subtitle` with the same number.
const MAX_SUBTITLE: u64 = (16 << 20) + 1;

/// Memory that unpacking may ask for: one decoder's dictionary at its limit, and as much again.
const MAX_UNPACK_MEMORY: u64 = 2 * archive::MAX_DICTIONARY;

/// Serves one request. An error means that the parent is gone or spoke nonsense: there is nobody to tell.
pub fn serve() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (request, descriptors) = receive_request(&socket)?;
    av::init_worker();
    send_message(
        &socket,
        &Message::Hello {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").into(),
        },
    )?;
    let reporter = Reporter::new(&socket);
    let answer = answer(request, descriptors, &reporter)?;
    send_message(&socket, &answer)
}

fn answer(
    request: Request,
    descriptors: Vec<OwnedFd>,
    reporter: &Reporter<'_>,
) -> io::Result<Message> {
    let mut descriptors = descriptors.into_iter();
    let mut next = || {
        descriptors
            .next()
            .ok_or_else(|| io::Error::other("a descriptor is missing in the request"))
    };
    Ok(match request {
        Request::Hello => Message::Failed {
            why: Text::new("无事可做", "nothing to do"),
        },
        Request::Probe(looks) => {
            match probe::measure(File::from(next()?), looks, &mut |bytes| {
                reporter.report(bytes, 0);
            }) {
                Ok(measured) => Message::Probed(Box::new(measured)),
                Err(unreadable) => Message::Unreadable(unreadable),
            }
        }
        Request::Pair(moments) => {
            let (ours, theirs) = (File::from(next()?), File::from(next()?));
            pair(ours, theirs, &moments)
        }
        Request::Play => match play(File::from(next()?), &mut |bytes| reporter.report(bytes, 0)) {
            Ok(played) => Message::Played(Box::new(played)),
            Err(error) => Message::Failed {
                why: Text::new(
                    format!("不是能播放的视频：{error}"),
                    format!("it is no film that can be played: {error}"),
                ),
            },
        },
        Request::ReadDocument => read_document(File::from(next()?))?,
        Request::Make(order) => {
            let (upload, staging) = (File::from(next()?), Staging::new(next()?));
            let subtitles = descriptors
                .by_ref()
                .take(order.subtitles.len())
                .map(|fd| read_limited(File::from(fd)))
                .collect::<io::Result<Vec<_>>>()?;
            let fonts = descriptors
                .take(MAX_FONTS)
                .map(|fd| read_at_most(File::from(fd), MAX_FONT))
                .collect::<io::Result<Vec<_>>>()?;
            let beside = Beside { subtitles, fonts };
            make_all(&upload, beside, &staging, &order, reporter)
        }
        Request::Unpack(limits) => {
            let staging = Staging::new(next()?);
            let volumes = descriptors.map(File::from).collect();
            match unpack_all(volumes, &staging, &limits, reporter) {
                Ok(()) => Message::Unpacked,
                Err(error) => Message::Failed {
                    why: Text::new(
                        format!("解压时写不进去：{error}"),
                        format!("what was unpacked could not be written: {error}"),
                    ),
                },
            }
        }
        Request::Describe => answered(describe(File::from(next()?)).map(Message::Described)),
        Request::Clip(order) => {
            let staging = Staging::new(next()?);
            let picture = order
                .picture
                .then(|| read_at_most(File::from(next()?), MAX_PICTURE))
                .transpose()?;
            let fonts = descriptors
                .take(MAX_FONTS)
                .map(|fd| read_at_most(File::from(fd), MAX_FONT))
                .collect::<io::Result<Vec<_>>>()?;
            answered(draw(&staging, &order, picture.as_deref(), fonts, reporter))
        }
        Request::Conform(order) => {
            let (master, staging) = (File::from(next()?), Staging::new(next()?));
            answered(fit(master, &staging, &order, reporter))
        }
        Request::Trial(order) => match overheard(|| trial(&order))? {
            Ok(()) => Message::Encodes,
            Err(words) => Message::Failed {
                why: Text::same(words),
            },
        },
        Request::Join(order) => {
            let staging = Staging::new(next()?);
            answered(join_all(&staging, &order, reporter))
        }
    })
}

/// Most bytes of what drivers and libav say.
const MAX_SAID: u64 = 64 << 10;

/// What is tried, or why it failed: libav's log says more than its code ("Cannot load libcuda.so.1").
fn overheard(tried: impl FnOnce() -> Result<(), MakeError>) -> io::Result<Result<(), String>> {
    let log = rustix::fs::memfd_create(c"log", rustix::fs::MemfdFlags::CLOEXEC)?;
    rustix::stdio::dup2_stderr(&log)?;
    let Err(error) = tried() else {
        return Ok(Ok(()));
    };
    let mut said = Vec::new();
    let mut log = File::from(log);
    log.rewind()?;
    log.take(MAX_SAID).read_to_end(&mut said)?;
    Ok(Err(in_libavs_words(
        &String::from_utf8_lossy(&said),
        &error,
    )))
}

/// The log's first line, without the name and address that libav puts before it; else the error.
fn in_libavs_words(log: &str, error: &MakeError) -> String {
    let mut lines = log.lines().map(|line| match line.split_once("] ") {
        Some((mark, rest)) if mark.starts_with('[') => rest.trim(),
        _ => line.trim(),
    });
    let first = lines.find(|line| !line.is_empty());
    let cause = || {
        let cause = std::error::Error::source(error);
        cause.map_or_else(|| error.to_string(), ToString::to_string)
    };
    first.map_or_else(cause, str::to_owned)
}

fn answered(done: Result<Message, MakeError>) -> Message {
    done.unwrap_or_else(|error| Message::Failed { why: why(&error) })
}

fn draw(
    staging: &Staging,
    order: &ClipOrder,
    picture: Option<&[u8]>,
    fonts: Vec<Vec<u8>>,
    reporter: &Reporter<'_>,
) -> Result<Message, MakeError> {
    let (mut painter, missing) = Painter::new(order, picture, fonts)?;
    let length = (order.frame_rate, order.frames);
    clip(staging, CLIP, &order.format, length, &mut |index| {
        reporter.report(index, order.frames);
        Ok(painter.frame(index)?)
    })?;
    Ok(Message::Clipped { missing })
}

fn fit(
    master: File,
    staging: &Staging,
    order: &ConformOrder,
    reporter: &Reporter<'_>,
) -> Result<Message, MakeError> {
    conform(master, staging, order, &mut |frames| {
        reporter.report(frames, order.frames);
    })?;
    Ok(Message::Conformed)
}

fn join_all(
    staging: &Staging,
    order: &JoinOrder,
    reporter: &Reporter<'_>,
) -> Result<Message, MakeError> {
    join(staging, order, &mut |part| reporter.report(part, 1000))?;
    Ok(Message::Joined)
}

fn read_at_most(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!(
            "a file of more bytes than the limit of {most}"
        )));
    }
    Ok(bytes)
}

fn pair(ours: File, theirs: File, moments: &[Moment]) -> Message {
    match side_by_side(ours, theirs, moments) {
        Ok(jpeg) => Message::Paired {
            jpeg: base64::engine::general_purpose::STANDARD.encode(jpeg),
        },
        Err(error) => Message::Failed {
            why: Text::new(
                format!("做不出对照图：{error}"),
                format!("no picture of both could be made: {error}"),
            ),
        },
    }
}

/// Readers of office files believe what a file says of itself: what they may take is limited from outside.
fn read_document(file: File) -> io::Result<Message> {
    limit(Resource::Data, document::limits::MAX_MEMORY.0)?;
    limit(Resource::Cpu, document::limits::MAX_CPU_SECONDS)?;
    Ok(match document::read(file) {
        Ok(document) => Message::Document(Box::new(document)),
        Err(fault) => Message::DocumentRefused(fault),
    })
}

/// What this process may take from now on; it can not be raised again.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}

fn unpack_all(
    volumes: Vec<File>,
    staging: &Staging,
    limits: &Limits,
    reporter: &Reporter<'_>,
) -> io::Result<()> {
    // What an archive asks for beyond this fails, and the worker with it: its own trouble, not the computer's.
    limit(Resource::Data, MAX_UNPACK_MEMORY)?;
    libarchive::init_worker();
    let mut progress = |done| reporter.report(done, 0);
    let manifest = archive::unpack(volumes, staging, limits, &mut progress)?;
    staging.write(FRESH_MANIFEST, &serde_json::to_vec(&manifest)?)
}

fn make_all(
    upload: &File,
    beside: Beside,
    staging: &Staging,
    order: &MakeOrder,
    reporter: &Reporter<'_>,
) -> Message {
    let report = |progress: Progress| reporter.report(progress.done.0, progress.total.0);
    match make(upload, beside, staging, order, &report) {
        Ok(made) => Message::Made {
            made: Box::new(made),
            cpu_ms: processor_time(),
        },
        Err(error) => Message::Failed { why: why(&error) },
    }
}

fn read_limited(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_SUBTITLE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn processor_time() -> Millis {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (
        u64::try_from(time.tv_sec).unwrap_or(0),
        u64::try_from(time.tv_nsec).unwrap_or(0),
    );
    Millis(seconds * 1000 + nanos / 1_000_000)
}

fn why(error: &MakeError) -> Text {
    let cause = std::error::Error::source(error)
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    match error {
        MakeError::Damaged {
            lost,
            errors,
            frames,
        } => Text::new(
            format!(
                "画面数据损坏：有 {lost} 没有画面，{frames} 帧中有 {errors} 处错误，请重新导出并重新发送"
            ),
            format!(
                "the picture is damaged: {lost} without a picture, {errors} errors in {frames} frames; export and send it again"
            ),
        ),
        MakeError::Write { name, source } if source.kind() == io::ErrorKind::StorageFull => {
            Text::new(
                format!("磁盘已满，写不下 {name}。请腾出空间后再运行一次，已完成的不会重做"),
                format!(
                    "the disk is full, {name} could not be written. Free some space and run again; what is done stays"
                ),
            )
        }
        _ => Text::new(
            format!("制作失败：{error}{cause}"),
            format!("making failed: {error}{cause}"),
        ),
    }
}

/// Tells the parent how far it is, not too often, and only when it got further: silence is how a hang is known.
struct Reporter<'a> {
    socket: &'a UnixStream,
    last: Mutex<(Instant, u64)>,
}

impl<'a> Reporter<'a> {
    fn new(socket: &'a UnixStream) -> Self {
        Reporter {
            socket,
            last: Mutex::new((Instant::now(), 0)),
        }
    }

    fn report(&self, done: u64, total: u64) {
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        if done > last.1 && last.0.elapsed() >= PROGRESS_EVERY {
            *last = (Instant::now(), done);
            // If nobody listens any more, the next answer fails, and the parent's death ends us anyway.
            let _ = send_message(self.socket, &Message::Progress { done, total });
        }
    }
}
