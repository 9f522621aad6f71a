//! The top-level boxes of an ISO base media file (ISO/IEC 14496-12 §4.2), and the one chunk of an AVI. In: the file. Out:
//! whether it ends where they say. Never reads a box's content.

use std::io::{self, Read, Seek, SeekFrom};

/// Boxes that are looked at before we believe that something is wrong; real files have a few, fragmented ones thousands.
const MAX_BOXES: usize = 100_000;

/// What the top level says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TopLevel {
    /// The file begins with a box that such files begin with.
    pub(super) is_iso: bool,
    /// There is a `moov`, so the index.
    pub(super) has_moov: bool,
    /// Bytes that the last box promises beyond the file's end.
    pub(super) missing_bytes: u64,
}

/// Walks the top level of a file of `size` bytes.
pub(super) fn walk<S: Read + Seek>(file: &mut S, size: u64) -> io::Result<TopLevel> {
    let mut found = TopLevel::default();
    let mut offset = 0_u64;
    for index in 0..MAX_BOXES {
        if offset + 8 > size {
            break;
        }
        file.seek(SeekFrom::Start(offset))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let kind = [header[4], header[5], header[6], header[7]];
        if index == 0 && &header[..4] == b"RIFF" {
            // AVI: one chunk around everything, its size after its name and little-endian; recorders write 0 at first.
            let promised = u64::from(u32::from_le_bytes(kind)) + 8;
            found.missing_bytes = if promised > 8 {
                promised.saturating_sub(size)
            } else {
                0
            };
            break;
        }
        if index == 0 {
            found.is_iso = matches!(
                &kind,
                b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot"
            );
            if !found.is_iso {
                break;
            }
        }
        found.has_moov |= &kind == b"moov";
        let length = match u32::from_be_bytes([header[0], header[1], header[2], header[3]]) {
            0 => size - offset,
            1 => {
                let mut large = [0; 8];
                if file.read_exact(&mut large).is_err() {
                    break;
                }
                u64::from_be_bytes(large)
            }
            short => u64::from(short),
        };
        if length < 8 {
            break;
        }
        offset = offset.saturating_add(length);
        if offset > size {
            found.missing_bytes = offset - size;
            break;
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn file(boxes: &[(&[u8; 4], u32)], cut: usize) -> TopLevel {
        let mut bytes = Vec::new();
        for (kind, length) in boxes {
            bytes.extend(length.to_be_bytes());
            bytes.extend(*kind);
            bytes.resize(bytes.len() + *length as usize - 8, 0);
        }
        bytes.truncate(bytes.len() - cut);
        let size = bytes.len() as u64;
        walk(&mut Cursor::new(bytes), size).unwrap()
    }

    #[test]
    fn a_whole_file_misses_nothing() {
        let found = file(&[(b"ftyp", 16), (b"moov", 100), (b"mdat", 200)], 0);
        assert_eq!(
            found,
            TopLevel {
                is_iso: true,
                has_moov: true,
                missing_bytes: 0
            }
        );
    }

    #[test]
    fn a_cut_file_says_how_much_is_missing() {
        let found = file(&[(b"ftyp", 16), (b"mdat", 200), (b"moov", 100)], 150);
        assert_eq!(
            found,
            TopLevel {
                is_iso: true,
                has_moov: false,
                missing_bytes: 50
            }
        );
    }

    #[test]
    fn a_cut_avi_is_known_by_its_riff_chunk() {
        let missing = |promised: u32, size: usize| {
            let mut bytes = b"RIFF".to_vec();
            bytes.extend(promised.to_le_bytes());
            bytes.resize(size, 0);
            walk(&mut Cursor::new(bytes), size as u64)
                .unwrap()
                .missing_bytes
        };
        assert_eq!(
            (missing(92, 100), missing(192, 100), missing(0, 100)),
            (0, 100, 0)
        );
    }

    #[test]
    fn other_files_are_not_walked() {
        assert_eq!(file(&[(b"abcd", 16)], 0), TopLevel::default());
    }
}
