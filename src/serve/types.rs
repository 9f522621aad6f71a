//! What kind of thing a file is, by its name's end: the one table from which the server answers and the snippets for other
//! servers are written. In: a file name. Out: a [`Kind`]. Never looks into a file.

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Endings of names, without the dot, in small letters.
    pub endings: &'static [&'static str],
    /// MIME type.
    pub mime: &'static str,
    /// Whether it is text that gets smaller.
    pub packing: Packing,
}

/// Whether a transfer of it is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Where the client takes gzip.
    Gzip,
    /// Never: it is compressed in itself.
    AsItIs,
}

const fn text(endings: &'static [&'static str], mime: &'static str) -> Kind {
    Kind {
        endings,
        mime,
        packing: Packing::Gzip,
    }
}

const fn packed(endings: &'static [&'static str], mime: &'static str) -> Kind {
    Kind {
        endings,
        mime,
        packing: Packing::AsItIs,
    }
}

/// Everything that we write, and what an association puts beside it.
pub const KINDS: &[Kind] = &[
    // Apple's HLS specification, 10.1 and 10.4.
    text(&["m3u8"], "application/vnd.apple.mpegurl"),
    packed(&["mp4", "m4v"], "video/mp4"),
    packed(&["m4s"], "video/iso.segment"),
    text(&["vtt"], "text/vtt; charset=utf-8"),
    packed(&["m4a"], "audio/mp4"),
    packed(&["aac"], "audio/aac"),
    packed(&["ts"], "video/mp2t"),
    text(&["html", "htm"], "text/html; charset=utf-8"),
    text(&["css"], "text/css; charset=utf-8"),
    text(&["js", "mjs"], "text/javascript; charset=utf-8"),
    text(&["json", "map"], "application/json"),
    text(&["webmanifest"], "application/manifest+json"),
    text(&["xml"], "application/xml; charset=utf-8"),
    text(&["rss"], "application/rss+xml; charset=utf-8"),
    text(&["xspf"], "application/xspf+xml; charset=utf-8"),
    text(&["svg"], "image/svg+xml; charset=utf-8"),
    text(&["txt", "md", "b3", "dpl"], "text/plain; charset=utf-8"),
    text(&["csv"], "text/csv; charset=utf-8"),
    packed(&["jpg", "jpeg"], "image/jpeg"),
    packed(&["png"], "image/png"),
    packed(&["webp"], "image/webp"),
    packed(&["avif"], "image/avif"),
    packed(&["gif"], "image/gif"),
    packed(&["ico"], "image/x-icon"),
    packed(&["woff2"], "font/woff2"),
    packed(&["pdf"], "application/pdf"),
    packed(
        &["xlsx"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    packed(
        &["docx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
];

/// What nobody knows is saved by a browser and never shown or run.
const UNKNOWN: Kind = packed(&[], "application/octet-stream");

/// The kind of a file.
pub fn of(name: &str) -> Kind {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    let known = KINDS
        .iter()
        .find(|kind| kind.endings.contains(&ending.as_str()));
    known.copied().unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hls_and_browsers_insist_on() {
        let mime = |name| of(name).mime;
        assert_eq!(mime("master.m3u8"), "application/vnd.apple.mpegurl");
        assert_eq!(mime("init.mp4"), "video/mp4");
        assert_eq!(mime("00001.m4s"), "video/iso.segment");
        assert_eq!(mime("zh-Hans.vtt"), "text/vtt; charset=utf-8");
        assert_eq!(mime("poster.webp"), "image/webp");
        assert_eq!(mime("INDEX.HTML"), "text/html; charset=utf-8");
        assert_eq!(mime("start.bat"), "application/octet-stream");
        assert_eq!(mime("mp4"), "application/octet-stream");
    }

    #[test]
    fn no_ending_stands_twice_and_films_are_not_packed_again() {
        let mut endings: Vec<_> = KINDS.iter().flat_map(|kind| kind.endings).collect();
        let all = endings.len();
        endings.sort();
        endings.dedup();
        assert_eq!(endings.len(), all);
        assert_eq!(of("a.m4s").packing, Packing::AsItIs);
        assert_eq!(of("a.m3u8").packing, Packing::Gzip);
    }
}
