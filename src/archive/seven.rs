//! 7z, by `sevenz-rust2`. In: volumes. Out: every entry at the desk. A broken block costs its own entries; a dictionary
//! larger than the limit is refused before anything is allocated.

use std::io::{self, Read};

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::desk::{Desk, complaint};
use super::names::RawName;
use super::volumes::Volumes;
use super::{MAX_DICTIONARY, Refusal, Trouble};

/// 7-Zip's number of AES.
const AES: &[u8] = &[0x06, 0xF1, 0x07, 0x01];
const LZMA: &[u8] = &[0x03, 0x01, 0x01];
const LZMA2: &[u8] = &[0x21];
const PPMD: &[u8] = &[0x03, 0x04, 0x01];
/// Windows' attribute of a link, and p7zip's mark that the upper half is a Unix mode.
const REPARSE_POINT: u32 = 0x400;
const UNIX_MODE: u32 = 0x8000;

/// Everything in the archive.
pub(super) fn walk(mut volumes: Volumes, desk: &mut Desk<'_>) -> io::Result<()> {
    let none = Password::empty();
    let archive = match Archive::read(&mut volumes, &none) {
        Ok(archive) => archive,
        Err(error) => {
            desk.trouble(trouble(&error, &mut volumes)?);
            return Ok(());
        }
    };
    let blocks = &archive.stream_map.file_block_index;
    let mut next = 0;
    while let Some(entry) = archive.files.get(next) {
        if let Some(block) = blocks.get(next).copied().flatten() {
            next = walk_block(&mut volumes, &archive, block, next, desk)?;
        } else {
            take_empty(entry, desk)?;
            next += 1;
        }
    }
    Ok(())
}

/// All entries of one block; returns the entry behind the last of them.
fn walk_block(
    volumes: &mut Volumes,
    archive: &Archive,
    block: usize,
    first: usize,
    desk: &mut Desk<'_>,
) -> io::Result<usize> {
    let none = Password::empty();
    let decoder = BlockDecoder::new(1, block, archive, &none, volumes);
    let starts = &archive.stream_map.block_first_file_index;
    let start = starts.get(block).copied().unwrap_or(first);
    let end = (start + decoder.entry_count()).clamp(first + 1, archive.files.len());
    if let Some(why) = refused_block(archive, block) {
        for entry in &archive.files[first..end] {
            refuse(entry, why.clone(), desk)?;
        }
        return Ok(end);
    }
    let mut done = start;
    let mut failed = None;
    let walked = decoder.for_each_entries(&mut |entry, content| {
        done += 1;
        // A hostile map may begin a block with entries that were taken already.
        if done <= first {
            return Ok(true);
        }
        if let Err(error) = take(entry, content, desk) {
            failed = Some(error);
            return Ok(false);
        }
        Ok(!desk.is_stopped())
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let why = match &walked {
        _ if desk.is_stopped() => Refusal::PastLimit,
        Ok(_) => Refusal::Broken {
            why: "the block ends too early".to_owned(),
        },
        Err(error) => refusal(error),
    };
    for entry in &archive.files[done.clamp(first, end)..end] {
        refuse(entry, why.clone(), desk)?;
    }
    Ok(end)
}

/// Why a whole block is not even begun.
fn refused_block(archive: &Archive, block: usize) -> Option<Refusal> {
    let coders = &archive.blocks.get(block)?.coders;
    if coders.iter().any(|c| c.encoder_method_id() == AES) {
        return Some(Refusal::Encrypted);
    }
    coders.iter().find_map(|coder| {
        let wanted = dictionary(coder.encoder_method_id(), coder.properties());
        (wanted > MAX_DICTIONARY).then(|| Refusal::Method {
            name: format!("{} MiB", wanted >> 20),
        })
    })
}

/// Memory that a decoder will ask for.
fn dictionary(method: &[u8], properties: &[u8]) -> u64 {
    match (method, properties) {
        (LZMA | PPMD, [_, a, b, c, d, ..]) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        (LZMA2, [bits @ ..=40, ..]) => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        _ => 0,
    }
}

fn take(entry: &ArchiveEntry, content: &mut dyn Read, desk: &mut Desk<'_>) -> io::Result<()> {
    match sort(entry) {
        Sort::Folder => desk.folder(name(entry)),
        Sort::Refused(why) => desk.refuse(name(entry), why),
        Sort::File => {
            return desk.extract(name(entry), Some(entry.size), content, &|error| {
                if error.kind() == io::ErrorKind::UnexpectedEof {
                    Refusal::CutOff
                } else {
                    Refusal::Broken {
                        why: complaint(error),
                    }
                }
            });
        }
    }
    Ok(())
}

fn take_empty(entry: &ArchiveEntry, desk: &mut Desk<'_>) -> io::Result<()> {
    take(entry, &mut io::empty(), desk)
}

/// An entry of a block that cannot be read; folders and empty files need no reading.
fn refuse(entry: &ArchiveEntry, why: Refusal, desk: &mut Desk<'_>) -> io::Result<()> {
    if entry.has_stream && entry.size > 0 {
        desk.refuse(name(entry), why);
        Ok(())
    } else {
        take_empty(entry, desk)
    }
}

enum Sort {
    Folder,
    File,
    Refused(Refusal),
}

fn sort(entry: &ArchiveEntry) -> Sort {
    let attributes = if entry.has_windows_attributes {
        entry.windows_attributes
    } else {
        0
    };
    let mode = if attributes & UNIX_MODE == 0 {
        0
    } else {
        (attributes >> 16) & 0xF000
    };
    match mode {
        _ if entry.is_anti_item => Sort::Refused(Refusal::Special),
        0xA000 => Sort::Refused(Refusal::Link),
        0x1000 | 0x2000 | 0x6000 | 0xC000 => Sort::Refused(Refusal::Special),
        _ if attributes & REPARSE_POINT != 0 => Sort::Refused(Refusal::Link),
        _ if entry.is_directory => Sort::Folder,
        _ => Sort::File,
    }
}

fn name(entry: &ArchiveEntry) -> RawName {
    RawName::Text(entry.name.clone())
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Refusal::Encrypted,
        Error::UnsupportedCompressionMethod(name) if name.contains("AES") => Refusal::Encrypted,
        Error::UnsupportedCompressionMethod(name) => Refusal::Method { name: name.clone() },
        Error::Io(io, _) if io.kind() == io::ErrorKind::UnexpectedEof => Refusal::CutOff,
        other => Refusal::Broken {
            why: complaint(other),
        },
    }
}

fn trouble(error: &Error, volumes: &mut Volumes) -> io::Result<Trouble> {
    Ok(match refusal(error) {
        Refusal::Encrypted => Trouble::Encrypted,
        Refusal::CutOff => Trouble::CutOff,
        Refusal::Method { name } => Trouble::Unsupported { what: name },
        _ if ends_before_its_header(volumes)? => Trouble::CutOff,
        _ => Trouble::Damaged {
            why: complaint(error),
        },
    })
}

/// 7zFormat.txt: bytes 12 to 28 say where the list of names lies, behind the first 32.
fn ends_before_its_header(volumes: &mut Volumes) -> io::Result<bool> {
    let head = volumes.peek(0, 32)?;
    let number = |at: usize| {
        head.get(at..at + 8)
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u64::from_le_bytes)
    };
    let end = number(12).saturating_add(number(20)).saturating_add(32);
    Ok(head.len() < 32 || end > volumes.len())
}
