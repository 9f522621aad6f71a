//! A submission at which there is nothing to find, for tests to spoil.

use std::path::PathBuf;

use super::{Case, Dates, Finding};
use crate::id::SubmissionId;
use crate::intake::{Companion, Papers, ParsedName, Submission};
use crate::preset::{Confirm, Other, Overrule, RuleSet, Ruling, Waive, rule_set};
use crate::probe::quality::{Fields, LookedAt, PictureQuality, SoundQuality, Stretch};
use crate::probe::{AudioInfo, Container, MediaInfo, Scan, Unreadable, VideoInfo};
use crate::report::model::{DuplicateKind, DuplicateOf};
use crate::text::Text;
use crate::units::{BitRate, Bytes, FrameRate, Millis};

/// The rules of the notice of 2021.
pub(crate) fn rules() -> RuleSet {
    rule_set("sichuan-2021-showcase").unwrap()
}

/// `西南民族大学《爱我中华》.mp4` with its introduction.
pub(crate) fn submission() -> Submission {
    let source = "成都第一片区/西南民族大学《爱我中华》.mp4";
    Submission {
        id: SubmissionId::of(source),
        region: "成都第一片区".to_owned(),
        source: source.to_owned(),
        path: PathBuf::from("/inbox").join(source),
        original_name: "西南民族大学《爱我中华》.mp4".to_owned(),
        name: ParsedName {
            unit: Some("西南民族大学".to_owned()),
            title: Some("爱我中华".to_owned()),
            ..ParsedName::default()
        },
        roster: None,
        bytes: Bytes(180_000_000),
        not_a_file: None,
        introduction: Some(companion("西南民族大学《爱我中华》.docx")),
        subtitles: Vec::new(),
        papers: Papers::default(),
    }
}

/// A file beside a video.
pub(crate) fn companion(name: &str) -> Companion {
    Companion {
        source: format!("成都第一片区/{name}"),
        path: PathBuf::from("/inbox/成都第一片区").join(name),
        bytes: Bytes(20_000),
    }
}

/// A good submission with this content, handed in under this name.
pub(crate) fn file(container: Container, name: &str) -> (Submission, MediaInfo) {
    let mut media = media();
    media.container = container;
    let mut submission = submission();
    submission.original_name = name.to_owned();
    (submission, media)
}

/// Three minutes of 1080p25 with stereo sound, in MP4.
pub(crate) fn media() -> MediaInfo {
    let length = Millis(180_000);
    MediaInfo {
        container: Container::Mp4,
        duration_ms: length,
        header_duration_ms: Some(length),
        bytes: Bytes(180_000_000),
        video: Some(video(length)),
        audio: Some(AudioInfo {
            codec: "aac".to_owned(),
            profile: Some("LC".to_owned()),
            channels: 2,
            sample_rate: 48_000,
            start_ms: Millis(0),
            end_ms: length,
            loudness_lufs: Some(-18.0),
            true_peak_dbtp: Some(-2.0),
        }),
        subtitles: Vec::new(),
        cut_off_at_ms: None,
        picture_quality: Some(picture_quality()),
        sound_quality: Some(sound_quality()),
    }
}

/// A sharp picture in which everything moves, by key frames.
pub(crate) fn picture_quality() -> PictureQuality {
    PictureQuality {
        looked_at: LookedAt {
            frames: 360,
            every_frame: false,
            while_making: false,
        },
        black: Vec::new(),
        frozen: Vec::new(),
        content: None,
        edge_width: Some(2.4),
        blocking: Some(1.05),
        fields: Fields {
            progressive: 40,
            ..Fields::default()
        },
        damaged: 0,
        burnt_in_text: 0.0,
    }
}

/// A voice in both ears.
pub(crate) fn sound_quality() -> SoundQuality {
    SoundQuality {
        loudness_range_lu: Some(6.0),
        silent: Vec::new(),
        clipped: 0,
        clipped_at: Vec::new(),
        channel_levels_dbfs: vec![Some(-21.0), Some(-21.5)],
        correlation: Some(0.8),
        damaged: 0,
    }
}

/// From one second to another.
pub(crate) fn stretch(from: u64, to: u64) -> Stretch {
    Stretch {
        from_ms: Millis::from_secs(from),
        to_ms: Millis::from_secs(to),
    }
}

fn video(length: Millis) -> VideoInfo {
    VideoInfo {
        codec: "h264".to_owned(),
        profile: Some("High".to_owned()),
        width: 1920,
        height: 1080,
        clean_aperture: None,
        display_width: 1920,
        display_height: 1080,
        rotation: 0,
        mirrored: false,
        sar: (1, 1),
        frame_rate: FrameRate::new(25, 1).unwrap(),
        variable_frame_rate: false,
        scan: Scan::Progressive,
        hdr: None,
        pixel_format: "yuv420p".to_owned(),
        color_primaries: "bt709".to_owned(),
        color_transfer: "bt709".to_owned(),
        color_space: "bt709".to_owned(),
        full_range: false,
        packets: 4500,
        start_ms: Millis(0),
        end_ms: length,
        bit_rate: BitRate::from_kbps(7800),
    }
}

/// The same media with another picture: stored size, rotation and pixel aspect ratio.
pub(crate) fn media_showing(stored: (u32, u32), rotation: u16, sar: (u32, u32)) -> MediaInfo {
    let mut media = media();
    let video = media.video.as_mut().unwrap();
    let upright = (stored.0 * sar.0 / sar.1, stored.1);
    let turned = rotation % 180 == 90;
    (video.width, video.height) = stored;
    (video.display_width, video.display_height) = if turned {
        (upright.1, upright.0)
    } else {
        upright
    };
    (video.rotation, video.sar) = (rotation, sar);
    media
}

/// One of each kind of file that can not be read.
pub(crate) fn unreadable() -> Vec<Unreadable> {
    vec![
        Unreadable::Empty,
        Unreadable::NotAFile {
            what: Text::new("一个链接", "a link"),
        },
        Unreadable::Playlist {
            format: "HLS".to_owned(),
        },
        Unreadable::NotAVideo {
            looks_like: Text::new("ZIP 压缩包", "a ZIP archive"),
        },
        Unreadable::Incomplete {
            detail: Text::same("moov atom not found"),
        },
        Unreadable::NoPicture,
        Unreadable::UnsupportedContainer {
            format: "rm".to_owned(),
        },
        Unreadable::UnsupportedCodec {
            codec: "cinepak".to_owned(),
        },
        Unreadable::UnsupportedSound {
            codec: "none".to_owned(),
        },
        Unreadable::BeyondLimit {
            what: Text::new("轨道数", "number of tracks"),
            actual: 400,
            limit: 64,
        },
        Unreadable::Damaged {
            detail: "1586 of 4500 frames can not be decoded".to_owned(),
        },
        Unreadable::WorkerFailed {
            detail: Text::new("60 秒没有进展", "no progress for 60 s"),
        },
    ]
}

/// A repetition of another submission.
pub(crate) fn duplicate(kind: DuplicateKind) -> DuplicateOf {
    DuplicateOf {
        id: SubmissionId::of("a.mp4"),
        kind,
        score: if kind == DuplicateKind::Near {
            0.9
        } else {
            1.0
        },
        offset_ms: None,
        earlier: None,
    }
}

/// The secretary lets it pass.
pub(crate) fn waive(submission: &Submission, rule: &str) -> Waive {
    Waive {
        region: None,
        source: Some(submission.source.clone()),
        unit: None,
        title: None,
        rule: rule.to_owned(),
        by: "秘书处".to_owned(),
        reason: "会前已商定".to_owned(),
        line: 0,
    }
}

/// The secretary decides.
pub(crate) fn overrule(submission: &Submission, verdict: Ruling) -> Overrule {
    Overrule {
        source: Some(submission.source.clone()),
        unit: None,
        title: None,
        verdict,
        by: "秘书处".to_owned(),
        reason: "会上定的".to_owned(),
        line: 0,
    }
}

/// The secretary compared the submission with another.
pub(crate) fn confirm(submission: &Submission, same: bool) -> Confirm {
    Confirm {
        source: Some(submission.source.clone()),
        unit: None,
        title: None,
        same,
        of: Other::Source("a.mp4".to_owned()),
        by: "秘书处".to_owned(),
        reason: "对照看过".to_owned(),
        line: 0,
    }
}

/// A submission and what was measured on it, without anything else.
pub(crate) fn case<'a>(submission: &'a Submission, media: &'a MediaInfo) -> Case<'a> {
    Case {
        submission,
        media: Ok(media),
        duplicate: None,
        version: None,
        others: &[],
        waivers: &[],
        overrules: &[],
        dates: Dates::default(),
    }
}

/// A finding as a reader of both languages sees it.
pub(crate) fn shown(finding: Option<Finding>) -> String {
    let Some(finding) = finding else {
        return "nothing found".to_owned();
    };
    let mut lines = vec![format!(
        "{} {:?} {:?}",
        finding.rule, finding.level, finding.clause
    )];
    for text in [
        &finding.measured,
        &finding.allowed,
        &finding.message,
        &finding.remedy,
    ] {
        lines.push(text.zh.clone());
        if text.en != text.zh {
            lines.push(text.en.clone());
        }
    }
    lines.extend(finding.repaired.map(|name| format!("repaired: {name}")));
    lines.join("\n")
}
