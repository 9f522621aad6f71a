//! Which format a file has. In: its bytes, then its text. Out: a [`Format`]. Never goes by the name's ending, which is
//! wrong too often; except for WebVTT that lost its first line.

use super::{ass, srt, ttml};

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.srt`; also the last resort for anything that might have cues.
    SubRip,
    /// `.vtt`.
    WebVtt,
    /// `.ass`, `.ssa`.
    Ass,
    /// `.ttml`, `.dfxp`, `.xml`.
    Ttml,
    /// One we know by sight only; its name.
    Foreign(&'static str),
}

/// How far we look for what tells a format.
const HEAD: usize = 64 * 1024;

/// Formats that are no text, by their first bytes: where the signature stands, what it is, whose it is.
const SIGNATURES: [(usize, &[u8], &str); 13] = [
    (0, &[0, 0, 1, 0xBA], "VobSub (.sub)"),
    (0, b"PG", "PGS (.sup)"),
    (3, b"STL25.01", "EBU STL"),
    (3, b"STL30.01", "EBU STL"),
    (0, b"PK\x03\x04", "ZIP / Microsoft Office"),
    (0, &[0xD0, 0xCF, 0x11, 0xE0], "Microsoft Office 97"),
    (0, b"%PDF", "PDF"),
    (0, b"{\\rtf", "RTF"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xBC\xAF\x27\x1C", "7z"),
    (0, &[0x1A, 0x45, 0xDF, 0xA3], "Matroska"),
    (4, b"ftyp", "MP4"),
    (0, &[0xFF, 0xD8, 0xFF], "JPEG"),
];

/// The name of a format that is no text.
pub(super) fn foreign_bytes(bytes: &[u8]) -> Option<&'static str> {
    let known = SIGNATURES.iter().find(|(at, signature, _)| {
        bytes
            .get(*at..)
            .is_some_and(|rest| rest.starts_with(signature))
    });
    known.map(|(_, _, name)| *name)
}

/// The format of a text.
pub(super) fn of(file_name: &str, text: &str) -> Format {
    let start = text.trim_start();
    if start.starts_with("WEBVTT") {
        return Format::WebVtt;
    }
    if start.starts_with('<') && ttml::looks_like(start) {
        return Format::Ttml;
    }
    if ass::looks_like(head(start)) {
        return Format::Ass;
    }
    if let Some(name) = foreign_markup(head(start)) {
        return Format::Foreign(name);
    }
    if srt::looks_like(text) {
        let is_webvtt = file_name.to_ascii_lowercase().ends_with(".vtt");
        return if is_webvtt {
            Format::WebVtt
        } else {
            Format::SubRip
        };
    }
    foreign_lines(head(start)).map_or(Format::SubRip, Format::Foreign)
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(HEAD)]
}

/// Formats that announce themselves.
fn foreign_markup(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("# vobsub index file") {
        Some("VobSub (.idx)")
    } else if lower.starts_with("<sami") {
        Some("SAMI")
    } else if lower.starts_with("scenarist_scc") {
        Some("Scenarist SCC")
    } else {
        None
    }
}

/// Formats told by the look of their lines; only asked where no line has times as we know them.
fn foreign_lines(text: &str) -> Option<&'static str> {
    text.lines().take(200).find_map(|line| {
        let line = line.trim();
        if has_shape(line, "{#}{#}") {
            Some("MicroDVD (.sub)")
        } else if has_shape(line, "[#:#.#]") || has_shape(line, "[#:#]") {
            Some("LRC")
        } else if has_shape(line, "[#][#]") {
            Some("MPL2")
        } else if has_shape(line, "#:#:#.#,#:#:#.#") {
            Some("SubViewer")
        } else {
            None
        }
    })
}

/// Whether a line begins like this; `#` stands for digits.
fn has_shape(line: &str, shape: &str) -> bool {
    let mut rest = line;
    shape.chars().all(|expected| {
        let shorter = match expected {
            '#' => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            mark => rest.strip_prefix(mark).unwrap_or(rest),
        };
        let moved = shorter.len() < rest.len();
        rest = shorter;
        moved
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_not_the_name() {
        let srt = "1\n00:00:01,000 --> 00:00:02,000\n甲";
        assert_eq!(of("a.ass", srt), Format::SubRip);
        assert_eq!(of("a.VTT", srt), Format::WebVtt);
        assert_eq!(of("a.srt", "\nWEBVTT\n"), Format::WebVtt);
        assert_eq!(of("a.srt", "[Script Info]\n"), Format::Ass);
        assert_eq!(of("a.srt", "随便"), Format::SubRip);
        let comment = "<?xml version=\"1.0\"?>\n<!-- <srt> -->\n<tt:tt xml:lang=\"zh\">";
        assert_eq!(of("a.xml", comment), Format::Ttml);
        assert_eq!(of("a.xml", "<!DOCTYPE tt>\n<tt>"), Format::Ttml);
        assert_eq!(of("a.xml", "<xmeml><tt>"), Format::SubRip);
    }

    #[test]
    fn formats_we_cannot_read_are_named() {
        for (text, name) in [
            ("<SAMI>", "SAMI"),
            ("# VobSub index file, v7", "VobSub (.idx)"),
            ("{25}{50}甲", "MicroDVD (.sub)"),
            ("[ti:歌]\n[00:12.34]词", "LRC"),
            ("[12][34]甲", "MPL2"),
            ("00:00:01.00,00:00:03.00\n甲", "SubViewer"),
            ("Scenarist_SCC V1.0", "Scenarist SCC"),
        ] {
            assert_eq!(of("x.srt", text), Format::Foreign(name));
        }
        assert_eq!(foreign_bytes(b"850STL25.01"), Some("EBU STL"));
        assert_eq!(foreign_bytes(b"850"), None);
    }
}
