//! Text tracks inside a film. In: a track's packets as the container carries them, with their times in the film. Out:
//! [`Subtitles`], by the same repairs as a file's. Needs no decoder: a packet's payload is plain text, or text in boxes.

use std::collections::BTreeMap;

use super::encoding::{self, Decoded};
use super::{
    Draft, DraftCue, Language, MAX_BYTES, MAX_CUES, OPEN_END, SubtitleError, Subtitles, ass, plain,
    repair, srt, ttml, webvtt,
};
use crate::units::Bytes;

/// Text tracks of one film that are read.
pub const MAX_TRACKS: usize = 16;

/// Packets of one track: MP4 has an empty one between two cues.
const MAX_PACKETS: usize = 2 * MAX_CUES + 2;

/// Stands between the payloads while they are decoded together; no encoding of text uses it for a part of a character.
const SEPARATOR: u8 = 0x1E;

/// What a packet's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// 3GPP timed text and QuickTime text: a length, the text, boxes of style.
    TimedText,
    /// A cue's text as in SRT.
    SubRip,
    /// An event of a script, its times left out.
    Ass,
    /// A cue's text as in WebVTT.
    WebVtt,
    /// Boxes of ISO/IEC 14496-30 around it.
    WebVttBoxes,
    /// A whole document (ISO/IEC 14496-30 §5).
    Ttml,
    /// libav has no name for it: WebVTT in Matroska as the specification now has it, and rarities. Text where it looks
    /// like text.
    Unnamed,
}

impl Carriage {
    /// By libav's name of the codec; none for pictures of text and for what is no text at all.
    pub fn of(codec: &str) -> Option<Self> {
        match codec {
            "mov_text" => Some(Carriage::TimedText),
            "subrip" | "srt" | "text" => Some(Carriage::SubRip),
            "ass" | "ssa" => Some(Carriage::Ass),
            "webvtt" => Some(Carriage::WebVtt),
            "wvtt" => Some(Carriage::WebVttBoxes),
            "stpp" | "ttml" => Some(Carriage::Ttml),
            "none" => Some(Carriage::Unnamed),
            _ => None,
        }
    }
}

/// The packets of a track, as they are read.
#[derive(Debug)]
pub struct TextTrack {
    carriage: Carriage,
    packets: Vec<TextPacket>,
    bytes: u64,
    lost: usize,
}

#[derive(Debug)]
struct TextPacket {
    /// Milliseconds of the film.
    start: i64,
    /// Milliseconds of the film, or [`OPEN_END`].
    end: i64,
    payload: Vec<u8>,
}

impl TextPacket {
    fn is_text(&self) -> bool {
        std::str::from_utf8(&self.payload).is_ok_and(|text| {
            let mut chars = text.trim_end_matches('\0').chars();
            chars.all(|c| matches!(c, '\t' | '\n' | '\r') || !c.is_control())
        })
    }
}

impl TextTrack {
    /// None read yet.
    pub fn new(carriage: Carriage) -> Self {
        TextTrack {
            carriage,
            packets: vec![],
            bytes: 0,
            lost: 0,
        }
    }

    /// Takes a packet, `start` in microseconds of the film; a duration of zero is none. What is more than subtitles have is
    /// only counted.
    pub fn push(&mut self, start: i64, duration: i64, payload: &[u8]) {
        self.bytes = self.bytes.saturating_add(payload.len() as u64);
        if self.bytes > MAX_BYTES.0 || self.packets.len() >= MAX_PACKETS {
            self.lost += 1;
            return;
        }
        let end = match duration {
            1.. => to_millis(start.saturating_add(duration)),
            _ => OPEN_END,
        };
        self.packets.push(TextPacket {
            start: to_millis(start),
            end,
            payload: payload.to_vec(),
        });
    }

    /// What the track says. `name` is for messages, `tag` the language that the container gives.
    pub fn read(&self, name: &str, tag: Option<&str>) -> Result<Subtitles, SubtitleError> {
        let file = || name.to_owned();
        if self.bytes > MAX_BYTES.0 {
            return Err(SubtitleError::TooLarge {
                file: file(),
                actual: Bytes(self.bytes),
                limit: MAX_BYTES,
            });
        }
        if self.carriage == Carriage::Unnamed && !self.packets.iter().all(TextPacket::is_text) {
            return Err(SubtitleError::NotSupported {
                file: file(),
                format: "none of the known text formats",
            });
        }
        let (mut draft, decoded) = self.draft();
        let read = draft.cues.len();
        if read + self.lost > MAX_CUES {
            return Err(SubtitleError::TooManyCues {
                file: file(),
                actual: read + self.lost,
                limit: MAX_CUES,
            });
        }
        let of_document = draft.tag.take();
        let unreadable = draft.unreadable.len();
        let (cues, repairs) = repair::repair(draft, &decoded);
        if cues.is_empty() {
            return Err(SubtitleError::NoCue {
                file: file(),
                lines: self.packets.len(),
                cues: read,
                unreadable,
            });
        }
        let tag = tag.or(of_document.as_deref());
        let language = Language::tagged(tag, &cues);
        Ok(Subtitles {
            cues,
            language,
            repairs,
        })
    }

    fn draft(&self) -> (Draft, Decoded) {
        if self.carriage == Carriage::Ttml {
            return self.documents();
        }
        let payloads: Vec<Vec<u8>> = self.packets.iter().map(|p| self.text_of(p)).collect();
        let (texts, decoded) = decode_together(&payloads);
        let mut draft = Draft::default();
        for (packet, text) in self.packets.iter().zip(texts) {
            let text = self.plain(&text);
            // An empty packet is the gap between two cues.
            if !text.is_empty() {
                draft.cues.push(DraftCue {
                    start: packet.start,
                    end: packet.end,
                    text,
                });
            }
        }
        if self.carriage == Carriage::WebVttBoxes {
            rejoin(&mut draft.cues);
        }
        (draft, decoded)
    }

    /// The bytes of a packet's text.
    fn text_of(&self, packet: &TextPacket) -> Vec<u8> {
        match self.carriage {
            Carriage::TimedText => timed_text(&packet.payload),
            Carriage::WebVttBoxes => boxed_text(&packet.payload),
            _ => packet.payload.clone(),
        }
    }

    fn plain(&self, text: &str) -> String {
        let text = plain::unix_lines(text);
        match self.carriage {
            Carriage::SubRip => srt::plain(&text),
            Carriage::Ass => {
                // ReadOrder, Layer or Marked, Style, Name, three margins, Effect, Text.
                let text = text.splitn(9, ',').nth(8).unwrap_or_default();
                plain::tidy(&ass::spoken(text))
            }
            Carriage::WebVtt | Carriage::WebVttBoxes | Carriage::Unnamed => webvtt::plain(&text),
            Carriage::TimedText | Carriage::Ttml => plain::tidy(&text),
        }
    }

    /// Documents, each of which holds for its own sample.
    fn documents(&self) -> (Draft, Decoded) {
        let mut all = Draft::default();
        let mut first = None;
        for packet in &self.packets {
            let decoded = encoding::decode(&packet.payload);
            let text = plain::unix_lines(&decoded.text);
            first.get_or_insert(decoded);
            let end = (packet.end != OPEN_END).then_some(packet.end);
            let draft = ttml::read_within(&text, end);
            all.cues.extend(clipped(draft.cues, packet));
            all.unreadable.extend(draft.unreadable);
            all.broken = all.broken.or(draft.broken);
            all.tag = all.tag.or(draft.tag);
            if all.cues.len() > MAX_CUES {
                break;
            }
        }
        rejoin(&mut all.cues);
        (all, first.unwrap_or_else(|| encoding::decode(b"")))
    }
}

/// Microseconds as milliseconds, to the nearest.
fn to_millis(micros: i64) -> i64 {
    micros.saturating_add(500).div_euclid(1000)
}

/// A length of 16 bits, and as many bytes of text (3GPP TS 26.245 §5.17); what is UTF-16 has a byte-order mark.
fn timed_text(payload: &[u8]) -> Vec<u8> {
    let Some((length, rest)) = payload.split_first_chunk::<2>() else {
        return vec![];
    };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let text = &rest[..length];
    if text.starts_with(&[0xFE, 0xFF]) || text.starts_with(&[0xFF, 0xFE]) {
        return encoding::decode(text).text.into_bytes();
    }
    text.to_vec()
}

/// The texts (`payl`) of all cues (`vttc`) in a sample, one below the other; none in an empty one (`vtte`).
fn boxed_text(sample: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::new();
    for cue in boxes(sample).filter(|(kind, _)| *kind == b"vttc") {
        for (_, payload) in boxes(cue.1).filter(|(kind, _)| *kind == b"payl") {
            if !text.is_empty() {
                text.push(b'\n');
            }
            text.extend(payload);
        }
    }
    text
}

/// Kinds and contents of boxes behind each other; ends at the first that is none.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (size, rest) = bytes.split_first_chunk::<4>()?;
        let (kind, _) = rest.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
        let content = bytes.get(8..size)?;
        bytes = &bytes[size..];
        Some((kind, content))
    })
}

/// Decides on one encoding for all: a few characters by themselves tell little.
fn decode_together(payloads: &[Vec<u8>]) -> (Vec<String>, Decoded) {
    // Some muxers end a text as C does, and what follows is whatever lay behind it.
    let trimmed = payloads.iter().map(|payload| {
        let end = payload.iter().position(|byte| *byte == 0);
        &payload[..end.unwrap_or(payload.len())]
    });
    let trimmed: Vec<&[u8]> = trimmed.collect();
    let decoded = encoding::decode(&trimmed.join(&SEPARATOR));
    let texts: Vec<String> = decoded
        .text
        .split(char::from(SEPARATOR))
        .map(str::to_owned)
        .collect();
    if texts.len() == payloads.len() {
        return (texts, decoded);
    }
    // A payload has the separator in itself.
    let texts = trimmed.iter().map(|bytes| encoding::decode(bytes).text);
    (texts.collect(), decoded)
}

/// Those of a document's cues that its sample shows. Times count from the track's start, but packagers were known to write
/// them from the sample's: so where none lies in the sample.
fn clipped(mut cues: Vec<DraftCue>, sample: &TextPacket) -> Vec<DraftCue> {
    let is_shown = |cue: &DraftCue| cue.start < sample.end && cue.end > sample.start;
    if !cues.iter().any(is_shown) {
        for cue in &mut cues {
            cue.start = cue.start.saturating_add(sample.start);
            cue.end = cue.end.saturating_add(sample.start);
        }
    }
    cues.retain(is_shown);
    for cue in &mut cues {
        cue.start = cue.start.max(sample.start);
        cue.end = cue.end.min(sample.end);
    }
    cues
}

/// Makes one cue again of those that were cut at the border of two samples.
fn rejoin(cues: &mut Vec<DraftCue>) {
    let mut whole: Vec<DraftCue> = Vec::with_capacity(cues.len());
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for cue in cues.drain(..) {
        if let Some(before) = last.get(&cue.text).map(|at| &mut whole[*at])
            && before.end != OPEN_END
            && (before.end - cue.start).abs() <= 1
        {
            before.end = cue.end;
            continue;
        }
        last.insert(cue.text.clone(), whole.len());
        whole.push(cue);
    }
    *cues = whole;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::subtitle::{Repair, to_webvtt};

    /// Packets by start and duration in milliseconds.
    fn track(carriage: Carriage, packets: &[(i64, i64, &[u8])]) -> TextTrack {
        let mut track = TextTrack::new(carriage);
        for (start, duration, payload) in packets {
            track.push(start * 1000, duration * 1000, payload);
        }
        track
    }

    fn shown(track: &TextTrack, tag: Option<&str>) -> String {
        let subtitles = track.read("track", tag).unwrap();
        let repairs: Vec<_> = subtitles.repairs.iter().map(Repair::to_string).collect();
        let cues = to_webvtt(&subtitles.cues);
        format!(
            "{cues}---\n{:?}\n{}",
            subtitles.language,
            repairs.join("\n")
        )
    }

    fn tx3g(text: &[u8]) -> Vec<u8> {
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        [&length[..], text, b"\0\0\0\x12styl\0\0"].concat()
    }

    fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&size[..], kind, body].concat()
    }

    #[test]
    fn timed_text_has_a_length_styles_and_gaps() {
        let utf16: Vec<u8> = "\u{feff}脚步"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        let track = track(
            Carriage::TimedText,
            &[
                (0, 1000, &tx3g(b"")),
                (1000, 1000, &tx3g("春天的 <爱>".as_bytes())),
                (2000, 500, &tx3g(b"")),
                (2500, 1500, &tx3g(&utf16)),
                (4000, 0, b"\0"),
            ],
        );
        insta::assert_snapshot!(shown(&track, Some("chi")), @r"
        WEBVTT

        00:00:01.000 --> 00:00:02.000
        春天的 &lt;爱&gt;

        00:00:02.500 --> 00:00:04.000
        脚步
        ---
        Zh
        ");
    }

    #[test]
    fn a_track_in_gbk_is_told_by_all_its_cues_together() {
        let encode = |text| tx3g(&encoding_rs::GBK.encode(text).0);
        let texts = ["大家好", "我们来自西南民族大学", "今天介绍我们的校园"];
        let packets: Vec<_> = texts.iter().map(|text| encode(text)).collect();
        let mut track = TextTrack::new(Carriage::TimedText);
        for (second, packet) in (0..).zip(&packets) {
            track.push(second * 1_000_000, 1_000_000, packet);
        }
        let subtitles = track.read("track", None).unwrap();
        let read: Vec<_> = subtitles.cues.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(read, texts);
        insta::assert_snapshot!(subtitles.repairs[0], @"文件编码为 GB18030，已转为 UTF-8 | the file was in GB18030; recoded to UTF-8");
    }

    #[test]
    fn matroska_carries_cues_without_their_times() {
        let srt = track(
            Carriage::SubRip,
            &[
                (1000, 1000, "<i>甲</i>\r\n{\\an8}乙\0后面的".as_bytes()),
                (3000, 0, "丙".as_bytes()),
                (5000, 1000, b"&amp; 12"),
            ],
        );
        insta::assert_snapshot!(shown(&srt, None), @r"
        WEBVTT

        00:00:01.000 --> 00:00:02.000
        甲
        乙

        00:00:03.000 --> 00:00:05.000
        丙

        00:00:05.000 --> 00:00:06.000
        &amp; 12
        ---
        Zh
        1 条字幕没有结束时间，显示到下一条为止，最长 7 秒（0:03.000） | cues without an end, shown until the next, 7 s at most: 1 (0:03.000)
        ");
        let ass = track(
            Carriage::Ass,
            &[
                (
                    5000,
                    1000,
                    "1,0,Default,,0,0,0,,{\\b1}后，来\\N的".as_bytes(),
                ),
                (1000, 1000, "0,0,Default,,0,0,0,,先, 来".as_bytes()),
                (
                    2000,
                    1000,
                    "2,0,Default,,0,0,0,,{\\p1}m 0 0 l 1 1".as_bytes(),
                ),
            ],
        );
        let subtitles = ass.read("track", None).unwrap();
        let texts: Vec<_> = subtitles.cues.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["先, 来", "后，来\n的"]);
    }

    #[test]
    fn webvtt_in_boxes_is_put_together_where_samples_cut_it() {
        let cue = |text: &str| {
            let inner = [boxed(b"sttg", b"line:1"), boxed(b"payl", text.as_bytes())].concat();
            boxed(b"vttc", &inner)
        };
        let track = track(
            Carriage::WebVttBoxes,
            &[
                (0, 1000, &boxed(b"vtte", b"")),
                (1000, 1000, &cue("<c.red>甲</c> &amp; 乙")),
                (2000, 1000, &cue("<c.red>甲</c> &amp; 乙")),
                (3000, 1000, &[cue("上"), cue("下")].concat()),
            ],
        );
        insta::assert_snapshot!(shown(&track, Some("und")), @r"
        WEBVTT

        00:00:01.000 --> 00:00:03.000
        甲 &amp; 乙

        00:00:03.000 --> 00:00:04.000
        上
        下
        ---
        Zh
        ");
    }

    #[test]
    fn a_document_holds_for_its_own_sample() {
        let document = |body: &str| format!("<tt xml:lang='zh'><body>{body}</body></tt>");
        let both = document("<p begin='1s' end='5s'>甲</p><p begin='5s' end='6s'>乙</p>");
        let relative = document("<p begin='0s' end='1s'>丙</p>");
        let track = track(
            Carriage::Ttml,
            &[
                (0, 3000, both.as_bytes()),
                (3000, 4000, both.as_bytes()),
                (10_000, 2000, relative.as_bytes()),
                (20_000, 2000, document("<p>丁</p>").as_bytes()),
            ],
        );
        insta::assert_snapshot!(shown(&track, None), @r"
        WEBVTT

        00:00:01.000 --> 00:00:05.000
        甲

        00:00:05.000 --> 00:00:06.000
        乙

        00:00:10.000 --> 00:00:11.000
        丙

        00:00:20.000 --> 00:00:22.000
        丁
        ---
        Zh
        ");
    }

    #[test]
    fn more_than_subtitles_have_is_refused_and_not_kept() {
        let mut many = TextTrack::new(Carriage::SubRip);
        let mut large = TextTrack::new(Carriage::SubRip);
        let block = vec![b'x'; 1 << 20];
        for n in 0..50_000 {
            many.push(n * 1000, 1000, b"x");
            if n < 20 {
                large.push(n * 1000, 1000, &block);
            }
        }
        assert_eq!(many.packets.len(), MAX_PACKETS);
        assert_eq!(large.packets.len(), 16);
        insta::assert_snapshot!(many.read("字幕轨道", None).unwrap_err(), @"字幕轨道 has 50000 cues, more than the limit of 20000");
        insta::assert_snapshot!(large.read("字幕轨道", None).unwrap_err(), @"字幕轨道 has 20.00 MiB, more than the limit of 16.00 MiB for subtitles");
        let empty = TextTrack::new(Carriage::TimedText).read("字幕轨道", None);
        insta::assert_snapshot!(empty.unwrap_err(), @"字幕轨道 has no cue that could be shown (0 read, 0 with unreadable times, in 0 lines)");
    }

    #[test]
    fn what_nobody_names_is_text_if_it_looks_like_text() {
        let text = track(Carriage::Unnamed, &[(0, 1000, "<v 师>甲</v>".as_bytes())]);
        assert_eq!(text.read("track", None).unwrap().cues[0].text, "甲");
        let picture = track(Carriage::Unnamed, &[(0, 1000, &[0x50, 0, 1, 0xFF])]);
        insta::assert_snapshot!(picture.read("none #2", None).unwrap_err(), @"none #2 is none of the known text formats, not supported yet, please hand in SRT, ASS, WebVTT or TTML");
    }

    fn carriage() -> impl Strategy<Value = Carriage> {
        let names = [
            "mov_text", "subrip", "ass", "webvtt", "wvtt", "stpp", "none",
        ];
        prop::sample::select(names.to_vec()).prop_map(|name| Carriage::of(name).unwrap())
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(
            carriage in carriage(),
            packets in prop::collection::vec(
                (any::<i64>(), any::<i64>(), prop::collection::vec(any::<u8>(), 0..40), "(<tt>|<p>|vttc|payl|,|<|&|[一-三]){0,12}"),
                0..8,
            ),
        ) {
            let mut track = TextTrack::new(carriage);
            for (start, duration, bytes, text) in packets {
                track.push(start, duration, &bytes);
                track.push(start, duration, text.as_bytes());
                track.push(start, duration, &boxed(b"vttc", &boxed(b"payl", text.as_bytes())));
            }
            let _ = track.read("track", Some("zh"));
        }
    }
}
