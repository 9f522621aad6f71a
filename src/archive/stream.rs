//! RAR, tar, CAB, LHA, and ZIP without a directory, by libarchive. In: volumes. Out: every entry at the desk, as far as
//! it can be read. What libarchive 3.6 cannot read (passwords, RAR 3 solid, RAR 1.5) is named for what it is.

use std::io::{self, Read, Seek};

use super::desk::{Desk, complaint};
use super::names::RawName;
use super::rar::{self, Facts};
use super::volumes::Volumes;
use super::{Kind, Refusal, Trouble};
use crate::libarchive::{Archive, Complaint, EntryKind, Filter, Formats, Header};

/// Complaints in a row after which an archive is given up: libarchive may go on complaining for ever.
const MAX_COMPLAINTS: usize = 16;

/// Everything in the archive.
pub(super) fn walk(mut volumes: Volumes, kind: Kind, desk: &mut Desk<'_>) -> io::Result<()> {
    let volume_count = volumes.count();
    let facts = match kind {
        Kind::Rar4 => rar::facts_4(&mut volumes)?,
        Kind::Rar5 => rar::facts_5(&mut volumes)?,
        _ => Facts::default(),
    };
    let head = volumes.peek(0, 8)?;
    volumes.rewind()?;
    match Archive::open(Box::new(volumes), formats(kind, &head)) {
        Ok(mut archive) => take_all(&mut archive, kind, &facts, desk)?,
        Err(complaint) => desk.trouble(trouble(&complaint, kind)),
    }
    if facts.is_volume && desk.lacks_content() {
        desk.trouble(if volume_count > 1 {
            Trouble::Unsupported {
                what: format!("{} in {volume_count} volumes", kind.name()),
            }
        } else {
            Trouble::VolumeMissing
        });
    }
    Ok(())
}

fn take_all(
    archive: &mut Archive<'_>,
    kind: Kind,
    facts: &Facts,
    desk: &mut Desk<'_>,
) -> io::Result<()> {
    let mut complaints = 0;
    while !desk.is_stopped() {
        match archive.next_entry() {
            Ok(Some(mut header)) => {
                complaints = 0;
                let file = facts.files.get(desk.count()).copied().unwrap_or_default();
                header.is_encrypted |= file.is_encrypted;
                take(archive, header, file.crc, desk)?;
            }
            Ok(None) => break,
            Err(complaint) => {
                complaints += 1;
                let trouble = trouble(&complaint, kind);
                let is_the_same = desk.was_cut() && matches!(trouble, Trouble::Damaged { .. });
                desk.trouble(if is_the_same {
                    Trouble::CutOff
                } else {
                    trouble
                });
                if complaint.is_fatal || complaints >= MAX_COMPLAINTS {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn formats(kind: Kind, head: &[u8]) -> Formats {
    match kind {
        Kind::Zip => Formats::ZipFromFront,
        Kind::Rar4 | Kind::Rar5 | Kind::SevenZip => Formats::Rar,
        Kind::Tar => Formats::Tar(None),
        Kind::Compressed => Formats::Tar(Some(match head {
            [0x1F, ..] => Filter::Gzip,
            [b'B', ..] => Filter::Bzip2,
            [b'L', ..] => Filter::Lzip,
            [0xFD, ..] => Filter::Xz,
            _ => Filter::Zstd,
        })),
        Kind::Cabinet => Formats::Cabinet,
        Kind::Lha => Formats::Lha,
    }
}

fn take(
    archive: &mut Archive<'_>,
    header: Header,
    crc: Option<u32>,
    desk: &mut Desk<'_>,
) -> io::Result<()> {
    let name = RawName::Bytes(header.name.unwrap_or_default());
    match header.kind {
        EntryKind::Folder => desk.folder(name),
        EntryKind::Link => desk.refuse(name, Refusal::Link),
        EntryKind::Special => desk.refuse(name, Refusal::Special),
        EntryKind::File if header.is_encrypted => desk.refuse(name, Refusal::Encrypted),
        EntryKind::File => {
            let mut content = Checked::new(archive.content(), crc);
            return desk.extract(name, header.size, &mut content, &|error| {
                refusal(&complaint(error))
            });
        }
    }
    Ok(())
}

/// A content that is compared with its checksum, if there is one, when it ends.
struct Checked<R> {
    content: R,
    wanted: Option<u32>,
    hasher: crc32fast::Hasher,
}

impl<R> Checked<R> {
    fn new(content: R, wanted: Option<u32>) -> Self {
        Checked {
            content,
            wanted,
            hasher: crc32fast::Hasher::new(),
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        let is_other = |wanted| self.hasher.clone().finalize() != wanted;
        if read == 0 && !buffer.is_empty() && self.wanted.is_some_and(is_other) {
            return Err(io::Error::other("checksum error"));
        }
        Ok(read)
    }
}

fn refusal(message: &str) -> Refusal {
    let lower = message.to_lowercase();
    if is_about_passwords(&lower) {
        Refusal::Encrypted
    } else if is_about_an_end(&lower) {
        Refusal::CutOff
    } else if is_about_support(&lower) {
        Refusal::Method {
            name: message.to_owned(),
        }
    } else {
        Refusal::Broken {
            why: message.to_owned(),
        }
    }
}

fn trouble(complaint: &Complaint, kind: Kind) -> Trouble {
    let lower = complaint.message.to_lowercase();
    let why = super::desk::complaint(complaint);
    if is_about_passwords(&lower) {
        Trouble::Encrypted
    } else if lower.contains("unrecognized archive format") && kind == Kind::Compressed {
        Trouble::Unsupported {
            what: "a single compressed file".to_owned(),
        }
    } else if is_about_an_end(&lower) {
        Trouble::CutOff
    } else if is_about_support(&lower) {
        Trouble::Unsupported { what: why }
    } else {
        Trouble::Damaged { why }
    }
}

fn is_about_support(lower: &str) -> bool {
    ["unsupported", "not supported", "unavailable"]
        .iter()
        .any(|word| lower.contains(word))
}

fn is_about_passwords(lower: &str) -> bool {
    ["encrypt", "passphrase", "password"]
        .iter()
        .any(|word| lower.contains(word))
}

fn is_about_an_end(lower: &str) -> bool {
    [
        "truncated",
        "end of file",
        "premature",
        "no next header",
        "end-of-file",
        // libarchive's word for a stored RAR 5 file that ends too early.
        "i/o error when unstoring",
    ]
    .iter()
    .any(|word| lower.contains(word))
}
