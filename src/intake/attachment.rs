//! Pictures and scans that go with a video. In: a file that was listed as a picture or a PDF. Out: an [`Attachment`]: what
//! its first bytes say it is, and how large its picture is. Never decodes a picture.

use super::{Companion, peek};

/// Bytes in which a JPEG's size is looked for: its camera's notes and preview stand before.
const HEAD_BYTES: u64 = 256 << 10;

/// A picture or scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file.
    pub file: Companion,
    /// What it is by content.
    pub kind: AttachmentKind,
    /// Width and height in pixels, of a JPEG or PNG that says so.
    pub pixels: Option<(u32, u32)>,
}

/// What a picture or scan is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// PDF.
    Pdf,
    /// Some other picture, named by its file's extension only.
    Other,
}

impl AttachmentKind {
    /// The format's name.
    pub fn name(self) -> &'static str {
        match self {
            AttachmentKind::Jpeg => "JPG",
            AttachmentKind::Png => "PNG",
            AttachmentKind::Pdf => "PDF",
            AttachmentKind::Other => "?",
        }
    }
}

impl Attachment {
    /// The file with what its first bytes say; one that cannot be opened says nothing.
    pub(super) fn of(file: Companion) -> Self {
        let head = peek::head(&file.path, HEAD_BYTES).unwrap_or_default();
        let (kind, pixels) = match head.as_slice() {
            [0xFF, 0xD8, 0xFF, ..] => (AttachmentKind::Jpeg, jpeg_pixels(&head)),
            [0x89, b'P', b'N', b'G', ..] => (AttachmentKind::Png, png_pixels(&head)),
            [b'%', b'P', b'D', b'F', ..] => (AttachmentKind::Pdf, None),
            _ => (AttachmentKind::Other, None),
        };
        Attachment { file, kind, pixels }
    }
}

/// ISO/IEC 10918-1 §B.2.2: the frame header holds height and width; segments before it say how long they are.
fn jpeg_pixels(head: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xFF, marker, high, low] = *head.get(at..at + 4)? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        if is_frame {
            let size = head.get(at + 5..at + 9)?;
            let number = |two: &[u8]| u32::from(u16::from_be_bytes([two[0], two[1]]));
            return Some((number(&size[2..]), number(&size[..2])));
        }
        at += 2 + length.max(2);
    }
}

/// The first chunk of a PNG is its header: width, height.
fn png_pixels(head: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let four = head.get(at..at + 4)?;
        Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
    };
    (head.get(12..16)? == b"IHDR").then_some((number(16)?, number(20)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_picture_is_read_from_its_head() {
        let jpeg = [
            &[0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 1, 2, 3, 4][..],
            &[0xFF, 0xC2, 0, 17, 8, 0x04, 0x38, 0x07, 0x80, 3],
        ];
        assert_eq!(jpeg_pixels(&jpeg.concat()), Some((1920, 1080)));
        assert_eq!(jpeg_pixels(&jpeg.concat()[..12]), None);
        let png = [
            &b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..],
            &[0, 0, 0, 64, 0, 0, 0, 48],
        ]
        .concat();
        assert_eq!(png_pixels(&png), Some((64, 48)));
        assert_eq!(png_pixels(b"\x89PNG"), None);
        assert_eq!(
            jpeg_pixels(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xD8]),
            None
        );
    }
}
