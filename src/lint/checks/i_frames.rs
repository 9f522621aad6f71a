//! I-frame playlists (RFC 8216 §4.3.3.6, §4.3.4.3; Apple 6).

use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::package::{Body, Package, Rendition};

/// An I-frame playlist may be this much longer or shorter than the film, in seconds.
const SAME_TOTAL: f64 = 0.1;

/// Each entry of one playlist.
pub(super) fn check(rendition: &Rendition, findings: &mut Findings) {
    if rendition.media.i_frames_only.is_none() {
        return;
    }
    for (listed, loaded) in rendition.pairs() {
        let Body::Fragments { list, slice, end } = &loaded.body else {
            continue;
        };
        let mut tell = |clause, zh: String, en: String| {
            findings.add(clause, &rendition.file, listed.line, zh, en);
        };
        let start = listed.range.map_or(0, |range| range.offset);
        let Some((fragment, sample)) = list.first().and_then(|f| Some((f, f.samples.first()?)))
        else {
            continue;
        };
        let needed = fragment.data.saturating_add(u64::from(sample.size));
        let has_prefix = listed.range.is_some() && fragment.start != start;
        if has_prefix || needed > *end {
            tell(
                Clause::IFrameRange,
                format!(
                    "{} 的范围是第 {start} 到 {end} 字节，moof 在 {}，第一个样本到 {needed}",
                    listed.uri, fragment.start
                ),
                format!(
                    "bytes {start} to {end} of {}: its moof is at {}, its first sample ends at {needed}",
                    listed.uri, fragment.start
                ),
            );
        }
        if !sample.sync || slice.is_some_and(|kind| kind != 5) {
            tell(
                Clause::IFrameIsKey,
                format!("{} 第 {start} 字节处不是 I 帧", listed.uri),
                format!("there is no I-frame at byte {start} of {}", listed.uri),
            );
        }
    }
}

/// I-frame playlists beside the variants.
pub(super) fn of_package(package: &Package, findings: &mut Findings) {
    let Some((file, _, content)) = &package.multivariant else {
        return;
    };
    let variants: Vec<&Rendition> = content
        .variants
        .iter()
        .filter_map(|(_, uri)| package.rendition(uri.as_deref()))
        .collect();
    let has_picture = content
        .variants
        .iter()
        .any(|(list, _)| list.has("RESOLUTION"));
    if content.i_frames.is_empty() && has_picture {
        findings.add(
            Clause::IFramesThere,
            file,
            None,
            "没有 EXT-X-I-FRAME-STREAM-INF",
            "there is no EXT-X-I-FRAME-STREAM-INF",
        );
    }
    for list in &content.i_frames {
        let Some(rendition) = package.rendition(list.get("URI")) else {
            continue;
        };
        if rendition.media.i_frames_only.is_none() {
            findings.add(
                Clause::IFramesOnly,
                &rendition.file,
                None,
                "没有 EXT-X-I-FRAMES-ONLY",
                "there is no EXT-X-I-FRAMES-ONLY",
            );
            continue;
        }
        let Some(first) = variants.first() else {
            continue;
        };
        let (adds_up, wanted) = (rendition.seconds(), first.seconds());
        if (adds_up - wanted).abs() > SAME_TOTAL {
            findings.add(
                Clause::IFrameTotal,
                &rendition.file,
                None,
                format!("总长 {adds_up:.3} 秒，影片 {wanted:.3} 秒"),
                format!("it adds up to {adds_up:.3} s, the film lasts {wanted:.3} s"),
            );
        }
    }
}
