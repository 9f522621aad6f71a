//! What a RAR's headers say that libarchive does not pass on: volumes, and which files of a RAR 5 are behind a password.
//! In: volumes. Out: [`Facts`]. Reads headers only, as the format's technical notes lay them out; what it cannot follow
//! it leaves to libarchive.

use std::io;

use super::MAX_ENTRIES;
use super::volumes::Volumes;

/// Bytes of one header that are looked at.
const MAX_HEADER: usize = 64 << 10;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// A volume of several.
    pub(super) is_volume: bool,
    /// Each file in order (RAR 5).
    pub(super) files: Vec<FileFacts>,
}

/// What a RAR 5 says of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FileFacts {
    /// Behind a password.
    pub(super) is_encrypted: bool,
    /// CRC-32 of the whole content: libarchive 3.6 does not compare it where the file is stored.
    pub(super) crc: Option<u32>,
}

/// Facts of a RAR up to version 4: the main header stands behind the 7 bytes of the mark.
pub(super) fn facts_4(volumes: &mut Volumes) -> io::Result<Facts> {
    let head = volumes.peek(7, 7)?;
    let is_volume = matches!(head[..], [_, _, 0x73, flags, ..] if flags & 1 != 0);
    Ok(Facts {
        is_volume,
        files: Vec::new(),
    })
}

/// Facts of a RAR 5.
pub(super) fn facts_5(volumes: &mut Volumes) -> io::Result<Facts> {
    let mut facts = Facts::default();
    let mut at = 8;
    while facts.files.len() < MAX_ENTRIES {
        let bytes = volumes.peek(at, MAX_HEADER)?;
        let Some(header) = Header::read(&bytes) else {
            break;
        };
        match header.kind {
            1 => facts.is_volume = header.first.is_some_and(|flags| flags & 1 != 0),
            // The continuation of a file in the next volume is no file of its own.
            2 if header.flags & 8 == 0 => facts.files.push(header.file),
            // The end of a volume: the next one begins with a mark of its own.
            5 => {
                at += header.length;
                let mark = volumes.peek(at, 8)?;
                if mark != b"Rar!\x1A\x07\x01\x00" {
                    break;
                }
                at += 8;
                continue;
            }
            4 => break,
            _ => {}
        }
        let next = at.saturating_add(header.length).saturating_add(header.data);
        if next <= at {
            break;
        }
        at = next;
    }
    Ok(facts)
}

/// The common part of a RAR 5 header.
struct Header {
    kind: u64,
    flags: u64,
    /// Bytes of the header itself.
    length: u64,
    /// Bytes of data behind it.
    data: u64,
    /// The first number of what is the kind's own: the main header's flags.
    first: Option<u64>,
    file: FileFacts,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(4..)?;
        let size = number(&mut rest)?;
        let start = bytes.len() - rest.len();
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        let mut body = bytes.get(start..end)?;
        let kind = number(&mut body)?;
        let flags = number(&mut body)?;
        let extra = if flags & 1 == 0 {
            0
        } else {
            usize::try_from(number(&mut body)?).ok()?
        };
        let data = if flags & 2 == 0 {
            0
        } else {
            number(&mut body)?
        };
        let extra_at = body.len().checked_sub(extra)?;
        let (mut own, records) = body.split_at(extra_at);
        let mut first = None;
        let mut file = FileFacts::default();
        if kind == 2 {
            // What goes on in the next volume has the checksum of this volume's part here.
            file.crc = checksum(own).filter(|_| flags & 0x10 == 0);
            file.is_encrypted = has_encryption(records);
        } else {
            first = number(&mut own);
        }
        Some(Header {
            kind,
            flags,
            length: end as u64,
            data,
            first,
            file,
        })
    }
}

/// The checksum in a file's own fields: behind flags, size, attributes, and the time if there is one.
fn checksum(mut own: &[u8]) -> Option<u32> {
    let flags = number(&mut own)?;
    number(&mut own)?;
    number(&mut own)?;
    let at = if flags & 2 == 0 { 0 } else { 4 };
    let bytes = own.get(at..at + 4)?.try_into().ok()?;
    (flags & 4 != 0).then(|| u32::from_le_bytes(bytes))
}

/// Whether one of a file's extra records is number 1, "file encryption".
fn has_encryption(mut records: &[u8]) -> bool {
    while let Some(size) = number(&mut records).and_then(|size| usize::try_from(size).ok()) {
        let Some((mut record, rest)) = records.split_at_checked(size) else {
            return false;
        };
        if number(&mut record) == Some(1) {
            return true;
        }
        records = rest;
    }
    false
}

/// A number of seven bits a byte, lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
