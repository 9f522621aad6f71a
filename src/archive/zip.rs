//! ZIP. In: volumes. Out: every entry of the directory at the desk. The directory is ours (`directory`); the bytes of one
//! entry go through the `zip` crate, which sees a small archive made around them and so knows one entry only. Without a
//! directory, what is there is read from the front (`stream`).

use std::io::{self, Read, Seek, SeekFrom};

use ::zip::ZipArchive;
use ::zip::result::ZipError;

use super::desk::{Desk, complaint};
use super::directory::{self, Directory, NoDirectory, Record};
use super::volumes::{Volumes, place};
use super::{Kind, Refusal, Trouble, stream};

/// Everything in the archive.
pub(super) fn walk(mut volumes: Volumes, desk: &mut Desk<'_>) -> io::Result<()> {
    match directory::read(&mut volumes) {
        Ok(directory) => walk_directory(&mut volumes, directory, desk),
        Err(NoDirectory::Io(error)) => Err(error),
        Err(NoDirectory::Encrypted) => {
            desk.trouble(Trouble::Encrypted);
            Ok(())
        }
        Err(NoDirectory::OtherVolume) => {
            desk.trouble(Trouble::VolumeMissing);
            stream::walk(volumes, Kind::Zip, desk)
        }
        Err(NoDirectory::Missing) => {
            desk.trouble(Trouble::CutOff);
            stream::walk(volumes, Kind::Zip, desk)
        }
    }
}

fn walk_directory(
    volumes: &mut Volumes,
    directory: Directory,
    desk: &mut Desk<'_>,
) -> io::Result<()> {
    let places = places(volumes, &directory)?;
    let read = directory.records.len() as u64 + directory.beyond;
    if read < directory.promised {
        desk.trouble(Trouble::Damaged {
            why: format!("{read} of {} entries are listed", directory.promised),
        });
    }
    let overlapping = places
        .iter()
        .filter(|place| matches!(place, Place::Overlaps));
    if let entries @ 1.. = overlapping.count() {
        desk.trouble(Trouble::Overlaps { entries });
    }
    for (record, place) in directory.records.into_iter().zip(places) {
        take(volumes, record, &place, desk)?;
    }
    for _ in 0..directory.beyond {
        desk.refuse(
            super::names::RawName::Text(String::new()),
            Refusal::PastLimit,
        );
    }
    Ok(())
}

fn take(
    volumes: &mut Volumes,
    record: Record,
    place: &Place,
    desk: &mut Desk<'_>,
) -> io::Result<()> {
    match sort(&record) {
        Sort::Folder => desk.folder(record.name),
        Sort::Refused(why) => desk.refuse(record.name, why),
        Sort::File => match place {
            Place::Overlaps => desk.refuse(record.name, Refusal::Overlaps),
            Place::Beyond => desk.refuse(record.name, Refusal::CutOff),
            Place::Nowhere => {
                let why = "no entry where the directory says".to_owned();
                desk.refuse(record.name, Refusal::Broken { why });
            }
            Place::At(_) if desk.is_stopped() => desk.refuse(record.name, Refusal::PastLimit),
            Place::At(at) => return extract(volumes, record, *at, desk),
        },
    }
    Ok(())
}

/// What a record is before its bytes are looked at.
enum Sort {
    Folder,
    File,
    Refused(Refusal),
}

fn sort(record: &Record) -> Sort {
    // §4.4.2: Unix and macOS keep the file's mode in the upper half, MS-DOS and its heirs a flag for folders.
    let mode = match record.system {
        3 | 19 => (record.attributes >> 16) & 0xF000,
        _ => 0,
    };
    let ends_as_folder = match &record.name {
        super::names::RawName::Text(text) => text.ends_with('/'),
        super::names::RawName::Bytes(bytes) => bytes.ends_with(b"/"),
    };
    match mode {
        0xA000 => Sort::Refused(Refusal::Link),
        0x1000 | 0x2000 | 0x6000 | 0xC000 => Sort::Refused(Refusal::Special),
        _ if ends_as_folder => Sort::Folder,
        0x4000 => Sort::Folder,
        _ if mode == 0 && record.attributes & 0x10 != 0 && record.size == 0 => Sort::Folder,
        _ if record.flags & 1 != 0 => Sort::Refused(Refusal::Encrypted),
        _ => Sort::File,
    }
}

/// Where an entry's bytes are.
enum Place {
    At(u64),
    Overlaps,
    /// Behind the end of the file.
    Beyond,
    Nowhere,
}

/// Where each entry's bytes are; of entries on the same bytes only the first keeps its place.
fn places(volumes: &mut Volumes, directory: &Directory) -> io::Result<Vec<Place>> {
    let mut order: Vec<usize> = (0..directory.records.len()).collect();
    order.sort_by_key(|index| (directory.records[*index].at, *index));
    let mut places: Vec<Place> = directory.records.iter().map(|_| Place::Nowhere).collect();
    let mut taken_to = 0;
    for index in order {
        let record = &directory.records[index];
        let Some(data) = directory::data_at(volumes, record)? else {
            if record.at >= volumes.len() {
                places[index] = Place::Beyond;
            }
            continue;
        };
        let end = data.checked_add(record.packed);
        places[index] = match end {
            None => Place::Beyond,
            Some(end) if end > volumes.len() => Place::Beyond,
            Some(end) if record.at < taken_to || end > directory.starts_at => Place::Overlaps,
            Some(end) => {
                taken_to = end;
                Place::At(data)
            }
        };
    }
    Ok(places)
}

fn extract(
    volumes: &mut Volumes,
    record: Record,
    data_at: u64,
    desk: &mut Desk<'_>,
) -> io::Result<()> {
    let single = Single::new(volumes, &record, data_at);
    let opened = ZipArchive::new(single);
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(error) => {
            desk.refuse(record.name, refusal(&error, record.method));
            return Ok(());
        }
    };
    let method = record.method;
    let refused = |error: &io::Error| explained(error, method);
    match archive.by_index(0) {
        Ok(mut content) => desk.extract(record.name, Some(record.size), &mut content, &refused),
        Err(error) => {
            desk.refuse(record.name, refusal(&error, method));
            Ok(())
        }
    }
}

fn refusal(error: &ZipError, method: u16) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            unsupported(method)
        }
        other => explained(other, method),
    }
}

/// The crate says "not supported" in the error's words only, where it finds out late.
fn explained(error: &impl std::fmt::Display, method: u16) -> Refusal {
    let why = complaint(error);
    if why.contains("not supported") {
        unsupported(method)
    } else {
        Refusal::Broken { why }
    }
}

fn unsupported(method: u16) -> Refusal {
    Refusal::Method {
        name: format!("ZIP {method}"),
    }
}

/// A ZIP of one entry: a header of ours, the entry's own bytes, a directory of ours.
struct Single<'a> {
    volumes: &'a mut Volumes,
    head: Vec<u8>,
    data_at: u64,
    packed: u64,
    tail: Vec<u8>,
    at: u64,
}

impl<'a> Single<'a> {
    fn new(volumes: &'a mut Volumes, record: &Record, data_at: u64) -> Self {
        let (head, tail) = around(record);
        Single {
            volumes,
            head,
            data_at,
            packed: record.packed,
            tail,
            at: 0,
        }
    }

    fn len(&self) -> u64 {
        self.head.len() as u64 + self.packed + self.tail.len() as u64
    }
}

impl Read for Single<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        let read = if self.at < head {
            (&self.head[usize::try_from(self.at).unwrap_or(0)..]).read(buffer)?
        } else if self.at < head + self.packed {
            let within = self.at - head;
            self.volumes.seek(SeekFrom::Start(self.data_at + within))?;
            self.volumes.take(self.packed - within).read(buffer)?
        } else {
            let within = usize::try_from(self.at - head - self.packed).unwrap_or(usize::MAX);
            self.tail.get(within..).unwrap_or_default().read(buffer)?
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Single<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = place(to, self.at, self.len())?;
        Ok(self.at)
    }
}

/// What stands in front of the bytes and behind them, so that they are a ZIP of one entry named `x`.
fn around(record: &Record) -> (Vec<u8>, Vec<u8>) {
    // Only what the decoder needs of the flags: no encryption, no sizes behind the bytes, no UTF-8.
    let flags = record.flags & 0x0016;
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let is_large = record.size >= 0xFFFF_FFFF || record.packed >= 0xFFFF_FFFF;
    let (size, packed) = if is_large {
        (u32::MAX, u32::MAX)
    } else {
        (small(record.size), small(record.packed))
    };
    let mut extra = Vec::new();
    if is_large {
        extra.extend([1, 0, 16, 0]);
        extra.extend(record.size.to_le_bytes());
        extra.extend(record.packed.to_le_bytes());
    }
    let mut common = Vec::new();
    common.extend(63_u16.to_le_bytes());
    common.extend(flags.to_le_bytes());
    common.extend(record.method.to_le_bytes());
    // 1 January 1980, midnight.
    common.extend([0, 0, 0x21, 0]);
    common.extend(record.crc.to_le_bytes());
    common.extend(packed.to_le_bytes());
    common.extend(size.to_le_bytes());
    common.extend([1, 0]);
    common.extend((u16::try_from(extra.len()).unwrap_or(0)).to_le_bytes());
    let head = [&b"PK\x03\x04"[..], &common, b"x", &extra].concat();
    let directory_at = head.len() as u64 + record.packed;
    let entry = [&b"PK\x01\x02\x3F\0"[..], &common, &[0; 14], b"x", &extra].concat();
    let mut tail = entry.clone();
    let is_far = directory_at >= 0xFFFF_FFFF;
    if is_far {
        let end_at = directory_at + entry.len() as u64;
        tail.extend(b"PK\x06\x06");
        tail.extend(44_u64.to_le_bytes());
        tail.extend([63, 0, 63, 0]);
        tail.extend([0; 8]);
        tail.extend(1_u64.to_le_bytes());
        tail.extend(1_u64.to_le_bytes());
        tail.extend((entry.len() as u64).to_le_bytes());
        tail.extend(directory_at.to_le_bytes());
        tail.extend(b"PK\x06\x07");
        tail.extend([0; 4]);
        tail.extend(end_at.to_le_bytes());
        tail.extend(1_u32.to_le_bytes());
    }
    tail.extend(b"PK\x05\x06");
    tail.extend([0; 4]);
    tail.extend([1, 0, 1, 0]);
    tail.extend((u32::try_from(entry.len()).unwrap_or(0)).to_le_bytes());
    tail.extend(small(directory_at).to_le_bytes());
    tail.extend([0, 0]);
    (head, tail)
}
