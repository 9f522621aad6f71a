//! The picture: what a variant announces against what its files hold (RFC 8216 §4.3.4.2; Apple 1 and 9).

use super::multivariant::is_sound_only;
use super::rates;
use crate::bitstream::sps::{self, Sps};
use crate::lint::attributes::Attributes;
use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::fmp4::{Entry, Track};
use crate::lint::package::{Body, Package, Rendition};

/// Apple 1.18, 1.19, as fractions.
const STANDARD_RATES: [(u32, u32); 8] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
];
/// FRAME-RATE has three decimals.
const RATE_TOLERANCE: f64 = 0.001;
/// `level_idc` of 4.1.
const LEVEL_4_1: u32 = 41;
/// ISO/IEC 23091-2: BT.709, PQ, HLG.
const BT709: u32 = 1;
const PQ: u32 = 16;
const HLG: u32 = 18;

pub(super) fn check(package: &Package, findings: &mut Findings) {
    for rendition in &package.renditions {
        if !package.is_i_frames(rendition)
            && let Some(track) = rendition.picture()
        {
            coding(rendition, track, findings);
        }
    }
    let Some((file, _, content)) = &package.multivariant else {
        return;
    };
    let mut levels = Vec::new();
    let mut colours: Option<(u32, u32, u32)> = None;
    for (list, uri) in &content.variants {
        let Some(rendition) = package.rendition(uri.as_deref()) else {
            continue;
        };
        codecs(package, file, list, rendition, findings);
        channels(package, file, list, findings);
        let Some(track) = rendition.picture() else {
            continue;
        };
        size(file, list, track, findings);
        frame_rate(file, list, rendition, findings);
        if let Entry::Avc { profile, sps, .. } = &track.entry {
            levels.push(u32::from(profile[2]));
            let colour = sps.as_ref().and_then(|sps| sps.colour);
            range(file, list, colour, findings);
            if let (Some(before), Some(own)) = (colours, colour)
                && before != own
            {
                findings.add(
                    Clause::ColourSame,
                    &rendition.file,
                    None,
                    format!("颜色是 {own:?}，另一个版本是 {before:?}"),
                    format!("the colours are {own:?}, another variant has {before:?}"),
                );
            }
            colours = colours.or(colour);
        }
    }
    if !levels.is_empty() && levels.iter().all(|level| *level > LEVEL_4_1) {
        findings.add(
            Clause::SomeLevel41,
            file,
            None,
            "所有版本的级别都高于 4.1",
            "every variant's level is above 4.1",
        );
    }
    for list in &content.i_frames {
        if let Some(rendition) = package.rendition(list.get("URI"))
            && let Some(track) = rendition.picture()
        {
            codecs(package, file, list, rendition, findings);
            size(file, list, track, findings);
        }
    }
}

/// What the files of one rendition say by themselves.
fn coding(rendition: &Rendition, track: &Track, findings: &mut Findings) {
    let file = rendition.file.as_str();
    let mut tell = |clause, zh: String, en: String| findings.add(clause, file, None, zh, en);
    match &track.entry {
        Entry::Avc {
            kind,
            size,
            profile,
            sps,
            ..
        } => {
            outside(*kind, &mut tell);
            let Some(sps) = sps else {
                return tell(
                    Clause::SegmentWhole,
                    "avcC 里没有可读的 SPS".into(),
                    "avcC holds no readable SPS".into(),
                );
            };
            avc(track, *size, *profile, sps, &mut tell);
            let frame_rate = frame_rate_of(rendition).unwrap_or(0.0);
            let peak = rates::count(rendition).map_or(0.0, |r| r.peak);
            let needed = sps::lowest_level(sps, frame_rate, peak);
            if sps.level > needed {
                tell(
                    Clause::LevelNeeded,
                    format!("级别 {}，{} 就够", level(sps.level), level(needed)),
                    format!(
                        "the level is {}, {} is enough",
                        level(sps.level),
                        level(needed)
                    ),
                );
            }
        }
        Entry::Hevc { kind, .. } => outside(*kind, &mut tell),
        _ => tell(
            Clause::PictureCodec,
            "画面既不是 H.264 也不是 HEVC".into(),
            "the picture is neither H.264 nor HEVC".into(),
        ),
    }
    if let Some(rate) = frame_rate_of(rendition) {
        let is = |(num, den): &(u32, u32)| {
            (rate - f64::from(*num) / f64::from(*den)).abs() < RATE_TOLERANCE
        };
        if !STANDARD_RATES.iter().any(is) {
            tell(
                Clause::FrameRateStandard,
                format!("帧率是 {rate:.3}"),
                format!("the frame rate is {rate:.3}"),
            );
        }
    }
}

fn outside(kind: [u8; 4], tell: &mut impl FnMut(Clause, String, String)) {
    if !matches!(&kind, b"avc1" | b"hvc1") {
        let kind = String::from_utf8_lossy(&kind).into_owned();
        tell(
            Clause::ParametersOutside,
            format!("样本描述是 {kind}"),
            format!("the sample entry is {kind}"),
        );
    }
}

fn avc(
    track: &Track,
    size: (u32, u32),
    profile: [u8; 3],
    sps: &Sps,
    tell: &mut impl FnMut(Clause, String, String),
) {
    if sps.profile != 100 || u32::from(profile[0]) != 100 || (sps.chroma, sps.bit_depth) != (1, 8) {
        tell(
            Clause::HighProfile,
            format!(
                "profile_idc {}，色度 {}，{} 位",
                sps.profile, sps.chroma, sps.bit_depth
            ),
            format!(
                "profile_idc is {}, chroma format {}, {} bits",
                sps.profile, sps.chroma, sps.bit_depth
            ),
        );
    }
    if !sps.frames_only {
        tell(
            Clause::Progressive,
            "SPS 允许隔行（frame_mbs_only_flag 是 0）".into(),
            "the SPS allows fields (frame_mbs_only_flag is 0)".into(),
        );
    }
    match sps.colour {
        Some((BT709, BT709, BT709) | (_, PQ | HLG, _)) => {}
        Some(colour) => tell(
            Clause::ColourTagged,
            format!("颜色是 {colour:?}，不是 bt709 (1, 1, 1)"),
            format!("the colours are {colour:?} and not bt709 (1, 1, 1)"),
        ),
        None => tell(
            Clause::ColourTagged,
            "SPS 没有写明颜色".into(),
            "the SPS does not say which colours".into(),
        ),
    }
    let (width, height) = shown(sps);
    let entry = (u64::from(size.0), u64::from(size.1));
    let header = (u64::from(track.size.0), u64::from(track.size.1));
    if entry != (sps.width, sps.height) || (header != (width, height) && header != entry) {
        tell(
            Clause::SizesAgree,
            format!(
                "SPS {}x{}，样本描述 {}x{}，tkhd {}x{}",
                sps.width, sps.height, size.0, size.1, header.0, header.1
            ),
            format!(
                "SPS {}x{}, sample entry {}x{}, tkhd {}x{}",
                sps.width, sps.height, size.0, size.1, header.0, header.1
            ),
        );
    }
}

/// Size in square pixels.
fn shown(sps: &Sps) -> (u64, u64) {
    let (num, den) = (u64::from(sps.sar.0.max(1)), u64::from(sps.sar.1.max(1)));
    ((sps.width * num + den / 2) / den, sps.height)
}

fn level(idc: u32) -> String {
    format!("{}.{}", idc / 10, idc % 10)
}

/// CODECS: what is in the variant and in the renditions of its groups, no more and no less.
fn codecs(
    package: &Package,
    file: &str,
    list: &Attributes,
    own: &Rendition,
    findings: &mut Findings,
) {
    let Some(says) = list.get("CODECS") else {
        return;
    };
    let mut holds = Vec::new();
    let mut add = |rendition: &Rendition| {
        for track in rendition
            .inits
            .iter()
            .flatten()
            .flat_map(|init| &init.tracks)
        {
            if let Some(codec) = codec_of(&track.entry)
                && !holds.contains(&codec)
            {
                holds.push(codec);
            }
        }
    };
    add(own);
    if let (Some(content), Some(group)) = (package.multivariant(), list.get("AUDIO")) {
        let members = content.media.iter();
        let members =
            members.filter(|m| m.get("TYPE") == Some("AUDIO") && m.get("GROUP-ID") == Some(group));
        for rendition in members.filter_map(|m| package.rendition(m.get("URI"))) {
            add(rendition);
        }
    }
    let listed: Vec<String> = says
        .split(',')
        .map(|c| c.trim().to_ascii_lowercase())
        .collect();
    // HEVC's text says more than is read here; what was not read cannot be compared.
    let known = |codec: &&String| codec.starts_with("avc") || codec.starts_with("mp4a");
    let untold = holds.iter().find(|codec| !listed.contains(codec));
    let absent = listed
        .iter()
        .filter(known)
        .find(|codec| !holds.contains(codec));
    if !holds.is_empty() && (untold.is_some() || absent.is_some()) {
        let holds = holds.join(",");
        findings.add(
            Clause::CodecsTrue,
            file,
            list.line,
            format!("CODECS=“{says}”，文件里是“{holds}”"),
            format!("CODECS is \"{says}\", the files hold \"{holds}\""),
        );
    }
}

fn codec_of(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Avc { kind, profile, .. } => {
            let kind = String::from_utf8_lossy(kind);
            let [profile, constraints, level] = profile;
            Some(format!("{kind}.{profile:02x}{constraints:02x}{level:02x}"))
        }
        Entry::Aac { object, .. } if *object > 0 => Some(format!("mp4a.40.{object}")),
        _ => None,
    }
}

/// CHANNELS of the sound in a variant's group.
fn channels(package: &Package, file: &str, variant: &Attributes, findings: &mut Findings) {
    let (Some(content), Some(group)) = (package.multivariant(), variant.get("AUDIO")) else {
        return;
    };
    let first_use = content
        .variants
        .iter()
        .find(|(l, _)| l.get("AUDIO") == Some(group));
    if first_use.is_some_and(|(list, _)| list.line != variant.line) {
        return;
    }
    for list in content
        .media
        .iter()
        .filter(|m| m.get("TYPE") == Some("AUDIO") && m.get("GROUP-ID") == Some(group))
    {
        let says = list
            .get("CHANNELS")
            .and_then(|c| c.split('/').next()?.parse::<u32>().ok());
        let Some(track) = package
            .rendition(list.get("URI"))
            .and_then(Rendition::sound)
        else {
            continue;
        };
        if let (Some(says), Entry::Aac { channels, .. }) = (says, &track.entry)
            && says != *channels
        {
            findings.add(
                Clause::ChannelsTrue,
                file,
                list.line,
                format!("CHANNELS={says}，文件里是 {channels}"),
                format!("CHANNELS is {says}, the file has {channels}"),
            );
        }
    }
}

fn size(file: &str, list: &Attributes, track: &Track, findings: &mut Findings) {
    let Some(says) = list.resolution().filter(|_| !is_sound_only(list)) else {
        return;
    };
    let real = match &track.entry {
        Entry::Avc { sps: Some(sps), .. } => shown(sps),
        Entry::Hevc { size, .. } => (u64::from(size.0), u64::from(size.1)),
        _ => return,
    };
    if says != real {
        findings.add(
            Clause::ResolutionTrue,
            file,
            list.line,
            format!(
                "RESOLUTION={}x{}，画面是 {}x{}",
                says.0, says.1, real.0, real.1
            ),
            format!(
                "RESOLUTION is {}x{}, the picture {}x{}",
                says.0, says.1, real.0, real.1
            ),
        );
    }
}

fn frame_rate(file: &str, list: &Attributes, rendition: &Rendition, findings: &mut Findings) {
    let (Some(says), Some(real)) = (list.decimal("FRAME-RATE"), frame_rate_of(rendition)) else {
        return;
    };
    if (says - real).abs() > RATE_TOLERANCE {
        findings.add(
            Clause::FrameRateTrue,
            file,
            list.line,
            format!("FRAME-RATE={says:.3}，画面是 {real:.3}"),
            format!("FRAME-RATE is {says:.3}, the picture has {real:.3}"),
        );
    }
}

/// Frames by their time, from all segments that were read.
fn frame_rate_of(rendition: &Rendition) -> Option<f64> {
    let track = rendition.picture()?;
    let (mut frames, mut ticks) = (0_u64, 0_u64);
    for loaded in &rendition.segments {
        if let Body::Fragments { list, .. } = &loaded.body {
            for fragment in list.iter().filter(|f| f.track == track.id) {
                frames += fragment.samples.len() as u64;
                ticks += fragment.duration();
            }
        }
    }
    (ticks > 0).then(|| frames as f64 * f64::from(track.timescale) / ticks as f64)
}

fn range(file: &str, list: &Attributes, colour: Option<(u32, u32, u32)>, findings: &mut Findings) {
    let real = match colour {
        Some((_, PQ, _)) => "PQ",
        Some((_, HLG, _)) => "HLG",
        _ => "SDR",
    };
    let says = list.get("VIDEO-RANGE").unwrap_or("SDR");
    if says != real {
        findings.add(
            Clause::VideoRangeTrue,
            file,
            list.line,
            format!("VIDEO-RANGE 是 {says}，画面是 {real}"),
            format!("VIDEO-RANGE is {says}, the picture is {real}"),
        );
    }
}
