//! The parent's side: spawn, watch, kill. In: an open upload and a request. Out: the worker's answer, or what became of
//! it. Never waits for ever, never believes a line that it did not check, leaves no orphan.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;

use super::process::{Process, Start};
use super::protocol::{Lines, Message, PROTOCOL, Request, send_request};
use crate::archive::Limits;
use crate::certify::play::Played;
use crate::document::{Document, DocumentFault};
use crate::probe::sampler::Looks;
use crate::probe::side_by_side::Moment;
use crate::probe::{Measured, Unreadable};
use crate::programme::slate::ClipOrder;
use crate::text::Text;
use crate::transcode::conform::ConformOrder;
use crate::transcode::hall::Described;
use crate::transcode::join::JoinOrder;
use crate::transcode::make::{Made, MakeOrder};
use crate::transcode::trial::TrialOrder;
use crate::units::Millis;

/// How often a waiting parent looks at the clock and at the operator's wish to stop.
const TICK: Duration = Duration::from_millis(100);

/// Workers, and how they are started.
#[derive(Debug)]
pub struct Workers {
    /// How.
    pub start: Start,
    /// How long a worker may be silent before it counts as hung.
    pub patience: Duration,
    /// Set when the operator wants to stop.
    pub cancelled: Arc<AtomicBool>,
}

/// What became of a worker that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It could not be started or spoken to.
    #[error("cannot start the worker {program}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended without an answer.
    #[error("the worker ended with {how} and no answer{said}")]
    Died {
        /// Signal or exit code.
        how: String,
        /// The last it said.
        said: String,
    },
    /// It made no progress.
    #[error("the worker made no progress for {} s and was killed", after.as_secs())]
    Hung {
        /// How long it was waited for.
        after: Duration,
    },
    /// It answered with something else.
    #[error("the worker answered with nonsense: {what}")]
    Garbage {
        /// What is wrong with it.
        what: String,
    },
    /// The operator wants to stop.
    #[error("stopped by the operator")]
    Cancelled,
    /// It could not do it, and says why.
    #[error("{}", why.en)]
    Refused {
        /// Why.
        why: Text,
    },
}

impl WorkerError {
    /// In words for people.
    pub fn text(&self) -> Text {
        let en = match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        };
        let zh = match self {
            WorkerError::Start { program, source } => {
                format!("无法启动处理进程 {}：{source}", program.display())
            }
            WorkerError::Died { how, said } => {
                format!("处理进程意外退出（{how}）{said}，其余视频不受影响")
            }
            WorkerError::Hung { after } => format!(
                "处理进程 {} 秒没有进展，已终止，其余视频不受影响",
                after.as_secs()
            ),
            WorkerError::Garbage { what } => format!("处理进程的回答无法理解：{what}"),
            WorkerError::Cancelled => "操作员中止".into(),
            WorkerError::Refused { why } => return why.clone(),
        };
        Text { zh, en }
    }
}

impl Workers {
    /// Measures an upload. `Err` is what the file is like; a worker that fails is `Unreadable::WorkerFailed`.
    pub fn probe(
        &self,
        upload: File,
        looks: Looks,
    ) -> Result<Result<Measured, Unreadable>, WorkerError> {
        match self.ask(&Request::Probe(looks), vec![upload.into()], &mut |_, _| {}) {
            Ok(Message::Probed(measured)) => Ok(Ok(*measured)),
            Ok(Message::Unreadable(unreadable)) => Ok(Err(unreadable)),
            Ok(other) => Err(unexpected(&other)),
            Err(error) => Err(error),
        }
    }

    /// A picture of two uploads at the same moments, this one's above the other's: JPEG.
    pub fn pair(
        &self,
        ours: File,
        theirs: File,
        moments: Vec<Moment>,
    ) -> Result<Vec<u8>, WorkerError> {
        let descriptors = vec![ours.into(), theirs.into()];
        match self.ask(&Request::Pair(moments), descriptors, &mut |_, _| {})? {
            Message::Paired { jpeg } => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(jpeg);
                decoded.map_err(|error| WorkerError::Garbage {
                    what: error.to_string(),
                })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Makes an upload in a staging folder.
    pub fn make(
        &self,
        upload: File,
        staging: File,
        beside: Vec<File>,
        order: MakeOrder,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(Made, Millis), WorkerError> {
        let descriptors = [upload, staging]
            .into_iter()
            .chain(beside)
            .map(OwnedFd::from)
            .collect();
        match self.ask(&Request::Make(Box::new(order)), descriptors, progress)? {
            Message::Made { made, cpu_ms } => Ok((*made, cpu_ms)),
            Message::Failed { why } => Err(WorkerError::Refused { why }),
            other => Err(unexpected(&other)),
        }
    }

    /// Plays a file of the programme to its end. `progress` is told the bytes that are done.
    pub fn play(&self, file: File, progress: &mut dyn FnMut(u64)) -> Result<Played, WorkerError> {
        let mut told = |done, _| progress(done);
        match self.ask(&Request::Play, vec![file.into()], &mut told)? {
            Message::Played(played) => Ok(*played),
            Message::Failed { why } => Err(WorkerError::Refused { why }),
            other => Err(unexpected(&other)),
        }
    }

    /// Reads an office document. `Err` inside is what the file is like; outside, a worker that gave no answer.
    pub fn read_document(
        &self,
        file: File,
    ) -> Result<Result<Document, DocumentFault>, WorkerError> {
        match self.ask(&Request::ReadDocument, vec![file.into()], &mut |_, _| {})? {
            Message::Document(document) => Ok(Ok(*document)),
            Message::DocumentRefused(fault) => Ok(Err(fault)),
            other => Err(unexpected(&other)),
        }
    }

    /// Unpacks an archive into a staging folder, with a manifest beside the files.
    pub fn unpack(
        &self,
        staging: File,
        volumes: Vec<File>,
        limits: Limits,
    ) -> Result<(), WorkerError> {
        let descriptors = std::iter::once(staging)
            .chain(volumes)
            .map(OwnedFd::from)
            .collect();
        match self.ask(&Request::Unpack(limits), descriptors, &mut |_, _| {})? {
            Message::Unpacked => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// What a master is.
    pub fn describe(&self, master: File) -> Result<Described, WorkerError> {
        match self.ask(&Request::Describe, vec![master.into()], &mut |_, _| {})? {
            Message::Described(described) => Ok(described),
            other => Err(unexpected(&other)),
        }
    }

    /// Makes a short film of our own in a staging folder. `extra` is the picture, where the order says so, and the fonts.
    /// What comes back are the characters that no font has.
    pub fn clip(
        &self,
        staging: File,
        extra: Vec<File>,
        order: ClipOrder,
    ) -> Result<String, WorkerError> {
        let descriptors = std::iter::once(staging)
            .chain(extra)
            .map(OwnedFd::from)
            .collect();
        match self.ask(&Request::Clip(Box::new(order)), descriptors, &mut |_, _| {})? {
            Message::Clipped { missing } => Ok(missing),
            other => Err(unexpected(&other)),
        }
    }

    /// Makes the programme's version of a master in a staging folder.
    pub fn conform(
        &self,
        master: File,
        staging: File,
        order: ConformOrder,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), WorkerError> {
        let descriptors = vec![master.into(), staging.into()];
        match self.ask(&Request::Conform(Box::new(order)), descriptors, progress)? {
            Message::Conformed => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Tries an encoder; what is wrong with it is said in libav's words.
    pub fn try_encoder(&self, order: TrialOrder) -> Result<(), WorkerError> {
        match self.ask(&Request::Trial(Box::new(order)), vec![], &mut |_, _| {})? {
            Message::Encodes => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Joins the items that are in a staging folder.
    pub fn join(
        &self,
        staging: File,
        order: JoinOrder,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), WorkerError> {
        match self.ask(
            &Request::Join(Box::new(order)),
            vec![staging.into()],
            progress,
        )? {
            Message::Joined => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Starts a worker and hears that it is up.
    pub fn greet(&self) -> Result<(), WorkerError> {
        self.ask(&Request::Hello, vec![], &mut |_, _| {}).map(drop)
    }

    fn ask(
        &self,
        request: &Request,
        descriptors: Vec<OwnedFd>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Message, WorkerError> {
        let start = |source| WorkerError::Start {
            program: self.start.program.clone(),
            source,
        };
        let (ours, theirs) = UnixStream::pair().map_err(start)?;
        let mut process = Process::start(&self.start, theirs).map_err(start)?;
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        // A worker that died at once breaks the pipe: what it said on standard error tells more.
        let sent = send_request(&ours, request, &borrowed);
        drop(borrowed);
        drop(descriptors);
        let heard = match sent {
            Ok(()) => self.listen(&ours, progress),
            Err(_) => Ok(None),
        };
        match heard {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => {
                let (how, said) = process.last_words();
                Err(WorkerError::Died { how, said })
            }
            // Whatever it still does, it is killed with the process at the end of this function.
            Err(error) => Err(error),
        }
    }

    /// The last message, or none where the worker closed its end without one.
    fn listen(
        &self,
        mut socket: &UnixStream,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Option<Message>, WorkerError> {
        let garbage = |what: String| WorkerError::Garbage { what };
        socket
            .set_read_timeout(Some(TICK))
            .map_err(|e| garbage(e.to_string()))?;
        let mut lines = Lines::default();
        let mut buffer = vec![0; 64 << 10];
        let mut heard = Instant::now();
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(WorkerError::Cancelled);
            }
            let read = match socket.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(read) => read,
                Err(e)
                    if matches!(
                        e.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    if heard.elapsed() > self.patience {
                        return Err(WorkerError::Hung {
                            after: self.patience,
                        });
                    }
                    continue;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Ok(None),
            };
            heard = Instant::now();
            for message in lines
                .push(&buffer[..read])
                .map_err(|e| garbage(e.to_string()))?
            {
                match message {
                    Message::Hello {
                        protocol: PROTOCOL, ..
                    } => {}
                    Message::Hello { protocol, .. } => {
                        return Err(garbage(format!(
                            "it speaks protocol {protocol}, not {PROTOCOL}"
                        )));
                    }
                    Message::Progress { done, total } => progress(done, total),
                    answer => return Ok(Some(answer)),
                }
            }
        }
    }
}

fn unexpected(message: &Message) -> WorkerError {
    match message {
        Message::Failed { why } => WorkerError::Refused { why: why.clone() },
        other => WorkerError::Garbage {
            what: format!("an answer to another question: {other:?}")
                .chars()
                .take(200)
                .collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker that is a shell script: it has the socket as standard input, as ours has.
    fn script(text: &str) -> Workers {
        Workers {
            start: Start::anew("/bin/sh", &["-c", text]),
            patience: Duration::from_millis(400),
            cancelled: Arc::default(),
        }
    }

    fn ask(workers: &Workers) -> WorkerError {
        workers
            .probe(tempfile::tempfile().unwrap(), Looks::Closely)
            .unwrap_err()
    }

    #[test]
    fn a_crash_is_told_with_its_signal_and_last_words() {
        let error = ask(&script("echo 'double free' >&2; kill -SEGV $$"));
        assert_eq!(
            error.to_string(),
            "the worker ended with signal 11 and no answer (double free)"
        );
    }

    #[test]
    fn an_exit_without_an_answer_is_no_success() {
        let error = ask(&script("exit 0"));
        assert_eq!(
            error.to_string(),
            "the worker ended with exit code 0 and no answer"
        );
    }

    #[test]
    fn half_a_line_is_no_answer() {
        let error = ask(&script(r#"printf '{"probed":{"med' >&0"#));
        assert!(matches!(error, WorkerError::Died { .. }), "{error}");
    }

    #[test]
    fn nonsense_and_another_questions_answer_are_refused() {
        let error = ask(&script("echo 'hello there' >&0; exec sleep 60"));
        assert!(matches!(error, WorkerError::Garbage { .. }), "{error}");
        let made = r#"{"made":{"made":{"variants":[],"subtitles":[],"notes":[],"duration_ms":1},"cpu_ms":1}}"#;
        let error = ask(&script(&format!("echo '{made}' >&0; exec sleep 60")));
        assert!(matches!(error, WorkerError::Garbage { .. }), "{error}");
    }

    #[test]
    fn a_hang_is_killed_but_progress_buys_time() {
        let before = Instant::now();
        let error = ask(&script("exec sleep 60"));
        assert!(matches!(error, WorkerError::Hung { .. }), "{error}");
        assert!(before.elapsed() < Duration::from_secs(10));
        let slow = r#"for i in 1 2 3 4; do echo '{"progress":{"done":1,"total":9}}' >&0; sleep 0.25; done
            echo '{"unreadable":{"kind":"empty"}}' >&0"#;
        let answer = script(slow)
            .probe(tempfile::tempfile().unwrap(), Looks::Closely)
            .unwrap();
        assert_eq!(answer, Err(Unreadable::Empty));
    }

    #[test]
    fn the_operators_wish_ends_a_worker() {
        let workers = Workers {
            cancelled: Arc::new(true.into()),
            patience: Duration::from_mins(1),
            ..script("exec sleep 60")
        };
        assert!(matches!(ask(&workers), WorkerError::Cancelled));
    }

    #[test]
    fn a_missing_program_is_named() {
        let workers = Workers {
            start: Start::anew("/nowhere/zhanbo", &[]),
            ..script("")
        };
        assert_eq!(
            ask(&workers).to_string(),
            "cannot start the worker /nowhere/zhanbo"
        );
    }
}
