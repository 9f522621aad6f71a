//! The boxes of an ISO base media file (ISO/IEC 14496-12 §4.2), and the one chunk of an AVI. In: the file. Out: whether it ends
//! where the top-level ones say; the clean aperture of a track, which libav does not tell. Of a box's content nothing else is read.

use std::io::{self, Read, Seek, SeekFrom};

use super::CleanAperture;

/// Boxes that are looked at before we believe that something is wrong; real files have a few, fragmented ones thousands.
const MAX_BOXES: usize = 100_000;

/// Boxes that are looked at in search of a track's clean aperture; each of a thousand tracks has a dozen.
const MAX_INNER_BOXES: usize = 20_000;
/// The header of a box.
const HEADER: u64 = 8;
/// What a sample description has before its entries: version, flags, count.
const BEFORE_ENTRIES: u64 = 8;
/// What a visual sample entry has before its boxes, without the entry's own header.
const VISUAL_ENTRY: u64 = 78;

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

/// The clean apertures of all tracks that have one, with the tracks' numbers; those that cannot be are left out.
pub(super) fn clean_apertures<S: Read + Seek>(
    file: &mut S,
    size: u64,
) -> io::Result<Vec<(i32, CleanAperture)>> {
    let mut search = Search {
        file,
        boxes_left: MAX_INNER_BOXES,
    };
    let mut found = Vec::new();
    let whole = Span {
        start: 0,
        end: size,
    };
    if let Some(mut rest) = search.find(whole, *b"moov")? {
        while let Some(trak) = search.find(rest, *b"trak")? {
            rest.start = trak.end;
            let aperture = search.aperture_of(trak)?;
            if let (Some(track), Some(aperture)) = (search.number_of(trak)?, aperture) {
                found.push((track, aperture));
            }
        }
    }
    Ok(found)
}

/// Where boxes stand behind each other.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
}

/// Walks into boxes, and not for ever.
struct Search<'a, S> {
    file: &'a mut S,
    boxes_left: usize,
}

impl<S: Read + Seek> Search<'_, S> {
    fn aperture_of(&mut self, trak: Span) -> io::Result<Option<CleanAperture>> {
        let mut inside = trak;
        for kind in [*b"mdia", *b"minf", *b"stbl", *b"stsd"] {
            match self.find(inside, kind)? {
                Some(found) => inside = found,
                None => return Ok(None),
            }
        }
        self.described(inside)
    }

    fn number_of(&mut self, trak: Span) -> io::Result<Option<i32>> {
        let Some(tkhd) = self.find(trak, *b"tkhd")? else {
            return Ok(None);
        };
        let [version, ..] = self.bytes::<1>(tkhd.start)?;
        // §8.3.2: version 1 has two times of eight bytes before it, version 0 of four.
        let before = 4 + if version == 1 { 16 } else { 8 };
        Ok(Some(i32::from_be_bytes(self.bytes(tkhd.start + before)?)))
    }

    /// The aperture in the first sample entry.
    fn described(&mut self, stsd: Span) -> io::Result<Option<CleanAperture>> {
        let entry = stsd.start + BEFORE_ENTRIES;
        if entry + HEADER + VISUAL_ENTRY > stsd.end {
            return Ok(None);
        }
        let length = u64::from(u32::from_be_bytes(self.bytes(entry)?));
        let [w1, w2, h1, h2] = self.bytes(entry + HEADER + 24)?;
        let stored = (u16::from_be_bytes([w1, w2]), u16::from_be_bytes([h1, h2]));
        let boxes = Span {
            start: entry + HEADER + VISUAL_ENTRY,
            end: stsd.end.min(entry.saturating_add(length)),
        };
        let Some(clap) = self.find(boxes, *b"clap")? else {
            return Ok(None);
        };
        if clap.end - clap.start < 32 {
            return Ok(None);
        }
        let content: [u8; 32] = self.bytes(clap.start)?;
        let number = |at: usize| {
            let bytes = &content[at * 4..at * 4 + 4];
            i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
        };
        Ok(aperture(stored, [0, 1, 2, 3, 4, 5, 6, 7].map(number)))
    }

    /// The content of the first box of a kind.
    fn find(&mut self, within: Span, kind: [u8; 4]) -> io::Result<Option<Span>> {
        let mut at = within.start;
        while at + HEADER <= within.end && self.boxes_left > 0 {
            self.boxes_left -= 1;
            let header: [u8; 8] = self.bytes(at)?;
            let short = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
            let (length, before) = match short {
                0 => (within.end - at, HEADER),
                1 => (u64::from_be_bytes(self.bytes(at + HEADER)?), 2 * HEADER),
                short => (u64::from(short), HEADER),
            };
            let end = at.saturating_add(length);
            if length < before || end > within.end {
                return Ok(None);
            }
            if header[4..] == kind {
                let start = at + before;
                return Ok(Some(Span { start, end }));
            }
            at = end;
        }
        Ok(None)
    }

    fn bytes<const N: usize>(&mut self, at: u64) -> io::Result<[u8; N]> {
        self.file.seek(SeekFrom::Start(at))?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// §12.1.4: width, height, and how far the middle is off to the right and down, each a fraction. What is less than half of
/// the picture, or not inside it, is not believed.
fn aperture((columns, rows): (u16, u16), numbers: [i32; 8]) -> Option<CleanAperture> {
    let part = |at: usize| {
        let (top, bottom) = (f64::from(numbers[at]), f64::from(numbers[at + 1]));
        (bottom > 0.0).then(|| top / bottom)
    };
    let along = |stored: u16, length: f64, off: f64| {
        let stored = f64::from(stored);
        let before = ((stored - length) / 2.0 + off).round();
        let length = length.round();
        let is_inside = length * 2.0 >= stored && before >= 0.0 && before + length <= stored;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "inside a picture of 16 bits a side"
        )]
        is_inside.then_some((before as u32, length as u32))
    };
    let (left, width) = along(columns, part(0)?, part(4)?)?;
    let (top, height) = along(rows, part(2)?, part(6)?)?;
    let all = (width, height) == (u32::from(columns), u32::from(rows));
    (!all).then_some(CleanAperture {
        left,
        top,
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes()[..], &kind, content].concat()
    }

    /// A film with one track of this number, 720x576, with these numbers in `clap`.
    fn film(track: u32, clap: [i32; 8]) -> Vec<u8> {
        let numbers: Vec<u8> = clap
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect();
        let mut entry = vec![0; 78];
        entry[24..28].copy_from_slice(&[2, 208, 2, 64]);
        entry.extend(boxed(*b"pasp", &[0; 8]));
        entry.extend(boxed(*b"clap", &numbers));
        let stsd = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(*b"avc1", &entry)].concat();
        let mut inside = boxed(*b"stsd", &stsd);
        for kind in [*b"stbl", *b"minf", *b"mdia"] {
            inside = boxed(kind, &inside);
        }
        let mut tkhd = vec![0; 84];
        tkhd[12..16].copy_from_slice(&track.to_be_bytes());
        let content = [boxed(*b"tkhd", &tkhd), inside].concat();
        [
            boxed(*b"ftyp", b"qt  "),
            boxed(*b"moov", &boxed(*b"trak", &content)),
        ]
        .concat()
    }

    fn clean(bytes: Vec<u8>, track: i32) -> Option<CleanAperture> {
        let size = bytes.len() as u64;
        let all = clean_apertures(&mut Cursor::new(bytes), size).unwrap();
        all.into_iter()
            .find(|(number, _)| *number == track)
            .map(|(_, clean)| clean)
    }

    #[test]
    fn the_clean_aperture_of_a_track_is_read_and_a_mad_one_is_not_believed() {
        let pal = CleanAperture {
            left: 9,
            top: 0,
            width: 702,
            height: 576,
        };
        let numbers = [702, 1, 576, 1, 0, 1, 0, 1];
        assert_eq!(clean(film(7, numbers), 7), Some(pal));
        assert_eq!(clean(film(7, numbers), 8), None);
        let off = [1404, 2, 570, 1, -9, 1, 3, 1];
        assert_eq!(
            clean(film(1, off), 1),
            Some(CleanAperture {
                left: 0,
                top: 6,
                width: 702,
                height: 570
            })
        );
        for mad in [
            [720, 1, 576, 1, 0, 1, 0, 1],
            [702, 0, 576, 1, 0, 1, 0, 1],
            [702, 1, 576, 1, 10, 1, 0, 1],
            [2, 1, 2, 1, 0, 1, 0, 1],
            [-702, 1, 576, 1, 0, 1, 0, 1],
            [i32::MAX, 1, i32::MAX, 1, i32::MIN, 1, 0, 1],
        ] {
            assert_eq!(clean(film(1, mad), 1), None, "{mad:?}");
        }
        let whole = film(1, numbers);
        for end in 0..whole.len() - 1 {
            let cut = whole[..end].to_vec();
            let size = whole.len() as u64;
            let found = clean_apertures(&mut Cursor::new(cut), size);
            assert!(
                found.is_err() || found.is_ok_and(|all| all.is_empty()),
                "cut at {end}"
            );
        }
    }

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
