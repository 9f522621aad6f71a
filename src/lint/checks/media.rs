//! What RFC 8216 asks of a media playlist by itself.

use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::package::Rendition;
use crate::lint::playlist::{Media, Playlist};

/// Apple 7.5: what a target duration should be, in seconds.
const TARGET: u64 = 6;

pub(super) fn check(rendition: &Rendition, findings: &mut Findings) {
    let (file, media) = (rendition.file.as_str(), &rendition.media);
    if media.segments.is_empty() {
        findings.add(
            Clause::SomethingToPlay,
            file,
            None,
            "没有分片",
            "it lists no segment",
        );
    }
    version(file, &rendition.playlist, media, findings);
    order(file, media, findings);
    durations(file, media, findings);
    ending(file, media, findings);
    required(rendition, findings);
    maps(file, media, findings);
}

/// §7: the features that need a version, each with what it is.
pub(super) fn version(file: &str, playlist: &Playlist, media: &Media, findings: &mut Findings) {
    let version = playlist.version.map_or(1, |(_, version)| version);
    let map_line = media.maps.first().map(|m| m.line);
    let by_range = media.segments.iter().find(|s| s.range.is_some());
    let fraction = media.segments.iter().find(|s| s.fractional);
    let key = |name| media.keys.iter().find(|k| k.has(name)).map(|k| k.line);
    let map_needs = if media.i_frames_only.is_some() { 5 } else { 6 };
    let needs = [
        (2, key("IV"), "EXT-X-KEY IV"),
        (3, fraction.map(|s| s.line), "EXTINF with a fraction"),
        (4, by_range.map(|s| s.line), "EXT-X-BYTERANGE"),
        (4, media.i_frames_only, "EXT-X-I-FRAMES-ONLY"),
        (5, key("KEYFORMAT"), "EXT-X-KEY KEYFORMAT"),
        (map_needs, map_line, "EXT-X-MAP"),
    ];
    for (needed, line, what) in needs {
        if let Some(line) = line.filter(|_| version < needed) {
            findings.add(
                Clause::VersionFits,
                file,
                line,
                format!("版本是 {version}，{what} 至少要 {needed}"),
                format!("the version is {version}, and {what} needs {needed}"),
            );
        }
    }
}

fn order(file: &str, media: &Media, findings: &mut Findings) {
    let first = media.first_segment.unwrap_or(usize::MAX);
    if let Some(line) = media.sequence.filter(|line| *line > first) {
        findings.add(
            Clause::MediaSequenceFirst,
            file,
            line,
            format!("第一个分片在第 {first} 行"),
            format!("the first segment begins in line {first}"),
        );
    }
    let first = first.min(media.first_discontinuity.unwrap_or(usize::MAX));
    if let Some(line) = media.discontinuity_sequence.filter(|line| *line > first) {
        findings.add(
            Clause::DiscontinuitySequenceFirst,
            file,
            line,
            format!("第一个分片或中断在第 {first} 行"),
            format!("the first segment or discontinuity is in line {first}"),
        );
    }
}

fn durations(file: &str, media: &Media, findings: &mut Findings) {
    let Some((line, target)) = media.target_duration else {
        findings.add(
            Clause::TargetDurationRequired,
            file,
            None,
            "没有 EXT-X-TARGETDURATION",
            "there is no EXT-X-TARGETDURATION",
        );
        return;
    };
    for segment in &media.segments {
        if segment.seconds.round() > target as f64 {
            findings.add(
                Clause::TargetDurationFits,
                file,
                segment.line,
                format!(
                    "{} 长 {} 秒，目标时长 {target} 秒",
                    segment.uri, segment.seconds
                ),
                format!(
                    "{} has {} s, the target is {target} s",
                    segment.uri, segment.seconds
                ),
            );
        }
        if segment.seconds <= 0.0 && !segment.gap {
            findings.add(
                Clause::SegmentNotEmpty,
                file,
                segment.line,
                format!("{} 长 {} 秒", segment.uri, segment.seconds),
                format!("{} has {} s", segment.uri, segment.seconds),
            );
        }
    }
    // A film of one short segment has no choice.
    let has_choice = media.segments.len() > 1 && media.i_frames_only.is_none();
    if target != TARGET && (target > TARGET || has_choice) {
        findings.add(
            Clause::SixSecondTarget,
            file,
            line,
            format!("目标时长是 {target} 秒"),
            format!("the target duration is {target} s"),
        );
    }
}

fn ending(file: &str, media: &Media, findings: &mut Findings) {
    let is_event = matches!(&media.kind, Some((_, kind)) if kind == "EVENT");
    if media.end_list.is_none() && !is_event {
        findings.add(
            Clause::EndList,
            file,
            None,
            "没有 EXT-X-ENDLIST",
            "there is no EXT-X-ENDLIST",
        );
    }
    if media.kind.is_none() {
        findings.add(
            Clause::PlaylistTypeVod,
            file,
            None,
            "没有 EXT-X-PLAYLIST-TYPE",
            "there is no EXT-X-PLAYLIST-TYPE",
        );
    }
}

fn required(rendition: &Rendition, findings: &mut Findings) {
    let (file, media) = (rendition.file.as_str(), &rendition.media);
    for key in &media.keys {
        let method = key.get("METHOD");
        if method.is_none() || (method != Some("NONE") && !key.has("URI")) {
            findings.add(
                Clause::KeyRequired,
                file,
                key.line,
                "缺少 METHOD 或 URI",
                "METHOD or URI is missing",
            );
        }
    }
    for list in &media.date_ranges {
        if !list.has("ID") || !list.has("START-DATE") {
            findings.add(
                Clause::DateRangeRequired,
                file,
                list.line,
                "缺少 ID 或 START-DATE",
                "ID or START-DATE is missing",
            );
        }
    }
    if let Some(start) = &rendition.playlist.start {
        let offset = start.decimal("TIME-OFFSET");
        let length = rendition.seconds();
        if offset.is_none_or(|offset| offset.abs() > length) {
            let shown = offset.map_or("-".to_owned(), |o| o.to_string());
            findings.add(
                Clause::StartRequired,
                file,
                start.line,
                format!("TIME-OFFSET 是 {shown}，片长 {length:.3} 秒"),
                format!("TIME-OFFSET is {shown}, the playlist lasts {length:.3} s"),
            );
        }
    }
}

fn maps(file: &str, media: &Media, findings: &mut Findings) {
    for map in media.maps.iter().filter(|map| map.uri.is_none()) {
        findings.add(
            Clause::MapUri,
            file,
            map.line,
            "EXT-X-MAP 没有 URI",
            "EXT-X-MAP has no URI",
        );
    }
    let differs = |a: Option<usize>, b: Option<usize>| {
        let of = |index: Option<usize>| index.map(|i| (&media.maps[i].uri, media.maps[i].range));
        of(a) != of(b)
    };
    for two in media.segments.windows(2) {
        if differs(two[0].map, two[1].map) && !two[1].discontinuity {
            findings.add(
                Clause::DiscontinuityAtChange,
                file,
                two[1].line,
                format!("{} 换了初始化分片", two[1].uri),
                format!(
                    "{} has another EXT-X-MAP than the segment before",
                    two[1].uri
                ),
            );
        }
    }
}
