//! Which file is what. In: a file's name, or its first 64 bytes where the name says nothing. Out: a [`Kind`]. Never
//! believes that a video's name makes a video: that is the probe's to find out.

use super::name::split_extension;
use crate::text::Text;

/// Bytes needed to recognise a film whose name does not say so.
pub(super) const SNIFF_BYTES: u64 = 64;

const VIDEO: &[&str] = &[
    "mp4", "m4v", "mov", "qt", "mpg", "mpeg", "m2v", "vob", "mkv", "webm", "avi", "wmv", "asf",
    "flv", "f4v", "ts", "mts", "m2ts", "3gp", "rm", "rmvb", "mxf", "ogv",
];
const SUBTITLE: &[&str] = &["srt", "ass", "ssa", "vtt", "ttml", "dfxp"];
const ARCHIVE: &[&str] = &[
    "zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "lzh", "cab",
];
const PICTURE: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "psd",
];
/// What stands behind or before a video's name in the name of its script.
pub(super) const SCRIPT_WORDS: [&str; 8] = [
    "演讲稿",
    "讲课稿",
    "解说词",
    "讲稿",
    "文稿",
    "朗诵稿",
    "台词",
    "script",
];
const UNFINISHED: &[&str] = &[
    "crdownload",
    "part",
    "filepart",
    "partial",
    "download",
    "downloading",
    "opdownload",
    "xltd",
    "td",
    "aria2",
];

/// How a region's recommendation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// Cells with commas or tabs between.
    Table,
    /// One video a line.
    Lines,
    /// A spreadsheet or document of an office program.
    Office,
}

/// What a file is, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A video.
    Video,
    /// A Word document, so an introduction.
    Introduction,
    /// A script in Word: what is spoken in the video.
    Script,
    /// An introduction perhaps, but not in Word.
    NotWord,
    /// Subtitles.
    Subtitle,
    /// A region's recommendation.
    Recommendation(ListFormat),
    /// A packed delivery.
    Archive,
    /// A picture.
    Picture,
    /// `showcase.toml`, and rules or ladders beside it.
    Settings,
    /// The roster of units.
    Roster,
    /// A shortcut to an address of the web.
    Shortcut,
    /// What systems and programs leave behind, with what it is.
    Litter(Text),
    /// A download that has not come to its end.
    Unfinished,
    /// The name does not say.
    Unknown,
}

/// What the file of this name is.
pub fn kind_of(file_name: &str) -> Kind {
    let lower = file_name.trim().to_lowercase();
    if let Some(note) = litter(&lower) {
        return Kind::Litter(note);
    }
    if lower == "showcase.toml" || lower.strip_suffix(".toml").is_some() {
        return Kind::Settings;
    }
    if is_archive(&lower) {
        return Kind::Archive;
    }
    let (stem, extension) = split_extension(&lower);
    let extension = extension.unwrap_or_default();
    if matches!(stem, "roster" | "名册" | "单位名册") {
        return Kind::Roster;
    }
    by_extension(stem, extension)
}

fn by_extension(stem: &str, extension: &str) -> Kind {
    let recommends = stem.contains("推荐");
    match extension {
        "csv" if recommends => Kind::Recommendation(ListFormat::Table),
        "txt" if recommends => Kind::Recommendation(ListFormat::Lines),
        "xlsx" | "xls" | "docx" | "doc" if recommends => Kind::Recommendation(ListFormat::Office),
        "docx" | "doc" | "wps" if is_script(stem) => Kind::Script,
        // WPS Writer's own files are Word's in another name; what they really are, their content says.
        "docx" | "doc" | "wps" => Kind::Introduction,
        "pdf" | "txt" | "rtf" | "odt" => Kind::NotWord,
        "url" | "webloc" => Kind::Shortcut,
        _ if VIDEO.contains(&extension) => Kind::Video,
        _ if SUBTITLE.contains(&extension) => Kind::Subtitle,
        _ if PICTURE.contains(&extension) => Kind::Picture,
        _ if UNFINISHED.contains(&extension) => Kind::Unfinished,
        _ => Kind::Unknown,
    }
}

/// Whether a document's stem says that it is a script: at one of its ends, outside the title's marks.
fn is_script(stem: &str) -> bool {
    let plain = stem
        .trim_end_matches(|c: char| c.is_ascii_digit() || " ()（）_-.".contains(c))
        .trim();
    SCRIPT_WORDS
        .iter()
        .any(|word| plain.ends_with(word) || plain.starts_with(word))
}

/// Whether an extension is a video's.
pub(super) fn is_video_extension(extension: &str) -> bool {
    VIDEO
        .iter()
        .any(|known| known.eq_ignore_ascii_case(extension))
}

/// Why a folder of this name is not entered, if it is a system's.
pub(super) fn litter_folder(name: &str) -> Option<Text> {
    let known = [
        "__macosx",
        "@eadir",
        "$recycle.bin",
        "system volume information",
    ];
    let lower = name.to_lowercase();
    if known.contains(&lower.as_str()) {
        return Some(Text::new(
            "系统自动生成的文件夹，已忽略。",
            "a folder that the system made by itself; ignored",
        ));
    }
    lower
        .starts_with('.')
        .then(|| Text::new("隐藏文件夹，已忽略。", "a hidden folder; ignored"))
}

fn litter(lower: &str) -> Option<Text> {
    let by_system = ["thumbs.db", "desktop.ini", "ehthumbs.db", "icon"];
    if lower.starts_with("._") || lower == ".ds_store" || by_system.contains(&lower) {
        return Some(Text::new(
            "系统自动生成的文件，已忽略。",
            "a file that the system made by itself; ignored",
        ));
    }
    let temporary = lower.starts_with("~$")
        || lower.starts_with(".~lock")
        || split_extension(lower).1 == Some("tmp");
    if temporary {
        return Some(Text::new(
            "程序留下的临时文件，已忽略。",
            "a program's temporary file; ignored",
        ));
    }
    lower
        .starts_with('.')
        .then(|| Text::new("隐藏文件，已忽略。", "a hidden file; ignored"))
}

fn is_archive(lower: &str) -> bool {
    let (before, last) = lower.rsplit_once('.').unwrap_or((lower, ""));
    if ARCHIVE.contains(&last) || is_volume(last) {
        return true;
    }
    last.len() == 3
        && last.bytes().all(|b| b.is_ascii_digit())
        && before
            .rsplit_once('.')
            .is_some_and(|(_, inner)| ARCHIVE.contains(&inner))
}

/// `z01`, `r00`: the further volumes of a split ZIP or RAR.
fn is_volume(extension: &str) -> bool {
    let digits = extension
        .strip_prefix('z')
        .or_else(|| extension.strip_prefix('r'));
    digits.is_some_and(|d| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()))
}

/// An archive's name without what makes it an archive: `川北片区.part1.rar` is 川北片区.
pub(super) fn archive_stem(file_name: &str) -> &str {
    let mut stem = file_name.trim();
    while let Some((before, last)) = stem.rsplit_once('.') {
        let lower = last.to_lowercase();
        let volume = lower.strip_prefix("part").unwrap_or(&lower);
        let is_number = !volume.is_empty() && volume.bytes().all(|b| b.is_ascii_digit());
        if before.is_empty()
            || !(is_number || is_volume(&lower) || ARCHIVE.contains(&lower.as_str()))
        {
            break;
        }
        stem = before;
    }
    stem
}

/// Whether a file that starts like this may be a film.
pub(super) fn starts_like_a_film(head: &[u8]) -> bool {
    let at = |place: usize, wanted: &[u8]| {
        head.get(place..)
            .is_some_and(|rest| rest.starts_with(wanted))
    };
    at(4, b"ftyp")
        || at(4, b"moov")
        || at(0, &[0x1A, 0x45, 0xDF, 0xA3])
        || (at(0, b"RIFF") && at(8, b"AVI "))
        || at(0, &[0, 0, 1, 0xBA])
        || at(0, &[0, 0, 1, 0xB3])
        || at(0, b"FLV\x01")
        || at(0, b".RMF")
        || at(0, &[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11])
        || is_transport_stream(head)
        || head.get(4..).is_some_and(is_transport_stream)
}

/// Bytes in which an XML file shows what it is.
pub(super) const XML_HEAD_BYTES: u64 = 4096;

/// Whether an XML file that starts like this has the root element of TTML: editors' projects are XML too.
pub(super) fn starts_like_ttml(head: &[u8]) -> bool {
    // In UTF-16 every other byte is zero.
    let text: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
    let root = text.windows(2).enumerate().find_map(|(at, pair)| {
        (pair[0] == b'<' && pair[1].is_ascii_alphabetic()).then(|| &text[at + 1..])
    });
    root.is_some_and(|root| {
        let end = root
            .iter()
            .position(|b| b.is_ascii_whitespace() || *b == b'>');
        let name = &root[..end.unwrap_or(root.len())];
        name == b"tt" || name.ends_with(b":tt")
    })
}

/// ISO/IEC 13818-1 §2.4.3.2: a packet starts with 0x47. One byte is a capital G too, and 64 bytes hold one packet's
/// start only, so ask for a table that streams start with (PAT, NIT, SDT), without error flag and with content.
fn is_transport_stream(head: &[u8]) -> bool {
    matches!(head, [0x47, flags, 0x00 | 0x10 | 0x11, control, ..]
        if flags & 0x9F == 0 && control & 0x30 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_shows_by_its_root_element_whether_it_holds_subtitles() {
        let is = |text: &str| starts_like_ttml(text.as_bytes());
        assert!(is(
            "<?xml version=\"1.0\"?>\n<!-- 字幕 -->\n<tt xml:lang=\"zh\">"
        ));
        assert!(is("\u{feff}<tt:tt\n>"));
        assert!(!is(
            "<?xml version=\"1.0\"?><!DOCTYPE xmeml><xmeml version=\"4\"><tt>"
        ));
        assert!(!is(""));
        let wide: Vec<u8> = "<tt>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(starts_like_ttml(&wide));
    }

    #[test]
    fn every_kind_is_known_by_its_name_in_any_case() {
        let of = |name| kind_of(name);
        assert_eq!(of("西华大学《雨》.MP4"), Kind::Video);
        assert_eq!(of("x.RmVb "), Kind::Video);
        assert_eq!(of("x.Docx"), Kind::Introduction);
        assert_eq!(of("x.wps"), Kind::Introduction);
        assert_eq!(of("x.pdf"), Kind::NotWord);
        assert_eq!(of("西华大学《雨》讲稿(1).docx"), Kind::Script);
        assert_eq!(of("讲稿-西华大学《雨》.doc"), Kind::Script);
        assert_eq!(of("西华大学《一份讲稿》.docx"), Kind::Introduction);
        assert_eq!(of("x.zh.srt"), Kind::Subtitle);
        assert_eq!(of("x.DFXP"), Kind::Subtitle);
        assert_eq!(of("x.xml"), Kind::Unknown);
        assert_eq!(of("x.png"), Kind::Picture);
        assert_eq!(of("showcase.toml"), Kind::Settings);
        assert_eq!(of("Roster.xlsx"), Kind::Roster);
        assert_eq!(of("名册.csv"), Kind::Roster);
        assert_eq!(of("雨.URL"), Kind::Shortcut);
        assert_eq!(of("无后缀"), Kind::Unknown);
        assert_eq!(of("x.xlsx"), Kind::Unknown);
    }

    #[test]
    fn a_recommendation_is_a_list_and_never_a_video() {
        let list = Kind::Recommendation;
        assert_eq!(kind_of("推荐结果.csv"), list(ListFormat::Table));
        assert_eq!(kind_of("川北推荐.TXT"), list(ListFormat::Lines));
        assert_eq!(kind_of("推荐表.xlsx"), list(ListFormat::Office));
        assert_eq!(kind_of("推荐.mp4"), Kind::Video);
    }

    #[test]
    fn archives_are_known_with_all_their_volumes() {
        for name in [
            "a.zip",
            "a.7z.001",
            "a.part2.rar",
            "a.z01",
            "a.r00",
            "a.tar.gz",
        ] {
            assert_eq!(kind_of(name), Kind::Archive, "{name}");
        }
        assert_eq!(kind_of("a.001"), Kind::Unknown);
        assert_eq!(archive_stem("川北片区.part1.rar"), "川北片区");
        assert_eq!(archive_stem("川北片区.7z.001"), "川北片区");
        assert_eq!(archive_stem("川南片区.utf8.zip"), "川南片区.utf8");
        assert_eq!(archive_stem(".zip"), ".zip");
    }

    #[test]
    fn litter_and_half_downloads_are_told_apart() {
        for name in [
            ".DS_Store",
            "._a.mp4",
            "Thumbs.db",
            "desktop.ini",
            "~$雨.docx",
            ".~lock.a.docx#",
            "a.tmp",
            ".hidden.mp4",
        ] {
            assert!(matches!(kind_of(name), Kind::Litter(_)), "{name}");
        }
        for name in [
            "a.mp4.crdownload",
            "a.mp4.part",
            "a.mp4.baiduyun.p.downloading",
            "a.xltd",
            "a.aria2",
        ] {
            assert_eq!(kind_of(name), Kind::Unfinished, "{name}");
        }
        assert!(litter_folder("__MACOSX").is_some());
        assert!(litter_folder(".git").is_some());
        assert!(litter_folder("川北片区").is_none());
    }

    #[test]
    fn a_film_is_known_by_its_first_bytes() {
        assert!(starts_like_a_film(b"\0\0\0\x20ftypisom"));
        assert!(starts_like_a_film(&[0x1A, 0x45, 0xDF, 0xA3]));
        assert!(starts_like_a_film(b"RIFF\0\0\0\0AVI LIST"));
        assert!(starts_like_a_film(&[0, 0, 1, 0xBA]));
        let mut packet = [0_u8; 64];
        packet[0] = 0x47;
        packet[1] = 0x40;
        packet[3] = 0x10;
        assert!(starts_like_a_film(&packet));
        packet.rotate_right(4);
        assert!(starts_like_a_film(&packet));
        assert!(!starts_like_a_film(
            &b"Good morning, ladies and gentlemen. ".repeat(2)
        ));
        assert!(!starts_like_a_film(b"GIF89a"));
        assert!(!starts_like_a_film(b""));
    }
}
