//! Initialisation and media segments of fragmented MP4 against the playlist (RFC 8216 §3.3; Apple 7 and 8).

use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::fmp4::{Entry, Fragment, Init, Track};
use crate::lint::package::{Body, Package, Rendition};

/// Times that follow each other may differ by rounding, in seconds.
const SAME_TIME: f64 = 0.001;
/// Apple 7.6: how much a segment may be longer than the target, in seconds.
const OVER_TARGET: f64 = 0.5;
/// Apple 1.13: seconds between key frames, with one frame of tolerance added.
const KEY_INTERVAL: f64 = 2.0;

pub(super) fn check(package: &Package, rendition: &Rendition, findings: &mut Findings) {
    for (map, init) in rendition.media.maps.iter().zip(&rendition.inits) {
        if let (Some(init), Some(uri)) = (init, &map.uri) {
            check_init(&rendition.file, map.line, uri, init, findings);
        }
    }
    let independent = rendition.playlist.independent.is_some()
        || package
            .multivariant
            .as_ref()
            .is_some_and(|(_, p, _)| p.independent.is_some());
    if !package.is_i_frames(rendition) {
        let mut walk = Walk {
            rendition,
            independent,
            findings,
            expected: None,
            sequence: None,
        };
        walk.check();
        key_interval(rendition, walk.findings);
    }
}

fn check_init(file: &str, line: usize, uri: &str, init: &Init, findings: &mut Findings) {
    if !init.begins_with_ftyp || !init.brands.iter().any(|b| is_new_brand(*b)) {
        let brands: Vec<_> = init
            .brands
            .iter()
            .map(|b| String::from_utf8_lossy(b))
            .collect();
        let brands = brands.join(" ");
        findings.add(
            Clause::InitBrand,
            file,
            line,
            format!("{uri} 不以 ftyp 开始，或品牌（{brands}）里没有 iso6 及更新的"),
            format!("{uri} does not begin with ftyp, or its brands ({brands}) have none of iso6 or newer"),
        );
    }
    let entries: u64 = init.tracks.iter().map(|t| t.table_entries).sum();
    let longest = init.tracks.iter().map(|t| t.duration).max().unwrap_or(0);
    if entries > 0 || longest.max(init.movie_duration) > 0 {
        let longest = longest.max(init.movie_duration);
        findings.add(
            Clause::InitEmpty,
            file,
            line,
            format!("{uri} 的样本表有 {entries} 项，时长 {longest}"),
            format!("the sample tables of {uri} have {entries} entries, its duration is {longest}"),
        );
    }
    if !init.extends_last || !init.extends_all() {
        findings.add(
            Clause::InitExtends,
            file,
            line,
            format!("{uri} 缺少 mvex 或 trex，或 mvex 不在最后"),
            format!("{uri} lacks mvex or trex, or mvex is not behind the tracks"),
        );
    }
}

/// ISO base media brands from `iso6` on, and CMAF's.
fn is_new_brand(brand: [u8; 4]) -> bool {
    match &brand {
        [b'i', b's', b'o', version] => {
            (b'6'..=b'9').contains(version) || version.is_ascii_lowercase() && *version != b'm'
        }
        [b'c', b'm', b'f', _] => true,
        _ => false,
    }
}

struct Walk<'a> {
    rendition: &'a Rendition,
    independent: bool,
    findings: &'a mut Findings,
    // End of the segment before, in ticks.
    expected: Option<u64>,
    sequence: Option<u32>,
}

impl Walk<'_> {
    fn found(&mut self, clause: Clause, line: usize, zh: String, en: String) {
        self.findings
            .add(clause, &self.rendition.file, line, zh, en);
    }

    fn check(&mut self) {
        let rendition = self.rendition;
        for (listed, loaded) in rendition.pairs() {
            if listed.discontinuity {
                self.expected = None;
            }
            let Body::Fragments { list, slice, .. } = &loaded.body else {
                self.expected = None;
                continue;
            };
            let Some(Some(init)) = listed.map.and_then(|map| rendition.inits.get(map)) else {
                continue;
            };
            self.structure(listed.line, &loaded.file, list, init);
            let main = init.tracks.iter().find(|t| t.entry.is_picture());
            let Some(track) = main.or(init.tracks.first()) else {
                continue;
            };
            self.times(listed, &loaded.file, list, track);
            if track.entry.is_picture() {
                self.key_first(listed.line, &loaded.file, list, track, *slice);
            }
        }
    }

    fn structure(&mut self, line: usize, file: &str, list: &[Fragment], init: &Init) {
        for fragment in list {
            if fragment.base_time.is_none() {
                self.found(
                    Clause::FragmentHasTime,
                    line,
                    format!("{file} 有一个片段没有 tfdt"),
                    format!("{file} has a fragment without tfdt"),
                );
            }
            if !fragment.relative {
                self.found(
                    Clause::FragmentRelative,
                    line,
                    format!("{file} 里的位置不从 moof 算起"),
                    format!("offsets in {file} do not count from the moof"),
                );
            }
            if !init.tracks.iter().any(|t| t.id == fragment.track) {
                self.found(
                    Clause::FragmentTrack,
                    line,
                    format!("{file} 属于轨道 {}，初始化分片里没有", fragment.track),
                    format!(
                        "{file} is of track {}, which the initialisation segment lacks",
                        fragment.track
                    ),
                );
            }
        }
        for fragment in list {
            if self
                .sequence
                .is_some_and(|before| fragment.sequence < before)
            {
                self.found(
                    Clause::FragmentOrder,
                    line,
                    format!("{file} 的序号 {} 小于前一个", fragment.sequence),
                    format!(
                        "{file} has sequence number {}, less than the one before",
                        fragment.sequence
                    ),
                );
            }
            self.sequence = Some(fragment.sequence);
        }
    }

    fn times(
        &mut self,
        listed: &crate::lint::playlist::Segment,
        file: &str,
        list: &[Fragment],
        track: &Track,
    ) {
        let scale = f64::from(track.timescale.max(1));
        let own: Vec<&Fragment> = list.iter().filter(|f| f.track == track.id).collect();
        let mut ticks = 0;
        for fragment in &own {
            if let (Some(expected), Some(start)) = (self.expected, fragment.base_time) {
                let gap = start as f64 / scale - expected as f64 / scale;
                if gap.abs() > SAME_TIME {
                    self.found(
                        Clause::Continuous,
                        listed.line,
                        format!("{file} 与前面相差 {gap:.3} 秒"),
                        format!("{file} is {gap:.3} s off what comes before it"),
                    );
                }
            }
            ticks += fragment.duration();
            self.expected = fragment
                .base_time
                .map(|start| start.saturating_add(fragment.duration()));
        }
        // What the edit list skips at the start is decoded and not heard.
        let start = own.first().and_then(|f| f.base_time);
        let hidden = match (&track.entry, start) {
            (Entry::Aac { .. }, Some(start)) => track.edit_start.saturating_sub(start),
            _ => 0,
        };
        let real = ticks.saturating_sub(hidden) as f64 / scale;
        let samples = own.iter().flat_map(|f| &f.samples);
        let frame = f64::from(samples.map(|s| s.duration).max().unwrap_or(0)) / scale;
        let (seconds, line) = (listed.seconds, listed.line);
        if (seconds - real).abs() > frame + SAME_TIME {
            self.found(
                Clause::ExtinfTrue,
                line,
                format!("{file} 真实长 {real:.3} 秒，EXTINF 是 {seconds:.3}"),
                format!("{file} really lasts {real:.3} s, its EXTINF is {seconds:.3}"),
            );
        }
        let target = self.rendition.media.target_duration.map(|(_, t)| t as f64);
        if target.is_some_and(|target| real > target + OVER_TARGET + SAME_TIME) {
            self.found(
                Clause::SegmentNotTooLong,
                line,
                format!("{file} 真实长 {real:.3} 秒"),
                format!("{file} really lasts {real:.3} s"),
            );
        }
        if real <= 0.0 {
            self.found(
                Clause::SegmentNotEmpty,
                line,
                format!("{file} 里没有内容"),
                format!("{file} has nothing in it"),
            );
        }
    }

    fn key_first(
        &mut self,
        line: usize,
        file: &str,
        list: &[Fragment],
        track: &Track,
        slice: Option<u8>,
    ) {
        let first = list.iter().find(|f| f.track == track.id);
        let Some(sample) = first.and_then(|f| f.samples.first()) else {
            return;
        };
        if !sample.sync {
            let clause = if self.independent {
                Clause::IndependentTrue
            } else {
                Clause::SegmentStartsWithKey
            };
            self.found(
                clause,
                line,
                format!("{file} 不以关键帧开始"),
                format!("{file} does not begin with a key frame"),
            );
        } else if let Some(kind) = slice.filter(|kind| *kind != 5) {
            self.found(
                Clause::KeyIsIdr,
                line,
                format!("{file} 的第一帧标为关键帧，切片类型却是 {kind}"),
                format!("the first sample of {file} says it is a sync sample, but its slice is of type {kind}"),
            );
        }
    }
}

fn key_interval(rendition: &Rendition, findings: &mut Findings) {
    let Some(track) = rendition.picture() else {
        return;
    };
    let scale = f64::from(track.timescale.max(1));
    let (mut since, mut longest) = (0_u64, (0_u64, 0));
    let mut frame = 0;
    for (listed, loaded) in rendition.pairs() {
        let Body::Fragments { list, .. } = &loaded.body else {
            return;
        };
        for sample in list
            .iter()
            .filter(|f| f.track == track.id)
            .flat_map(|f| &f.samples)
        {
            if sample.sync {
                since = 0;
            }
            since += u64::from(sample.duration);
            frame = frame.max(sample.duration);
            longest = longest.max((since, listed.line));
        }
    }
    let seconds = longest.0 as f64 / scale;
    if seconds > KEY_INTERVAL + f64::from(frame) / scale + SAME_TIME {
        findings.add(
            Clause::KeyEveryTwoSeconds,
            &rendition.file,
            longest.1,
            format!("两个关键帧最多相隔 {seconds:.2} 秒"),
            format!("key frames are up to {seconds:.2} s apart"),
        );
    }
}
