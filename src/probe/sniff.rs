//! What a file looks like from its first bytes, for files that are no video. In: up to 4 KiB. Out: a name for people.
//! Never decides that something *is* a video: that is the demuxer's to say.

use super::Unreadable;
use crate::text::Text;

/// How many bytes are looked at.
pub(super) const HEAD: usize = 4096;

/// Files that are surely no video, named for what they are.
pub(super) fn not_a_video(head: &[u8]) -> Option<Unreadable> {
    if let Some(format) = playlist(head) {
        return Some(Unreadable::Playlist {
            format: format.into(),
        });
    }
    let looks_like = by_magic(head).or_else(|| plain_text(head))?;
    Some(Unreadable::NotAVideo { looks_like })
}

/// Containers that are videos, but not on our list.
pub(super) fn unsupported_container(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 4] = [
        (b".RMF", "RealMedia"),
        (b"OggS", "Ogg"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "MXF"),
        (b"DKIF", "IVF"),
    ];
    known
        .into_iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, name)| name)
}

fn playlist(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let starts = |word: &str| {
        text.get(..word.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(word))
    };
    if starts("#EXTM3U") {
        Some("HLS")
    } else if starts("ffconcat version") || starts("file '") {
        Some("ffconcat")
    } else if starts("<") && text.contains("<MPD") {
        Some("DASH")
    } else if starts("<")
        && (text.contains("<smil") || text.contains("<asx") || text.contains("<ASX"))
    {
        Some("SMIL/ASX")
    } else if starts("v=0\n") || starts("v=0\r") {
        Some("SDP")
    } else if starts("[playlist]") {
        Some("PLS")
    } else if starts("http://")
        || starts("https://")
        || starts("rtmp://")
        || starts("rtsp://")
        || starts("file://")
    {
        Some("URL")
    } else {
        None
    }
}

fn by_magic(head: &[u8]) -> Option<Text> {
    let known: [(&[u8], &str, &str); 22] = [
        (
            b"PK\x03\x04",
            "ZIP 压缩包（或 Word/Excel/PPT 文件）",
            "a ZIP archive (or a Word, Excel or PowerPoint file)",
        ),
        (b"PK\x05\x06", "空的 ZIP 压缩包", "an empty ZIP archive"),
        (b"Rar!\x1a\x07", "RAR 压缩包", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
        (b"\x1f\x8b", "gzip 压缩包", "a gzip archive"),
        (b"\x89PNG", "PNG 图片", "a PNG picture"),
        (b"\xff\xd8\xff", "JPEG 图片", "a JPEG picture"),
        (b"GIF8", "GIF 图片", "a GIF picture"),
        (b"BM", "BMP 图片", "a BMP picture"),
        (b"II*\0", "TIFF 图片", "a TIFF picture"),
        (b"MM\0*", "TIFF 图片", "a TIFF picture"),
        (b"8BPS", "Photoshop 文件", "a Photoshop file"),
        (b"%PDF", "PDF 文件", "a PDF document"),
        (
            b"\xd0\xcf\x11\xe0",
            "旧版 Word/Excel/PPT 文件",
            "an old Word, Excel or PowerPoint file",
        ),
        (b"{\\rtf", "RTF 文档", "an RTF document"),
        (b"ID3", "MP3 音频", "an MP3 sound file"),
        (b"fLaC", "FLAC 音频", "a FLAC sound file"),
        (b"MZ", "Windows 程序", "a Windows program"),
        (b"\x7fELF", "Linux 程序", "a Linux program"),
        (b"WEBVTT", "WebVTT 字幕", "WebVTT subtitles"),
        (
            b"<!DOCTYPE html",
            "网页（可能是下载失败时的错误页）",
            "a web page (perhaps a failed download's error page)",
        ),
        (
            b"<html",
            "网页（可能是下载失败时的错误页）",
            "a web page (perhaps a failed download's error page)",
        ),
    ];
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE") {
        return Some(Text::new("WAV 音频", "a WAV sound file"));
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(Text::new("WebP 图片", "a WebP picture"));
    }
    known
        .into_iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|(_, zh, en)| Text::new(zh, en))
}

fn plain_text(head: &[u8]) -> Option<Text> {
    let printable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    let is_text = !head.is_empty()
        && head.iter().all(printable)
        && std::str::from_utf8(trim_partial(head)).is_ok();
    if is_text {
        Some(Text::new("文本文件", "a text file"))
    } else {
        None
    }
}

// The head may end inside a character.
fn trim_partial(head: &[u8]) -> &[u8] {
    match std::str::from_utf8(head) {
        Err(e) if e.error_len().is_none() => &head[..e.valid_up_to()],
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playlists_are_named_for_what_they_are() {
        let cases: [(&[u8], &str); 6] = [
            (b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///private.ts\n", "HLS"),
            (b"\xef\xbb\xbf\r\n#extm3u\n", "HLS"),
            (b"ffconcat version 1.0\nfile a.mp4\n", "ffconcat"),
            (
                b"<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">",
                "DASH",
            ),
            (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "SDP"),
            (b"http://169.254.1.1/x", "URL"),
        ];
        for (head, name) in cases {
            assert_eq!(
                not_a_video(head),
                Some(Unreadable::Playlist {
                    format: name.into()
                }),
                "{name}"
            );
        }
    }

    #[test]
    fn other_files_are_named_and_videos_are_left_alone() {
        let zip = not_a_video(b"PK\x03\x04rest").unwrap();
        assert!(
            matches!(zip, Unreadable::NotAVideo { looks_like } if looks_like.zh.contains("ZIP"))
        );
        assert!(matches!(
            not_a_video("只是一些字".as_bytes()),
            Some(Unreadable::NotAVideo { .. })
        ));
        assert_eq!(not_a_video(b"\0\0\0\x18ftypmp42\0\0\0\0"), None);
        assert_eq!(not_a_video(b"\0\0\x01\xba\x44\0"), None);
        assert_eq!(not_a_video(b""), None);
    }

    #[test]
    fn a_text_cut_inside_a_character_is_still_a_text() {
        let text = "视频".as_bytes();
        assert!(not_a_video(&text[..4]).is_some());
    }
}
