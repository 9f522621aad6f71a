//! HLS playlists and their arithmetic (RFC 8216; Apple's HLS Authoring Specification). In: measured segments. Out: text.
//! Never guesses a bit rate: everything announced was counted.

use std::fmt::Write;

use super::mp4::KeyFrame;
use crate::units::FrameRate;

/// The variant that a player starts with: about this many bit/s, good for a first picture on any line (Apple 1.32).
const FIRST_VARIANT: u64 = 2_000_000;

/// One segment as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// URI relative to the playlist.
    pub uri: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Length in ticks of the playlist's time scale.
    pub ticks: u64,
    /// Key frames in it; none for sound and text.
    pub key_frames: Vec<KeyFrame>,
}

/// A media playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPlaylist {
    /// Ticks per second.
    pub timescale: u32,
    /// URI of the initialisation segment; none for WebVTT.
    pub init: Option<String>,
    /// All segments in order.
    pub segments: Vec<Segment>,
}

/// One encoded rung in the multivariant playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// URI of its media playlist.
    pub uri: String,
    /// RFC 6381 text of the picture's codec.
    pub codecs: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames per second.
    pub frame_rate: FrameRate,
    /// Picture alone, in bit/s.
    pub rates: Rates,
    /// URI of its I-frame playlist.
    pub i_frames_uri: String,
    /// I-frames alone, in bit/s.
    pub i_frame_rates: Rates,
}

/// The sound that goes with all variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioRendition {
    /// URI of its media playlist.
    pub uri: String,
    /// Language tag (BCP 47).
    pub language: String,
    /// The language's own name.
    pub name: String,
    /// In bit/s.
    pub rates: Rates,
}

/// A WebVTT track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtitleRendition {
    /// URI of its media playlist.
    pub uri: String,
    /// Language tag (BCP 47).
    pub language: String,
    /// The language's own name.
    pub name: String,
    /// Shown even to those who asked for none: what is foreign in the film.
    pub forced: bool,
    /// In bit/s.
    pub rates: Rates,
}

/// Bit rates as counted, in bit/s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Largest over any contiguous run of segments of 0.5 to 1.5 target durations (RFC 8216 §4.1).
    pub peak: u64,
    /// All bytes over all time.
    pub average: u64,
}

impl MediaPlaylist {
    /// Whole seconds of the longest segment, rounded to the nearest (RFC 8216 §4.3.3.1), at least one.
    pub fn target_duration(&self) -> u64 {
        let scale = u64::from(self.timescale.max(1));
        self.segments
            .iter()
            .map(|s| (s.ticks * 2 + scale) / (scale * 2))
            .max()
            .unwrap_or(0)
            .max(1)
    }

    /// The playlist's text. `target_duration` is in seconds and the same in all renditions (Apple 8.2).
    pub fn to_text(&self, target_duration: u64) -> String {
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target_duration}\n#EXT-X-MEDIA-SEQUENCE:1\n\
             #EXT-X-PLAYLIST-TYPE:VOD\n"
        );
        if let Some(init) = &self.init {
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"{init}\"");
        }
        for segment in &self.segments {
            let _ = writeln!(
                text,
                "#EXTINF:{},\n{}",
                seconds(segment.ticks, self.timescale),
                segment.uri
            );
        }
        text.push_str("#EXT-X-ENDLIST\n");
        text
    }

    /// The I-frame playlist's text: for each key frame the part of a segment from its `moof` to its end, and the time to
    /// the next key frame (RFC 8216 §4.3.3.6; Apple 6).
    pub fn i_frames_text(&self, target_duration: u64) -> String {
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target_duration}\n#EXT-X-MEDIA-SEQUENCE:1\n\
             #EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-I-FRAMES-ONLY\n"
        );
        if let Some(init) = &self.init {
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"{init}\"");
        }
        for segment in &self.segments {
            for key in &segment.key_frames {
                let _ = writeln!(
                    text,
                    "#EXTINF:{},\n#EXT-X-BYTERANGE:{}@{}\n{}",
                    seconds(key.ticks, self.timescale),
                    key.length,
                    key.offset,
                    segment.uri
                );
            }
        }
        text.push_str("#EXT-X-ENDLIST\n");
        text
    }

    /// Peak and average over all segments.
    pub fn rates(&self, target_duration: u64) -> Rates {
        let parts = self.segments.iter().map(|s| (s.bytes, s.ticks));
        self.rates_of(parts, target_duration)
    }

    /// Peak and average of a rendition that plays beside this picture. Its segments end up to a frame of sound before or after
    /// the picture's: the shorter of the two counts, so that no player measures more, whichever it divides by.
    pub fn rates_beside(&self, picture: &MediaPlaylist, target_duration: u64) -> Rates {
        let own = u128::from(self.timescale);
        let times = picture.segments.iter().map(|segment| {
            let scaled = u128::from(segment.ticks) * own / u128::from(picture.timescale.max(1));
            u64::try_from(scaled).unwrap_or(u64::MAX)
        });
        let times = times.chain(std::iter::repeat(u64::MAX));
        let parts = self.segments.iter().zip(times);
        let parts = parts.map(|(segment, time)| (segment.bytes, segment.ticks.min(time)));
        self.rates_of(parts, target_duration)
    }

    /// Peak and average over all I-frames.
    pub fn i_frame_rates(&self, target_duration: u64) -> Rates {
        let keys = self.segments.iter().flat_map(|s| &s.key_frames);
        self.rates_of(keys.map(|k| (k.length, k.ticks)), target_duration)
    }

    fn rates_of(&self, parts: impl Iterator<Item = (u64, u64)>, target_duration: u64) -> Rates {
        let scale = f64::from(self.timescale.max(1));
        let lengths: Vec<(f64, f64)> = parts
            .map(|(bytes, ticks)| (bytes as f64 * 8.0, ticks as f64 / scale))
            .collect();
        let (bits, time) = lengths
            .iter()
            .fold((0.0, 0.0), |(b, t), (bits, time)| (b + bits, t + time));
        if time <= 0.0 {
            return Rates::default();
        }
        let (shortest, longest) = (target_duration as f64 * 0.5, target_duration as f64 * 1.5);
        // A film shorter than half a target duration has one run only: itself.
        let peak = peak(&lengths, shortest, longest).unwrap_or(bits / time);
        Rates {
            peak: ceil(peak),
            average: ceil(bits / time),
        }
    }
}

fn peak(segments: &[(f64, f64)], shortest: f64, longest: f64) -> Option<f64> {
    let mut peak: Option<f64> = None;
    for first in 0..segments.len() {
        let (mut bits, mut time) = (0.0, 0.0);
        for (more_bits, more_time) in &segments[first..] {
            bits += more_bits;
            time += more_time;
            if time > longest {
                break;
            }
            if time >= shortest {
                peak = Some(peak.unwrap_or(0.0).max(bits / time));
            }
        }
    }
    peak
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive and far below 2^64"
)]
fn ceil(rate: f64) -> u64 {
    rate.ceil() as u64
}

fn seconds(ticks: u64, timescale: u32) -> String {
    let micros = u128::from(ticks) * 1_000_000 / u128::from(timescale.max(1));
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// The multivariant playlist. Every rate counts all that plays together: picture, sound and subtitles (Apple 9.13).
pub fn multivariant(
    variants: &[Variant],
    audio: &AudioRendition,
    subtitles: &[SubtitleRendition],
) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\n");
    let _ = writeln!(
        text,
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",LANGUAGE=\"{}\",NAME=\"{}\",DEFAULT=YES,AUTOSELECT=YES,\
         CHANNELS=\"2\",URI=\"{}\"",
        audio.language, audio.name, audio.uri
    );
    // Forced ones are shown where they are needed, whatever the default.
    let default = subtitles.iter().position(|track| !track.forced);
    for (index, track) in subtitles.iter().enumerate() {
        let yes_no = |yes| if yes { "YES" } else { "NO" };
        // §4.3.4.1.1: players that choose by themselves must be able to tell the tracks apart.
        let is_first = !subtitles[..index]
            .iter()
            .any(|t| t.language == track.language && t.forced == track.forced);
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",LANGUAGE=\"{}\",NAME=\"{}\",DEFAULT={},\
             AUTOSELECT={},FORCED={},URI=\"{}\"",
            track.language,
            track.name,
            yes_no(default == Some(index)),
            yes_no(is_first),
            yes_no(track.forced),
            track.uri
        );
    }
    text.push('\n');
    // One track of a group plays at a time: the largest counts (RFC 8216 §4.3.4.2).
    let most = |rate: fn(&Rates) -> u64| subtitles.iter().map(|s| rate(&s.rates)).max();
    let beside = Rates {
        peak: audio.rates.peak + most(|r| r.peak).unwrap_or(0),
        average: audio.rates.average + most(|r| r.average).unwrap_or(0),
    };
    for variant in in_order(variants, beside.peak) {
        let _ = write!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{},mp4a.40.2\",RESOLUTION={}x{},\
             FRAME-RATE={:.3},VIDEO-RANGE=SDR,AUDIO=\"audio\"",
            variant.rates.peak + beside.peak,
            variant.rates.average + beside.average,
            variant.codecs,
            variant.width,
            variant.height,
            variant.frame_rate.as_f64(),
        );
        if !subtitles.is_empty() {
            text.push_str(",SUBTITLES=\"subtitles\"");
        }
        let _ = writeln!(text, ",CLOSED-CAPTIONS=NONE\n{}", variant.uri);
    }
    text.push('\n');
    for variant in in_order(variants, beside.peak) {
        let _ = writeln!(
            text,
            "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},\
             VIDEO-RANGE=SDR,URI=\"{}\"",
            variant.i_frame_rates.peak,
            variant.i_frame_rates.average,
            variant.codecs,
            variant.width,
            variant.height,
            variant.i_frames_uri,
        );
    }
    text
}

// Players start with the first: the one nearest to `FIRST_VARIANT`, then the others as they come, best first.
fn in_order(variants: &[Variant], beside: u64) -> Vec<&Variant> {
    let mut ordered: Vec<&Variant> = variants.iter().collect();
    let first = ordered
        .iter()
        .enumerate()
        .min_by_key(|(_, v)| (v.rates.peak + beside).abs_diff(FIRST_VARIANT));
    if let Some((index, _)) = first {
        let variant = ordered.remove(index);
        ordered.insert(0, variant);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playlist(segments: &[(u64, u64)]) -> MediaPlaylist {
        MediaPlaylist {
            timescale: 1000,
            init: Some("init.mp4".into()),
            segments: segments
                .iter()
                .enumerate()
                .map(|(i, (bytes, ticks))| Segment {
                    uri: format!("{:05}.m4s", i + 1),
                    bytes: *bytes,
                    ticks: *ticks,
                    key_frames: vec![],
                })
                .collect(),
        }
    }

    #[test]
    fn a_media_playlist_reads_as_the_rfc_wants_it() {
        insta::assert_snapshot!(playlist(&[(1000, 6006), (900, 6006), (100, 40)]).to_text(6), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:6
        #EXT-X-MEDIA-SEQUENCE:1
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:6.006000,
        00001.m4s
        #EXTINF:6.006000,
        00002.m4s
        #EXTINF:0.040000,
        00003.m4s
        #EXT-X-ENDLIST
        "#);
    }

    #[test]
    fn an_i_frame_playlist_points_into_the_segments() {
        let mut list = playlist(&[(9000, 4000), (5000, 1000)]);
        let key = |offset, length, ticks| KeyFrame {
            offset,
            length,
            ticks,
        };
        list.segments[0].key_frames = vec![key(24, 1000, 2000), key(4000, 500, 2000)];
        list.segments[1].key_frames = vec![key(24, 800, 1000)];
        insta::assert_snapshot!(list.i_frames_text(6), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:6
        #EXT-X-MEDIA-SEQUENCE:1
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-I-FRAMES-ONLY
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:2.000000,
        #EXT-X-BYTERANGE:1000@24
        00001.m4s
        #EXTINF:2.000000,
        #EXT-X-BYTERANGE:500@4000
        00001.m4s
        #EXTINF:1.000000,
        #EXT-X-BYTERANGE:800@24
        00002.m4s
        #EXT-X-ENDLIST
        "#);
        let rates = list.i_frame_rates(6);
        assert_eq!((rates.peak, rates.average), (3680, 3680));
    }

    #[test]
    fn the_target_duration_is_rounded_and_never_zero() {
        assert_eq!(playlist(&[(1, 6006)]).target_duration(), 6);
        assert_eq!(playlist(&[(1, 6500)]).target_duration(), 7);
        assert_eq!(playlist(&[(1, 40)]).target_duration(), 1);
        assert_eq!(playlist(&[]).target_duration(), 1);
    }

    #[test]
    fn a_tiny_last_segment_does_not_make_the_peak() {
        // 0.04 s of 100,000 bytes is 20 Mbit/s by itself; over the runs that the RFC counts it is not.
        let rates = playlist(&[(750_000, 6000), (750_000, 6000), (100_000, 40)]).rates(6);
        assert_eq!(rates.average, 1_063_123);
        assert_eq!(rates.peak, 1_125_828);
    }

    #[test]
    fn sound_is_measured_by_its_own_segments_and_by_the_pictures() {
        let picture = playlist(&[(1000, 6000), (1000, 6000)]);
        let longer = playlist(&[(750, 6020), (750, 5980)]);
        assert_eq!(longer.rates(6).peak, 1004);
        assert_eq!(longer.rates_beside(&picture, 6).peak, 1004);
        let sound = playlist(&[(750, 6020), (300, 5980)]);
        assert_eq!(sound.rates(6).peak, 997);
        assert_eq!(sound.rates_beside(&picture, 6).peak, 1000);
        // One segment more than the picture has.
        let last = playlist(&[(75, 6000), (75, 6000), (100, 500)]);
        assert_eq!(last.rates_beside(&picture, 6), last.rates(6));
    }

    #[test]
    fn a_film_shorter_than_half_a_target_has_its_average_as_peak() {
        let rates = playlist(&[(1000, 1000)]).rates(6);
        assert_eq!((rates.peak, rates.average), (8000, 8000));
        assert_eq!(playlist(&[]).rates(6), Rates::default());
    }

    #[test]
    fn the_multivariant_playlist_adds_up_what_plays_together() {
        let variant = |name: &str, width, height, peak| Variant {
            uri: format!("{name}/index.m3u8"),
            codecs: "avc1.640028".into(),
            width,
            height,
            frame_rate: FrameRate::new(30_000, 1001).unwrap(),
            rates: Rates {
                peak,
                average: peak / 2,
            },
            i_frames_uri: format!("{name}/iframes.m3u8"),
            i_frame_rates: Rates {
                peak: peak / 10,
                average: peak / 20,
            },
        };
        let audio = AudioRendition {
            uri: "audio/index.m3u8".into(),
            language: "zh".into(),
            name: "原声".into(),
            rates: Rates {
                peak: 130_000,
                average: 128_000,
            },
        };
        let subtitles = SubtitleRendition {
            uri: "subtitles-zh/index.m3u8".into(),
            language: "zh".into(),
            name: "中文".into(),
            forced: false,
            rates: Rates {
                peak: 1000,
                average: 500,
            },
        };
        let variants = [
            variant("1080p", 1920, 1080, 5_000_000),
            variant("720p", 1280, 720, 2_400_000),
            variant("360p", 640, 360, 600_000),
        ];
        insta::assert_snapshot!(multivariant(&variants, &audio, &[subtitles]), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS

        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",LANGUAGE="zh",NAME="原声",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",LANGUAGE="zh",NAME="中文",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="subtitles-zh/index.m3u8"

        #EXT-X-STREAM-INF:BANDWIDTH=2531000,AVERAGE-BANDWIDTH=1328500,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="subtitles",CLOSED-CAPTIONS=NONE
        720p/index.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=5131000,AVERAGE-BANDWIDTH=2628500,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1920x1080,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="subtitles",CLOSED-CAPTIONS=NONE
        1080p/index.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=731000,AVERAGE-BANDWIDTH=428500,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="subtitles",CLOSED-CAPTIONS=NONE
        360p/index.m3u8

        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=240000,AVERAGE-BANDWIDTH=120000,CODECS="avc1.640028",RESOLUTION=1280x720,VIDEO-RANGE=SDR,URI="720p/iframes.m3u8"
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=500000,AVERAGE-BANDWIDTH=250000,CODECS="avc1.640028",RESOLUTION=1920x1080,VIDEO-RANGE=SDR,URI="1080p/iframes.m3u8"
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=60000,AVERAGE-BANDWIDTH=30000,CODECS="avc1.640028",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="360p/iframes.m3u8"
        "#);
    }
}
