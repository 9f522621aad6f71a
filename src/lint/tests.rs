//! One package made wrong on purpose for each clause: that clause is told, and none but those that the same mistake breaks.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::sample::{Files, Film, counts};
use super::*;

const MASTER: &str = "master.m3u8";
const TALL: &str = "360p/index.m3u8";
const AUDIO: &str = "audio/index.m3u8";
const SUBTITLES: &str = "zh/index.m3u8";
const I_FRAMES: &str = "360p/iframes.m3u8";
const FIRST: &str = "360p/00001.m4s";
const SECOND: &str = "360p/00002.m4s";
const INIT: &str = "360p/init.mp4";
const CUES: &str = "zh/00001.vtt";

fn good() -> Files {
    static GOOD: OnceLock<Files> = OnceLock::new();
    GOOD.get_or_init(|| Film::default().files()).clone()
}

fn film(change: impl FnOnce(&mut Film)) -> Files {
    let mut film = Film::default();
    change(&mut film);
    film.files()
}

/// Both pictures changed alike.
fn pictures(change: impl Fn(&mut super::sample::Picture)) -> Files {
    film(|film| film.pictures.iter_mut().for_each(change))
}

/// Another EXT-X-MEDIA line in front of the others.
fn media(line: &str) -> Files {
    good().before(
        MASTER,
        "#EXT-X-MEDIA:TYPE=AUDIO",
        &format!("#EXT-X-MEDIA:{line}"),
    )
}

fn line_of(files: &Files, name: &str, start: &str) -> String {
    let text = files.text(name);
    text.lines()
        .find(|l| l.starts_with(start))
        .unwrap()
        .to_owned()
}

/// The number behind `NAME=` in the first line that has it, times a factor.
fn scaled(attribute: &str, factor: f64) -> Files {
    let files = good();
    let line = line_of(&files, MASTER, "#EXT-X-STREAM-INF");
    let start = line.find(&format!("{attribute}=")).unwrap() + attribute.len() + 1;
    let digits: String = line[start..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "a bit rate of a test")]
    let new = (digits.parse::<f64>().unwrap() * factor) as i64;
    let changed = line.replacen(
        &format!("{attribute}={digits}"),
        &format!("{attribute}={new}"),
        1,
    );
    good().swap(MASTER, &line, &changed)
}

type Wrong = (Clause, Files, &'static [Clause]);

/// The clause, the package, and what else must come of the same mistake.
fn packages() -> Vec<Wrong> {
    let mut all = text();
    all.extend(media_playlists());
    all.extend(multivariant());
    all.extend(files());
    all.extend(segments());
    all.extend(picture_and_sound());
    all.extend(subtitles());
    all.extend(i_frames());
    all
}

fn text() -> Vec<Wrong> {
    use Clause::*;
    let twice = "#EXT-X-VERSION:7\n#EXT-X-VERSION:7";
    let mut bom = good();
    let text = bom.text(TALL);
    bom.put(TALL, [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat());
    vec![
        (PlainUtf8, bom, &[]),
        (BeginsWithExtm3u, good().swap(TALL, "#EXTM3U\n", ""), &[]),
        (
            VersionOnce,
            good().swap(TALL, "#EXT-X-VERSION:7", twice),
            &[],
        ),
        (
            VersionFits,
            good().swap(TALL, "VERSION:7", "VERSION:5"),
            &[],
        ),
        (
            OneKind,
            good().before(TALL, "#EXT-X-ENDLIST", "#EXT-X-STREAM-INF:BANDWIDTH=1"),
            &[VariantUri],
        ),
        (
            TagOnce,
            good().before(TALL, "#EXT-X-PLAYLIST-TYPE", "#EXT-X-PLAYLIST-TYPE:VOD"),
            &[],
        ),
        (
            TagForm,
            good().swap(TALL, "SEQUENCE:1", "SEQUENCE:one"),
            &[],
        ),
        (
            AttributeForm,
            good().swap(MASTER, "CHANNELS=\"2\"", "CHANNELS=2"),
            &[],
        ),
        (
            AttributeOnce,
            good().swap(MASTER, "DEFAULT=YES,", "DEFAULT=YES,DEFAULT=YES,"),
            &[],
        ),
        (
            EnumeratedValue,
            good().swap(TALL, "TYPE:VOD", "TYPE:LIVE"),
            &[],
        ),
        (
            UnknownAttribute,
            good().swap(MASTER, "CHANNELS=", "CHANNEL=\"2\",CHANNELS="),
            &[],
        ),
        (
            UnknownTag,
            good().before(TALL, "#EXT-X-ENDLIST", "#EXT-X-END"),
            &[],
        ),
        (PlaylistName, renamed(), &[]),
    ]
}

fn renamed() -> Files {
    let mut files = good().swap(MASTER, SUBTITLES, "zh/index.txt");
    let text = files.0.remove(SUBTITLES).unwrap();
    files.put("zh/index.txt", text);
    files
}

fn media_playlists() -> Vec<Wrong> {
    use Clause::*;
    let map = "#EXT-X-MAP:URI=\"init.mp4\"\n";
    let mut second_init = good().swap(
        TALL,
        "00001.m4s\n",
        "00001.m4s\n#EXT-X-MAP:URI=\"init2.mp4\"\n",
    );
    let init = second_init.0[INIT].clone();
    second_init.put("360p/init2.mp4", init);
    let range = "#EXT-X-BYTERANGE:100\n#EXTINF:6.000000,\n00001.m4s";
    vec![
        (
            ExtinfWithUri,
            good().before(TALL, "#EXT-X-ENDLIST", "#EXTINF:6.0,"),
            &[],
        ),
        (
            ByteRangeKnown,
            good().swap(TALL, "#EXTINF:6.000000,\n00001.m4s", range),
            &[],
        ),
        (DiscontinuityAtChange, second_init, &[]),
        (
            KeyRequired,
            good().before(
                TALL,
                "#EXT-X-MAP",
                "#EXT-X-KEY:METHOD=AES-128\n#EXT-X-KEY:METHOD=NONE",
            ),
            &[],
        ),
        (MapRequired, good().swap(TALL, map, ""), &[CodecsTrue]),
        (
            MapUri,
            good().swap(
                TALL,
                map,
                &format!("{map}#EXT-X-MAP:BYTERANGE=\"1@0\"\n{map}"),
            ),
            &[],
        ),
        (
            DateRangeRequired,
            good().before(TALL, "#EXT-X-MAP", "#EXT-X-DATERANGE:ID=\"a\""),
            &[],
        ),
        (
            TargetDurationRequired,
            good().swap(AUDIO, "#EXT-X-TARGETDURATION:6\n", ""),
            &[],
        ),
        (
            TargetDurationFits,
            good().swap(SUBTITLES, "DURATION:6", "DURATION:5"),
            &[SixSecondTarget],
        ),
        (
            MediaSequenceFirst,
            good().swap(TALL, "#EXT-X-MEDIA-SEQUENCE:1\n", "").before(
                TALL,
                "00001.m4s",
                "#EXT-X-MEDIA-SEQUENCE:1",
            ),
            &[],
        ),
        (
            DiscontinuitySequenceFirst,
            good().before(TALL, "00001.m4s", "#EXT-X-DISCONTINUITY-SEQUENCE:0"),
            &[],
        ),
        (EndList, good().swap(TALL, "#EXT-X-ENDLIST\n", ""), &[]),
        (
            PlaylistTypeVod,
            good().swap(TALL, "#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
            &[],
        ),
        (
            StartRequired,
            good().before(TALL, "#EXT-X-MAP", "#EXT-X-START:TIME-OFFSET=99.5"),
            &[],
        ),
        (SixSecondTarget, ten_seconds(), &[]),
        (SegmentNotTooLong, long_segment(), &[ExtinfTrue]),
        (SegmentNotEmpty, empty_cue_segment(), &[]),
        (SomethingToPlay, no_segment(), &[]),
    ]
}

fn ten_seconds() -> Files {
    let mut files = good();
    for name in [TALL, AUDIO, "180p/index.m3u8", SUBTITLES] {
        files = files.swap(name, "DURATION:6", "DURATION:10");
    }
    files
}

/// The sound's middle segment lasts 6.656 seconds and says 6.45.
fn long_segment() -> Files {
    let files = film(|film| film.sound.segments = vec![282, 312, 63]);
    let files = files.swap(AUDIO, "EXTINF:6.656000", "EXTINF:6.450000");
    files.swap(AUDIO, "EXTINF:1.344000", "EXTINF:1.550000")
}

fn empty_cue_segment() -> Files {
    let mut files = good().before(SUBTITLES, "#EXT-X-ENDLIST", "#EXTINF:0.0,\nlast.vtt");
    let text = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n";
    files.put("zh/last.vtt", text.into());
    files
}

fn no_segment() -> Files {
    let mut files = good();
    files.put(
        SUBTITLES,
        b"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-ENDLIST\n".to_vec(),
    );
    files
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn multivariant() -> Vec<Wrong> {
    use Clause::*;
    let stream = line_of(&good(), MASTER, "#EXT-X-STREAM-INF");
    let without = |name: &str| {
        let start = stream.find(&format!("{name}=")).unwrap();
        let value = &stream[start..];
        let end = if name == "CODECS" {
            value[8..].find('"').unwrap() + 9
        } else {
            value.find(',').unwrap()
        };
        good().swap(
            MASTER,
            &format!("{}{}", &value[..end], &value[end..=end]),
            "",
        )
    };
    let i_frames = line_of(&good(), MASTER, "#EXT-X-I-FRAME-STREAM-INF");
    let bandwidth = i_frames[..i_frames.find(",AVERAGE").unwrap()]
        .split_once(':')
        .unwrap()
        .1
        .to_owned();
    let captions = "TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"cc\",LANGUAGE=\"zh\"";
    let audio = line_of(&good(), MASTER, "#EXT-X-MEDIA:TYPE=AUDIO");
    let subtitles = line_of(&good(), MASTER, "#EXT-X-MEDIA:TYPE=SUBTITLES");
    let second = |line: &str| good().before(MASTER, "#EXT-X-MEDIA:TYPE=SUBTITLES", line);
    let other_group = audio
        .replace("\"audio\"", "\"other\"")
        .replace("原声", "解说");
    vec![
        (BandwidthRequired, without("BANDWIDTH"), &[]),
        (
            VariantUri,
            good().before(MASTER, "#EXT-X-STREAM-INF", "lost.m3u8"),
            &[],
        ),
        (
            GroupDefined,
            good().swap(MASTER, "SUBTITLES=\"subtitles\"", "SUBTITLES=\"none\""),
            &[],
        ),
        (
            GroupUsed,
            good().swap_all(MASTER, ",SUBTITLES=\"subtitles\"", ""),
            &[],
        ),
        (
            ClosedCaptionsNone,
            good().swap(MASTER, ",CLOSED-CAPTIONS=NONE", ""),
            &[],
        ),
        (
            MediaRequired,
            good().swap(MASTER, "NAME=\"原声\",", ""),
            &[],
        ),
        (
            MediaUri,
            good().swap(MASTER, &format!(",URI=\"{SUBTITLES}\""), ""),
            &[],
        ),
        (InstreamId, media(captions), &[GroupUsed]),
        (
            ForcedOnSubtitles,
            good().swap(MASTER, "CHANNELS=", "FORCED=NO,CHANNELS="),
            &[],
        ),
        (
            DefaultIsAutoselect,
            good().swap(MASTER, "AUTOSELECT=YES", "AUTOSELECT=NO"),
            &[],
        ),
        (
            NameUnique,
            second(&audio.replace("DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=NO")),
            &[],
        ),
        (
            OneDefault,
            second(&audio.replace("原声", "解说").replace("\"zh\"", "\"en\"")),
            &[],
        ),
        (
            AutoselectDistinct,
            second(
                &audio
                    .replace("原声", "解说")
                    .replace("DEFAULT=YES", "DEFAULT=NO"),
            ),
            &[],
        ),
        (GroupsAlike, second(&other_group), &[GroupUsed]),
        (
            LanguageForm,
            good().swap(MASTER, "LANGUAGE=\"zh\"", "LANGUAGE=\"中文\""),
            &[],
        ),
        (
            LanguageRequired,
            good().swap(MASTER, "LANGUAGE=\"zh\",", ""),
            &[],
        ),
        (
            IFrameStreamRequired,
            good().swap(MASTER, &format!("{bandwidth},"), ""),
            &[],
        ),
        (
            SessionDataRequired,
            good().before(MASTER, "#EXT-X-MEDIA", "#EXT-X-SESSION-DATA:DATA-ID=\"a\""),
            &[],
        ),
        (
            SessionKeyRequired,
            good().before(MASTER, "#EXT-X-MEDIA", "#EXT-X-SESSION-KEY:METHOD=AES-128"),
            &[],
        ),
        (CodecsRequired, without("CODECS"), &[]),
        (ResolutionRequired, without("RESOLUTION"), &[]),
        (AverageBandwidthRequired, without("AVERAGE-BANDWIDTH"), &[]),
        (FrameRateRequired, without("FRAME-RATE"), &[]),
        (
            IndependentDeclared,
            good().swap(MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
            &[],
        ),
        (SeveralRates, film(|film| drop(film.pictures.pop())), &[]),
        (FirstVariant, smaller_first(), &[]),
        (
            OneAspect,
            film(|film| film.pictures[1].sps.width = 240),
            &[],
        ),
        (GroupDefined, good().swap(MASTER, &subtitles, ""), &[]),
    ]
}

fn smaller_first() -> Files {
    let files = good();
    let text = files.text(MASTER);
    let lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|l| l.starts_with("#EXT-X-STREAM-INF"))
        .unwrap();
    let first = lines[at..at + 2].join("\n");
    let second = lines[at + 2..at + 4].join("\n");
    files.swap(
        MASTER,
        &format!("{first}\n{second}"),
        &format!("{second}\n{first}"),
    )
}

fn files() -> Vec<Wrong> {
    use Clause::*;
    let without = |name: &str| {
        let mut files = good();
        files.0.remove(name).unwrap();
        files
    };
    let with = |name: &str, bytes: Vec<u8>| {
        let mut files = good();
        files.put(name, bytes);
        files
    };
    let cut = |name: &str| {
        let bytes = &good().0[name];
        bytes[..bytes.len() - 100].to_vec()
    };
    let mut extension = good().swap(SUBTITLES, "00002.vtt", "00002.txt");
    let text = extension.0.remove("zh/00002.vtt").unwrap();
    extension.put("zh/00002.txt", text);
    // As large as what they replace, so that bit rates stay.
    let size = good().0["audio/00003.m4s"].len();
    let transport = [vec![0x47], vec![0; size - 1]].concat();
    let nothing = vec![b'?'; size];
    let encrypted = good().before(
        SUBTITLES,
        "#EXTINF:2",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"",
    );
    vec![
        (FilePresent, without("zh/00002.vtt"), &[]),
        (
            InsidePackage,
            good().swap(SUBTITLES, "00002.vtt", "../../00002.vtt"),
            &[],
        ),
        (
            NotLocal,
            good().swap(SUBTITLES, "00002.vtt", "https://example.com/00002.vtt"),
            &[],
        ),
        (TransportStream, with("audio/00003.m4s", transport), &[]),
        (Encrypted, encrypted, &[]),
        (
            SegmentWhole,
            with("180p/00003.m4s", cut("180p/00003.m4s")),
            &[],
        ),
        (SegmentWhole, with("zh/00002.vtt", vec![]), &[]),
        (SegmentFormat, with("audio/00003.m4s", nothing), &[]),
        (SegmentName, extension, &[]),
    ]
}

fn segments() -> Vec<Wrong> {
    use Clause::*;
    let swapped = || {
        let mut files = good();
        let (first, second) = (
            files.0["audio/00002.m4s"].clone(),
            files.0["audio/00003.m4s"].clone(),
        );
        files.put("audio/00002.m4s", second);
        files.put("audio/00003.m4s", first);
        files
    };
    let every_four = pictures(|p| {
        p.gop = 100;
        p.segments = vec![100, 100, 100, 50];
    });
    let open = pictures(|p| p.gop = 75);
    let undeclared = good()
        .swap(MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", "")
        .poke(FIRST, "trun", 0, 20, &0x0101_0000_u32.to_be_bytes());
    let at = 16 + 4;
    let not_sync = 0x0101_0000_u32.to_be_bytes();
    let other_cut = film(|film| film.pictures[1].segments = vec![100, 150, 100]);
    vec![
        (
            InitBrand,
            good().poke(INIT, "ftyp", 0, 0, b"isom0000isomisom"),
            &[],
        ),
        (
            InitEmpty,
            good().poke(INIT, "mvhd", 0, 24, &9_u64.to_be_bytes()),
            &[],
        ),
        (
            InitExtends,
            good().poke(INIT, "trex", 0, 4, &9_u32.to_be_bytes()),
            &[],
        ),
        (
            FragmentHasTime,
            good().poke_name("audio/00003.m4s", "tfdt", "free"),
            &[],
        ),
        (
            FragmentRelative,
            good().poke("audio/00003.m4s", "tfhd", 0, 0, &[0; 4]),
            &[],
        ),
        (
            FragmentTrack,
            good().poke("audio/00003.m4s", "tfhd", 0, 4, &7_u32.to_be_bytes()),
            &[ExtinfTrue, SegmentNotEmpty],
        ),
        (
            FragmentOrder,
            good().poke(SECOND, "mfhd", 2, 4, &1_u32.to_be_bytes()),
            &[],
        ),
        (
            Continuous,
            good().poke("audio/00003.m4s", "tfdt", 0, 4, &9_u64.to_be_bytes()),
            &[],
        ),
        (Continuous, swapped(), &[FragmentOrder, ExtinfTrue]),
        (
            ExtinfTrue,
            good().swap(AUDIO, "#EXTINF:5.99", "#EXTINF:5.94"),
            &[],
        ),
        (
            IndependentTrue,
            good().poke(SECOND, "trun", 0, at, &not_sync),
            &[KeyEveryTwoSeconds, IFrameIsKey],
        ),
        (
            SegmentStartsWithKey,
            undeclared,
            &[IndependentDeclared, IFrameIsKey],
        ),
        (
            KeyIsIdr,
            good().poke(SECOND, "mdat", 0, 4, &[0x41]),
            &[IFrameIsKey],
        ),
        (KeyEveryTwoSeconds, every_four, &[]),
        (KeyEveryTwoSeconds, open, &[]),
        (Aligned, other_cut, &[]),
        (
            SameTarget,
            good().swap(AUDIO, "DURATION:6", "DURATION:7"),
            &[SixSecondTarget],
        ),
        (SameTotal, film(|film| film.sound.segments[2] = 80), &[]),
    ]
}

fn picture_and_sound() -> Vec<Wrong> {
    use Clause::*;
    let codecs = "avc1.640016,mp4a.40.2";
    vec![
        (
            CodecsTrue,
            good().swap(MASTER, codecs, "avc1.640028,mp4a.40.2"),
            &[],
        ),
        (CodecsTrue, good().swap(MASTER, codecs, "avc1.640016"), &[]),
        (
            ResolutionTrue,
            good().swap(MASTER, "RESOLUTION=640x360", "RESOLUTION=1280x720"),
            &[],
        ),
        (
            SizesAgree,
            good().poke(INIT, "avc1", 0, 24, &700_u16.to_be_bytes()),
            &[],
        ),
        (
            FrameRateTrue,
            good().swap(MASTER, "FRAME-RATE=25.000", "FRAME-RATE=30.000"),
            &[],
        ),
        (FrameRateStandard, pictures(twenty), &[]),
        (
            PictureCodec,
            good().poke_name(INIT, "avc1", "vp09"),
            &[CodecsTrue],
        ),
        (HighProfile, pictures(|p| p.sps.profile = 77), &[]),
        (
            ParametersOutside,
            good().poke_name(INIT, "avc1", "avc3"),
            &[CodecsTrue],
        ),
        (SomeLevel41, pictures(|p| p.sps.level = 51), &[LevelNeeded]),
        (
            LevelNeeded,
            film(|film| film.pictures[0].sps.level = 31),
            &[],
        ),
        (Progressive, pictures(|p| p.sps.frames_only = false), &[]),
        (ColourTagged, pictures(|p| p.sps.colour = None), &[]),
        (
            ColourSame,
            film(|film| film.pictures[1].sps.colour = Some([5, 1, 6])),
            &[ColourTagged],
        ),
        (
            VideoRangeTrue,
            good().swap(MASTER, "VIDEO-RANGE=SDR,AUDIO", "VIDEO-RANGE=PQ,AUDIO"),
            &[],
        ),
        (
            VideoRangeTrue,
            pictures(|p| p.sps.colour = Some([9, 16, 9])),
            &[],
        ),
        (AverageTrue, scaled("AVERAGE-BANDWIDTH", 1.5), &[]),
        (PeakTrue, scaled(":BANDWIDTH", 0.5), &[]),
        (CountsEverything, picture_alone(), &[]),
        (PeakBelowTwice, film(peaky), &[]),
        (
            SoundCodec,
            film(|film| film.sound.config = vec![0x29, 0x90]),
            &[CodecsTrue],
        ),
        (
            SoundStereo,
            good().poke("audio/init.mp4", "esds", 0, 26, &[0x11, 0x88]),
            &[ChannelsTrue],
        ),
        (SoundSampleRate, film(forty_four), &[]),
        (SoundBitRate, film(|film| film.sound.bit_rate = 64_000), &[]),
        (
            ChannelsTrue,
            good().swap(MASTER, "CHANNELS=\"2\"", "CHANNELS=\"6\""),
            &[],
        ),
    ]
}

fn twenty(picture: &mut super::sample::Picture) {
    picture.rate = 20;
    picture.segments = vec![120, 120, 40];
    picture.gop = 40;
}

fn forty_four(film: &mut Film) {
    film.sound.config = vec![0x12, 0x10];
    film.sound.sample_rate = 44_100;
    film.sound.segments = vec![259, 258, 87];
}

/// A loud middle: more than twice the average.
fn peaky(film: &mut Film) {
    film.pictures[0].extra = 16_000;
}

/// The average of the first variant as if nothing played beside it.
fn picture_alone() -> Files {
    let files = good();
    let segments = files
        .0
        .iter()
        .filter(|(name, _)| name.starts_with("360p/0"));
    let bytes: usize = segments.map(|(_, bytes)| bytes.len()).sum();
    let line = line_of(&files, MASTER, "#EXT-X-STREAM-INF");
    let (before, after) = line.split_once(",AVERAGE-BANDWIDTH=").unwrap();
    let rest = &after[after.find(',').unwrap()..];
    let new = format!("{before},AVERAGE-BANDWIDTH={}{rest}", bytes * 8 / 14);
    files.swap(MASTER, &line, &new)
}

fn subtitles() -> Vec<Wrong> {
    use Clause::*;
    let map = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000";
    let carried = "00:00:05.000 --> 00:00:07.500\n跨过分片边界 &amp; 的一句\n";
    let late = "00:00:12.500 --> 00:00:13.900\n再见\n";
    let short = good().swap(SUBTITLES, "#EXTINF:2.000000,\n00003.vtt\n", "");
    vec![
        (
            VttHeader,
            good().swap(CUES, "WEBVTT", "WEBVVT"),
            &[CueCarried],
        ),
        (
            VttTimestampMap,
            good().swap(CUES, &format!("{map}\n"), ""),
            &[],
        ),
        (
            VttMapSame,
            good().swap("zh/00003.vtt", "MPEGTS:0", "MPEGTS:9000"),
            &[],
        ),
        (
            CueForm,
            good().swap(CUES, "00:00:01.000", "00:00:01,000"),
            &[],
        ),
        (
            CueOrder,
            good().swap(
                "zh/00003.vtt",
                late,
                &format!("{late}\n00:00:12.100 --> 00:00:13.900\n乙\n"),
            ),
            &[CueReadable],
        ),
        (CueEscaped, good().swap(CUES, "春天", "春<天"), &[]),
        (
            CueInSegment,
            good().swap(
                "zh/00003.vtt",
                late,
                &late.replace(":12.", ":02.").replace(":13.", ":03."),
            ),
            &[],
        ),
        (CueCarried, good().swap("zh/00002.vtt", carried, ""), &[]),
        (SubtitlesCover, short, &[]),
        (
            CueReadable,
            good().swap(CUES, "春天的脚步", "春\n天\n的"),
            &[],
        ),
    ]
}

fn i_frames() -> Vec<Wrong> {
    use Clause::*;
    let files = good();
    let line = line_of(&files, MASTER, "#EXT-X-I-FRAME-STREAM-INF");
    let only = "#EXT-X-I-FRAMES-ONLY\n";
    let text = files.text(MASTER);
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| l.starts_with("#EXT-X-I-FRAME-STREAM"))
        .collect();
    let none = lines
        .iter()
        .fold(good(), |files, line| files.swap(MASTER, line, ""));
    let list = files.text(I_FRAMES);
    let range = list
        .lines()
        .find_map(|l| l.strip_prefix("#EXT-X-BYTERANGE:"))
        .unwrap();
    let (length, offset) = range.split_once('@').unwrap();
    let short = format!("{}@{offset}", length.parse::<u64>().unwrap() - 50);
    let shifted = format!("{length}@0");
    vec![
        (IFramesThere, none, &[]),
        (IFramesOnly, good().swap(I_FRAMES, only, ""), &[]),
        (
            IFrameCodecs,
            good().swap(MASTER, &line, &line.replace("CODECS=\"avc1.640016\",", "")),
            &[],
        ),
        (
            IFrameResolution,
            good().swap(MASTER, &line, &line.replace("RESOLUTION=640x360,", "")),
            &[],
        ),
        (IFrameRange, good().swap(I_FRAMES, range, &short), &[]),
        (IFrameRange, good().swap(I_FRAMES, range, &shifted), &[]),
        (
            IFrameIsKey,
            good().poke(FIRST, "trun", 2, 16 + 4, &0x0101_0000_u32.to_be_bytes()),
            &[KeyEveryTwoSeconds],
        ),
        (
            IFrameTotal,
            good().swap(I_FRAMES, "#EXTINF:2.000000,", "#EXTINF:1.850000,"),
            &[],
        ),
    ]
}

#[test]
fn a_good_package_has_no_finding() {
    let lint = good().lint();
    assert_eq!(lint.findings, []);
    assert!(lint.is_clean());
    // Two rungs of two playlists, one init and three segments; sound; subtitles.
    assert_eq!(lint.files, 1 + 2 * 6 + 5 + 4);
}

#[test]
fn a_loud_scene_in_a_rendition_of_sound_is_no_peak_of_the_picture() {
    let lint = film(|film| film.sound.extra = 20_000).lint();
    assert_eq!(lint.findings, []);
}

#[test]
fn each_mistake_is_told_by_its_clause_and_by_no_other() {
    let mut surprises = Vec::new();
    for (clause, files, also) in packages() {
        let lint = files.lint();
        let mut found: Vec<_> = lint.findings.iter().map(|f| f.clause).collect();
        found.sort();
        found.dedup();
        let mut wanted = [&[clause], also].concat();
        wanted.sort();
        if found != wanted || lint.is_clean() == wanted.iter().copied().any(counts) {
            let text = page::to_text(&lint, crate::text::Lang::En);
            surprises.push(format!(
                "{clause:?}: found {found:?}, wanted {wanted:?}\n{text}"
            ));
        }
    }
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
}

#[test]
fn every_clause_has_a_package_that_breaks_it() {
    let broken: Vec<Clause> = packages().into_iter().map(|(clause, ..)| clause).collect();
    let kept: Vec<_> = Clause::ALL.iter().filter(|c| !broken.contains(c)).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_of_a_playlist_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut findings = Findings::default();
        playlist::read("a.m3u8", &bytes, &mut findings);
        webvtt::read("a.vtt", &bytes, &mut findings);
        crate::bitstream::sps::read(&[&[0x67][..], &bytes].concat());
    }

    #[test]
    fn no_damage_to_a_package_makes_it_panic(
        file in any::<prop::sample::Index>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut files = small();
        let name = files.0.keys().nth(file.index(files.0.len())).unwrap().clone();
        let bytes = files.0.get_mut(&name).unwrap();
        // Headers are at the front of segments: most damage goes there.
        let reach = bytes.len().min(600);
        for (place, byte) in places {
            bytes[place.index(reach)] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(reach));
        }
        let folder = tempfile::tempdir().unwrap();
        files.write(folder.path());
        // A first playlist that is none any more is refused; everything else is judged.
        let _ = lint(&folder.path().join(MASTER));
    }

    #[test]
    fn lines_in_any_order_make_no_panic(
        order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle(),
        numbers in prop::collection::vec(any::<u64>(), 3),
    ) {
        let tags = [
            "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:6", "#EXT-X-ENDLIST", "#EXTINF:6,", "a.m4s", "b.vtt",
            "#EXT-X-MAP:URI=\"init.mp4\"", "#EXT-X-DISCONTINUITY", "#EXT-X-I-FRAMES-ONLY", "#EXT-X-KEY:METHOD=NONE",
            "#EXTINF:999999999999999999999999,", "c.m4s", "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=0x0", "x.m3u8",
            "#EXT-X-MEDIA:TYPE=AUDIO", "#EXT-X-I-FRAME-STREAM-INF:URI=\"x.m3u8\"", "#EXT-X-START:TIME-OFFSET=-1", "",
            "#EXT-X-GAP", "#EXT-X-PROGRAM-DATE-TIME:2024",
        ];
        let own = numbers.iter().map(|n| format!("#EXT-X-BYTERANGE:{n}@{n}"));
        let lines: Vec<String> = tags.iter().map(|t| (*t).to_owned()).chain(own).collect();
        let text: Vec<&str> = order.iter().filter_map(|i| lines.get(*i).map(String::as_str)).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files(std::collections::BTreeMap::new());
        files.put("a.m3u8", text.join("\n").into_bytes());
        files.put("x.m3u8", text.join("\r\n").into_bytes());
        files.write(folder.path());
        let _ = lint(&folder.path().join("a.m3u8"));
    }
}

/// Four seconds: enough to be damaged, and quickly written.
fn small() -> Files {
    film(|film| {
        film.pictures.truncate(1);
        film.pictures[0].segments = vec![100];
        film.pictures[0].sizes = (300, 40);
        film.sound.segments = vec![188];
    })
}

#[test]
fn a_folder_and_a_media_playlist_can_be_given_and_nonsense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    good().write(folder.path());
    assert!(lint(folder.path()).unwrap().is_clean());
    let alone = lint(&folder.path().join(TALL)).unwrap();
    assert_eq!((alone.findings, alone.files), (vec![], 5));
    let is = |path: &str, wanted: &str| {
        let error = lint(&folder.path().join(path)).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!error.hint().zh.is_empty());
    };
    is("nowhere.m3u8", "cannot read");
    is(FIRST, "is not a playlist");
    is("360p", "holds 2 playlists");
}

#[test]
fn a_link_out_of_the_package_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    let inside = tempfile::tempdir().unwrap();
    good().write(inside.path());
    good().write(outside.path());
    std::fs::remove_file(inside.path().join("zh/00002.vtt")).unwrap();
    let target = outside.path().join("zh/00002.vtt");
    std::os::unix::fs::symlink(target, inside.path().join("zh/00002.vtt")).unwrap();
    let lint = lint(&inside.path().join(MASTER)).unwrap();
    let found: Vec<_> = lint.findings.iter().map(|f| f.clause).collect();
    assert_eq!(found, [Clause::InsidePackage]);
}
