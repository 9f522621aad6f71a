//! What an archive is, by its content. In: its first bytes. Out: a [`Kind`], or none. Never looks at a name.

use std::io;

use serde::{Deserialize, Serialize};

use super::directory;
use super::volumes::Volumes;

/// Bytes that tell every kind.
pub const HEAD_BYTES: u64 = 512;

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// ZIP.
    Zip,
    /// 7z.
    SevenZip,
    /// RAR up to version 4.
    Rar4,
    /// RAR 5.
    Rar5,
    /// tar.
    Tar,
    /// gzip, bzip2, xz, zstd, lzip: tar perhaps, or a single file.
    Compressed,
    /// Microsoft's cabinet.
    Cabinet,
    /// LHA.
    Lha,
}

impl Kind {
    /// The kind of something that starts like this.
    pub fn of(head: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        if [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08", b"PK00PK"]
            .iter()
            .any(|m| starts(m))
        {
            Some(Kind::Zip)
        } else if starts(b"7z\xBC\xAF\x27\x1C") {
            Some(Kind::SevenZip)
        } else if starts(b"Rar!\x1A\x07\x01\x00") {
            Some(Kind::Rar5)
        } else if starts(b"Rar!\x1A\x07\x00") || starts(b"RE~^") {
            Some(Kind::Rar4)
        } else if starts(b"MSCF\0\0\0\0") {
            Some(Kind::Cabinet)
        } else if is_compressed(head) {
            Some(Kind::Compressed)
        } else if is_lha(head) {
            Some(Kind::Lha)
        } else {
            is_tar(head).then_some(Kind::Tar)
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Zip => "ZIP",
            Kind::SevenZip => "7z",
            Kind::Rar4 => "RAR4",
            Kind::Rar5 => "RAR5",
            Kind::Tar => "tar",
            Kind::Compressed => "gzip/bzip2/xz/zstd",
            Kind::Cabinet => "CAB",
            Kind::Lha => "LHA",
        }
    }
}

fn is_compressed(head: &[u8]) -> bool {
    let magics: [&[u8]; 5] = [
        b"\x1F\x8B\x08",
        b"BZh",
        b"\xFD7zXZ\0",
        b"\x28\xB5\x2F\xFD",
        b"LZIP\x01",
    ];
    magics.iter().any(|magic| head.starts_with(magic))
}

fn is_lha(head: &[u8]) -> bool {
    matches!(head.get(2..7), Some([b'-', b'l', b'h' | b'z', _, b'-']))
}

/// POSIX.1-1988: the header's bytes, the checksum's own taken as blanks, add up to the checksum.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else {
        return false;
    };
    let digits: String = header[148..156]
        .iter()
        .map(|b| char::from(*b))
        .filter(char::is_ascii_digit)
        .collect();
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    header[0] != 0 && u32::from_str_radix(&digits, 8) == Ok(sum)
}

/// The kind of these volumes: by the first bytes, or by a ZIP's directory at the end where something stands in front.
pub(super) fn of(volumes: &mut Volumes) -> io::Result<Option<Kind>> {
    let head = volumes.peek(0, usize::try_from(HEAD_BYTES).unwrap_or(512))?;
    match Kind::of(&head) {
        Some(kind) => Ok(Some(kind)),
        None => Ok(directory::is_there(volumes)?.then_some(Kind::Zip)),
    }
}
