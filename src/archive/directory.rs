//! A ZIP's directory of its own contents (APPNOTE.TXT 6.3.10, §4.3). In: volumes. Out: every record of it, also those
//! of one name (the `zip` crate keeps the last of them only), with the place of their bytes. Never believes a number
//! before it met what is there.

use std::io::{self, Read, Seek, SeekFrom};

use super::MAX_ENTRIES;
use super::names::RawName;
use super::volumes::Volumes;

/// End of the directory: its fixed part, and the longest comment behind it.
const END: usize = 22;
const MAX_COMMENT: usize = 0xFFFF;
/// Fixed parts of a record and of the header in front of an entry's bytes.
const RECORD: usize = 46;
const LOCAL: usize = 30;
/// Bytes of a directory: 20,000 records with the longest names that are taken are less.
const MAX_DIRECTORY: u64 = 64 << 20;

/// One record of the directory.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) name: RawName,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// The system that packed it, as in §4.4.2.
    pub(super) system: u8,
    pub(super) attributes: u32,
    /// Its local header, counted from the start of the first volume.
    pub(super) at: u64,
}

/// The whole directory.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) records: Vec<Record>,
    /// Records beyond the limit.
    pub(super) beyond: u64,
    /// Records that should be there, as the end of the directory says.
    pub(super) promised: u64,
    /// Where it begins: no entry's bytes lie behind.
    pub(super) starts_at: u64,
}

/// Why there is no directory.
#[derive(Debug)]
pub(super) enum NoDirectory {
    /// There is none, or not where it should be: the archive was cut.
    Missing,
    /// It is encrypted.
    Encrypted,
    /// It lies in a volume that is not there.
    OtherVolume,
    /// It cannot be read.
    Io(io::Error),
}

impl From<io::Error> for NoDirectory {
    fn from(error: io::Error) -> Self {
        NoDirectory::Io(error)
    }
}

/// Whether these volumes end in a ZIP's directory, whatever they begin with.
pub(super) fn is_there(volumes: &mut Volumes) -> io::Result<bool> {
    match find(volumes) {
        Ok(_) => Ok(true),
        Err(NoDirectory::Io(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Reads all of it.
pub(super) fn read(volumes: &mut Volumes) -> Result<Directory, NoDirectory> {
    let end = find(volumes)?;
    let length = end.ends_at - end.starts_at;
    let taken = usize::try_from(length.min(MAX_DIRECTORY)).unwrap_or(usize::MAX);
    let bytes = volumes.peek(end.starts_at, taken)?;
    let mut directory = Directory {
        records: Vec::new(),
        beyond: 0,
        promised: end.entries,
        starts_at: end.starts_at,
    };
    let mut rest = &bytes[..];
    while let Some((record, after)) = record(rest, volumes, &end)? {
        if directory.records.len() < MAX_ENTRIES {
            directory.records.push(record);
        } else {
            directory.beyond += 1;
        }
        rest = after;
    }
    Ok(directory)
}

/// Where an entry's bytes begin, behind its local header; none where there is no such header.
pub(super) fn data_at(volumes: &mut Volumes, record: &Record) -> io::Result<Option<u64>> {
    let mut header = [0; LOCAL];
    volumes.seek(SeekFrom::Start(record.at))?;
    if volumes.read_exact(&mut header).is_err() || !header.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let extra = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
    Ok(record.at.checked_add(LOCAL as u64 + extra))
}

/// What the end of the directory says, proven by what lies there.
#[derive(Debug)]
struct End {
    starts_at: u64,
    ends_at: u64,
    entries: u64,
    /// What stands in front of the archive, such as a program that unpacks it.
    in_front: u64,
    /// Places are counted from the start of their volume.
    is_split: bool,
}

fn find(volumes: &mut Volumes) -> Result<End, NoDirectory> {
    let tail_length = (END + MAX_COMMENT).min(usize::try_from(volumes.len()).unwrap_or(usize::MAX));
    let tail_at = volumes.len() - tail_length as u64;
    let tail = volumes.peek(tail_at, tail_length)?;
    let ends = (0..tail.len().saturating_sub(END - 1)).rev();
    let mut first_failure = NoDirectory::Missing;
    for at in ends.filter(|at| tail[*at..].starts_with(b"PK\x05\x06")) {
        match end_at(volumes, &tail[at..], tail_at + at as u64) {
            Ok(end) => return Ok(end),
            Err(NoDirectory::Missing) => {}
            Err(other) => first_failure = other,
        }
    }
    Err(first_failure)
}

fn end_at(volumes: &mut Volumes, end: &[u8], at: u64) -> Result<End, NoDirectory> {
    let mut disk = u64::from(u16_at(end, 4));
    let mut directory_disk = u64::from(u16_at(end, 6));
    let mut entries = u64::from(u16_at(end, 10));
    let mut size = u64::from(u32_at(end, 12));
    let mut offset = u64::from(u32_at(end, 16));
    let mut ends_at = at;
    let is_large =
        disk == 0xFFFF || entries == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF;
    if is_large && let Some((large, large_at)) = large_end(volumes, at)? {
        disk = u64::from(u32_at(&large, 16));
        directory_disk = u64::from(u32_at(&large, 20));
        entries = u64_at(&large, 32);
        size = u64_at(&large, 40);
        offset = u64_at(&large, 48);
        ends_at = large_at;
    }
    let is_split = disk > 0 && volumes.count() as u64 == disk + 1;
    if disk > 0 && !is_split {
        return Err(NoDirectory::OtherVolume);
    }
    let base = usize::try_from(directory_disk)
        .ok()
        .filter(|_| is_split)
        .and_then(|disk| volumes.start(disk))
        .unwrap_or(0);
    let stated = base.checked_add(offset);
    let counted = ends_at.checked_sub(size);
    for start in [stated, counted].into_iter().flatten() {
        if start <= ends_at && looks_like_records(volumes, start, entries)? {
            return Ok(End {
                starts_at: start,
                ends_at,
                entries,
                in_front: start.saturating_sub(stated.unwrap_or(start)),
                is_split,
            });
        }
    }
    // §4.3.13: an encrypted directory is no list of records, but is as long as it says.
    match counted {
        Some(start)
            if size > 0
                && entries > 0
                && stated == Some(start)
                && is_split_or_whole(volumes, start) =>
        {
            Err(NoDirectory::Encrypted)
        }
        _ => Err(NoDirectory::Missing),
    }
}

fn is_split_or_whole(volumes: &mut Volumes, start: u64) -> bool {
    // Encrypted directories come with the extra data record in front of them.
    start >= 4
        && volumes
            .peek(start - 4, 8)
            .is_ok_and(|bytes| bytes.windows(4).any(|w| w == b"PK\x06\x08"))
}

fn looks_like_records(volumes: &mut Volumes, at: u64, entries: u64) -> io::Result<bool> {
    let head = volumes.peek(at, 4)?;
    Ok(head == b"PK\x01\x02" || (entries == 0 && head.starts_with(b"PK")))
}

/// The ZIP64 end of the directory (§4.3.14), if there is one.
fn large_end(volumes: &mut Volumes, end_at: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
    const LARGE: usize = 56;
    let Some(locator_at) = end_at.checked_sub(20) else {
        return Ok(None);
    };
    let locator = volumes.peek(locator_at, 20)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let stated = u64_at(&locator, 8);
    let disk = u32_at(&locator, 4) as usize;
    let split = volumes
        .start(disk)
        .and_then(|base| base.checked_add(stated));
    let places = [split, Some(stated), locator_at.checked_sub(LARGE as u64)];
    for at in places.into_iter().flatten() {
        let bytes = volumes.peek(at, LARGE)?;
        if bytes.len() == LARGE && bytes.starts_with(b"PK\x06\x06") {
            return Ok(Some((bytes, at)));
        }
    }
    Ok(None)
}

/// The record at the start of `bytes`, and what follows it.
fn record<'b>(
    bytes: &'b [u8],
    volumes: &Volumes,
    end: &End,
) -> Result<Option<(Record, &'b [u8])>, NoDirectory> {
    if bytes.len() < RECORD || !bytes.starts_with(b"PK\x01\x02") {
        return Ok(None);
    }
    let lengths = [28, 30, 32].map(|at| usize::from(u16_at(bytes, at)));
    let [name_length, extra_length, comment_length] = lengths;
    let (extra_at, comment_at) = (RECORD + name_length, RECORD + name_length + extra_length);
    let Some(after) = bytes.get(comment_at + comment_length..) else {
        return Ok(None);
    };
    let (name, extra) = (&bytes[RECORD..extra_at], &bytes[extra_at..comment_at]);
    let flags = u16_at(bytes, 8);
    let mut large = Large {
        fields: field(extra, 0x0001).unwrap_or_default(),
    };
    let size = large.or(u32_at(bytes, 24));
    let packed = large.or(u32_at(bytes, 20));
    let offset = large.or(u32_at(bytes, 42));
    let disk = usize::from(u16_at(bytes, 34));
    let base = if end.is_split {
        volumes.start(disk).ok_or(NoDirectory::OtherVolume)?
    } else {
        end.in_front
    };
    Ok(Some((
        Record {
            name: raw_name(name, extra, flags),
            flags,
            method: u16_at(bytes, 10),
            crc: u32_at(bytes, 16),
            packed,
            size,
            system: bytes[5],
            attributes: u32_at(bytes, 38),
            at: base.saturating_add(offset),
        },
        after,
    )))
}

/// §4.5.3: only those numbers stand in the ZIP64 field that did not fit, in this order.
struct Large<'b> {
    fields: &'b [u8],
}

impl Large<'_> {
    fn or(&mut self, small: u32) -> u64 {
        match (small, self.fields.split_first_chunk::<8>()) {
            (0xFFFF_FFFF, Some((number, rest))) => {
                self.fields = rest;
                u64::from_le_bytes(*number)
            }
            _ => u64::from(small),
        }
    }
}

/// The name: Info-ZIP's Unicode field (§4.6.9) if its checksum fits the name, then the flag, then bytes.
fn raw_name(name: &[u8], extra: &[u8], flags: u16) -> RawName {
    if let Some([1, crc @ .., _]) = field(extra, 0x7075).and_then(|f| f.first_chunk::<6>()) {
        let fresh = crc32fast::hash(name) == u32::from_le_bytes(*crc);
        let text = field(extra, 0x7075).and_then(|f| std::str::from_utf8(&f[5..]).ok());
        if let (true, Some(text)) = (fresh, text) {
            return RawName::Text(text.to_owned());
        }
    }
    if flags & 0x0800 == 0 {
        RawName::Bytes(name.to_vec())
    } else {
        RawName::flagged(name)
    }
}

/// The content of one extra field.
fn field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let content = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == wanted {
            return Some(content);
        }
        extra = &extra[4 + length..];
    }
    None
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
