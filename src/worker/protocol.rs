//! What parent and worker say to each other over one Unix socket: first the descriptors (`SCM_RIGHTS`), then one request
//! as a length and JSON; back come JSON lines. In: typed messages. Out: bytes, and the other way round with limits.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use serde::{Deserialize, Serialize};

use crate::archive::{Limits, MAX_VOLUMES};
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

/// Counts up when a message changes; parent and worker are the same binary, so this only catches a mix-up.
pub const PROTOCOL: u32 = 5;
/// Descriptors in one request: a staging folder and an archive's volumes, or the upload, the staging folder, subtitles.
pub const MAX_DESCRIPTORS: usize = 1 + MAX_VOLUMES;
/// Subtitle files that one submission may bring.
pub const MAX_SUBTITLES: usize = 16;
/// Bytes of a request.
pub const MAX_REQUEST: u32 = 4 << 20;
/// Bytes of one answer line. A measurement with its thumbnail has some 30 KiB.
pub const MAX_LINE: usize = 4 << 20;

/// What the parent wants; the descriptors come first, in the order named here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Are you there? No descriptors.
    Hello,
    /// Measure the upload. Descriptors: upload.
    Probe(Looks),
    /// Put two uploads next to each other. Descriptors: this upload, the other one.
    Pair(Vec<Moment>),
    /// Make the upload. Descriptors: upload, staging folder, subtitle files, fonts where subtitles are to be burnt in.
    Make(Box<MakeOrder>),
    /// Play a file of the programme to its end. Descriptors: the file.
    Play,
    /// Read an office document. Descriptors: the file.
    ReadDocument,
    /// Unpack the archive. Descriptors: staging folder, volumes in their order.
    Unpack(Limits),
    /// Say what a master is. Descriptors: master.
    Describe,
    /// Make a short film of our own. Descriptors: staging folder, picture where the order says so, fonts.
    Clip(Box<ClipOrder>),
    /// Make a master fit the programme. Descriptors: master, staging folder.
    Conform(Box<ConformOrder>),
    /// Try an encoder. No descriptors.
    Trial(Box<TrialOrder>),
    /// Join the items that are in the staging folder. Descriptors: staging folder.
    Join(Box<JoinOrder>),
}

/// What the worker answers; the last one of a request is neither `Hello` nor `Progress`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The worker is up.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// Our version.
        version: String,
    },
    /// Something was achieved since the last message; silence is how a hang is known.
    Progress {
        /// How much is done, in milliseconds of film or bytes of file.
        done: u64,
        /// Of how much; 0 if unknown.
        total: u64,
    },
    /// The measurement.
    Probed(Box<Measured>),
    /// The file cannot be read as a video.
    Unreadable(Unreadable),
    /// The picture of both uploads: JPEG, base64.
    Paired {
        /// The picture.
        jpeg: String,
    },
    /// The outputs are in the staging folder, proven.
    Made {
        /// What was made.
        made: Box<Made>,
        /// Processor time that it took.
        cpu_ms: Millis,
    },
    /// What was played.
    Played(Box<Played>),
    /// What the document says.
    Document(Box<Document>),
    /// The document cannot be read.
    DocumentRefused(DocumentFault),
    /// What was in the archive is in the staging folder, with its manifest.
    Unpacked,
    /// What the master is.
    Described(Described),
    /// The film of our own is in the staging folder.
    Clipped {
        /// Characters that no font has, and that were left out.
        missing: String,
    },
    /// The programme's version of the master is in the staging folder.
    Conformed,
    /// The joined file is in the staging folder, proven.
    Joined,
    /// The encoder works.
    Encodes,
    /// It could not be made.
    Failed {
        /// Why, for people.
        why: Text,
    },
}

/// Sends descriptors and a request.
pub fn send_request(
    socket: &UnixStream,
    request: &Request,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    send_descriptors(socket, descriptors)?;
    let body = serde_json::to_vec(request)?;
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut socket = socket;
    socket.write_all(&length.to_be_bytes())?;
    socket.write_all(&body)
}

/// Receives descriptors and a request.
pub fn receive_request(socket: &UnixStream) -> io::Result<(Request, Vec<OwnedFd>)> {
    let descriptors = receive_descriptors(socket)?
        .ok_or_else(|| io::Error::other("the parent hung up before it asked for anything"))?;
    let mut socket = socket;
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > MAX_REQUEST {
        return Err(io::Error::other(format!(
            "a request of {length} bytes, more than the limit of {MAX_REQUEST}"
        )));
    }
    let mut body = vec![0; length as usize];
    socket.read_exact(&mut body)?;
    Ok((serde_json::from_slice(&body)?, descriptors))
}

/// Sends descriptors, and a byte that carries them.
pub(super) fn send_descriptors(
    socket: &UnixStream,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other(format!(
            "more than {MAX_DESCRIPTORS} descriptors in one request"
        )));
    }
    let carrier = [io::IoSlice::new(b"D")];
    rustix::net::sendmsg(socket, &carrier, &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives descriptors; none where the other side hung up.
pub(super) fn receive_descriptors(socket: &UnixStream) -> io::Result<Option<Vec<OwnedFd>>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut carrier = [0];
    let received = rustix::net::recvmsg(
        socket,
        &mut [io::IoSliceMut::new(&mut carrier)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let descriptors = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(rights) => Some(rights),
            _ => None,
        })
        .flatten()
        .collect();
    Ok((received.bytes > 0).then_some(descriptors))
}

/// Sends one answer.
pub fn send_message(mut socket: &UnixStream, message: &Message) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    socket.write_all(&line)
}

/// Collects bytes until they make lines.
#[derive(Debug, Default)]
pub struct Lines {
    held: Vec<u8>,
}

/// Why bytes from a worker are not messages.
#[derive(Debug, thiserror::Error)]
pub enum Garbage {
    /// A line without an end.
    #[error("a line of more than {MAX_LINE} bytes")]
    TooLong,
    /// A line that is no message.
    #[error("not a message: {0}")]
    NotAMessage(#[from] serde_json::Error),
}

impl Lines {
    /// Adds bytes and takes out all whole messages.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Message>, Garbage> {
        self.held.extend_from_slice(bytes);
        let mut messages = Vec::new();
        while let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.held.drain(..=end).collect();
            messages.push(serde_json::from_slice(&line)?);
        }
        if self.held.len() > MAX_LINE {
            Err(Garbage::TooLong)
        } else {
            Ok(messages)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Seek, SeekFrom};
    use std::os::fd::AsFd;

    #[test]
    fn descriptors_and_request_arrive_together() {
        let (here, there) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"upload").unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        send_request(&here, &Request::Probe(Looks::Closely), &[file.as_fd()]).unwrap();
        let (request, descriptors) = receive_request(&there).unwrap();
        assert_eq!(request, Request::Probe(Looks::Closely));
        let received: Vec<String> = descriptors
            .into_iter()
            .map(|fd| io::read_to_string(File::from(fd)).unwrap())
            .collect();
        assert_eq!(received, ["upload"]);
    }

    #[test]
    fn half_a_line_waits_and_nonsense_is_refused() {
        let mut lines = Lines::default();
        assert!(lines.push(br#"{"progress":{"done":1,"#).unwrap().is_empty());
        let messages = lines.push(b"\"total\":2}}\n").unwrap();
        assert_eq!(messages, [Message::Progress { done: 1, total: 2 }]);
        assert!(matches!(
            lines.push(b"Segmentation fault\n"),
            Err(Garbage::NotAMessage(_))
        ));
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut lines = Lines::default();
        assert!(matches!(
            lines.push(&vec![b'x'; MAX_LINE + 1]),
            Err(Garbage::TooLong)
        ));
    }
}
