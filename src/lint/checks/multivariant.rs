//! What RFC 8216 and Apple ask of a multivariant playlist, and of media playlists beside each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::lint::attributes::Attributes;
use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::package::{Body, Package, Rendition};
use crate::lint::playlist::{Multivariant, Playlist};

/// Apple 1.32: the bit rate to start with.
const FIRST: u64 = 2_000_000;
/// RFC 8216 §6.2.4: timestamps and cuts that should be the same may differ by this, in seconds.
const SAME_TIME: f64 = 0.002;
/// Apple 8.3, 8.7: picture and sound may differ by a frame of each, in seconds.
const SAME_TOTAL: f64 = 0.1;
/// Sides of a picture are even numbers: a ratio may be off by this many pixels.
const ASPECT_PIXELS: f64 = 2.0;

pub(super) fn check(package: &Package, findings: &mut Findings) {
    let Some((file, playlist, content)) = &package.multivariant else {
        return;
    };
    let page = Page { file, findings };
    page.check(playlist, content);
}

struct Page<'a> {
    file: &'a str,
    findings: &'a mut Findings,
}

impl Page<'_> {
    fn check(mut self, playlist: &Playlist, content: &Multivariant) {
        if content.variants.is_empty() {
            self.found(
                Clause::SomethingToPlay,
                None,
                "没有码率版本",
                "it lists no variant",
            );
        }
        if playlist.independent.is_none() {
            self.found(
                Clause::IndependentDeclared,
                None,
                "没有 EXT-X-INDEPENDENT-SEGMENTS",
                "there is no EXT-X-INDEPENDENT-SEGMENTS",
            );
        }
        self.version(playlist, content);
        self.start(playlist);
        for (list, _) in &content.variants {
            self.variant(list);
        }
        for list in &content.media {
            self.rendition(list);
        }
        for list in &content.i_frames {
            self.i_frames(list);
        }
        self.groups(content);
        self.references(content);
        self.session(content);
        self.choice(content);
    }

    fn found(
        &mut self,
        clause: Clause,
        line: impl Into<Option<usize>>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.findings.add(clause, self.file, line, zh, en);
    }

    fn missing(&mut self, clause: Clause, list: &Attributes, name: &str) {
        if !list.has(name) {
            self.found(
                clause,
                list.line,
                format!("没有 {name}"),
                format!("there is no {name}"),
            );
        }
    }

    fn version(&mut self, playlist: &Playlist, content: &Multivariant) {
        let version = playlist.version.map_or(1, |(_, version)| version);
        let is_service = |l: &&Attributes| {
            l.get("INSTREAM-ID")
                .is_some_and(|id| id.starts_with("SERVICE"))
        };
        if let Some(list) = content
            .media
            .iter()
            .find(is_service)
            .filter(|_| version < 7)
        {
            self.found(
                Clause::VersionFits,
                list.line,
                format!("版本是 {version}，SERVICE 至少要 7"),
                format!("the version is {version}, and SERVICE needs 7"),
            );
        }
    }

    fn start(&mut self, playlist: &Playlist) {
        if let Some(start) = &playlist.start {
            self.missing(Clause::StartRequired, start, "TIME-OFFSET");
        }
    }

    fn variant(&mut self, list: &Attributes) {
        self.missing(Clause::BandwidthRequired, list, "BANDWIDTH");
        self.missing(Clause::CodecsRequired, list, "CODECS");
        self.missing(Clause::AverageBandwidthRequired, list, "AVERAGE-BANDWIDTH");
        if !is_sound_only(list) {
            self.missing(Clause::ResolutionRequired, list, "RESOLUTION");
            self.missing(Clause::FrameRateRequired, list, "FRAME-RATE");
        }
    }

    fn rendition(&mut self, list: &Attributes) {
        for name in ["TYPE", "GROUP-ID", "NAME"] {
            self.missing(Clause::MediaRequired, list, name);
        }
        let kind = list.get("TYPE").unwrap_or_default();
        let (is_captions, is_subtitles) = (kind == "CLOSED-CAPTIONS", kind == "SUBTITLES");
        if (is_captions && list.has("URI")) || (is_subtitles && !list.has("URI")) {
            self.found(
                Clause::MediaUri,
                list.line,
                format!("TYPE={kind} 的 URI 多了或缺了"),
                format!("TYPE={kind} has a URI too many or lacks one"),
            );
        }
        let id = list.get("INSTREAM-ID");
        if is_captions != id.is_some() || id.is_some_and(|id| !is_instream_id(id)) {
            let id = id.unwrap_or("-");
            self.found(
                Clause::InstreamId,
                list.line,
                format!("TYPE={kind}，INSTREAM-ID 是 {id}"),
                format!("TYPE={kind} has INSTREAM-ID {id}"),
            );
        }
        if list.has("FORCED") && !is_subtitles {
            self.found(
                Clause::ForcedOnSubtitles,
                list.line,
                format!("TYPE={kind} 有 FORCED"),
                format!("TYPE={kind} has FORCED"),
            );
        }
        if list.yes("DEFAULT") && list.get("AUTOSELECT") == Some("NO") {
            self.found(
                Clause::DefaultIsAutoselect,
                list.line,
                "DEFAULT=YES，AUTOSELECT=NO",
                "DEFAULT=YES stands beside AUTOSELECT=NO",
            );
        }
        if kind != "VIDEO" && !kind.is_empty() {
            self.missing(Clause::LanguageRequired, list, "LANGUAGE");
        }
        for name in ["LANGUAGE", "ASSOC-LANGUAGE"] {
            if let Some(tag) = list.get(name).filter(|tag| !is_language(tag)) {
                self.found(
                    Clause::LanguageForm,
                    list.line,
                    format!("{name}=“{tag}”"),
                    format!("{name} is \"{tag}\""),
                );
            }
        }
    }

    fn i_frames(&mut self, list: &Attributes) {
        self.missing(Clause::IFrameStreamRequired, list, "BANDWIDTH");
        self.missing(Clause::IFrameStreamRequired, list, "URI");
        self.missing(Clause::IFrameCodecs, list, "CODECS");
        self.missing(Clause::IFrameResolution, list, "RESOLUTION");
    }

    fn groups(&mut self, content: &Multivariant) {
        let mut groups: BTreeMap<(&str, &str), Vec<&Attributes>> = BTreeMap::new();
        for list in &content.media {
            if let (Some(kind), Some(group)) = (list.get("TYPE"), list.get("GROUP-ID")) {
                groups.entry((kind, group)).or_default().push(list);
            }
        }
        for members in groups.values() {
            self.group(members);
        }
        // §4.3.4.1.1: the same members in every group of a type.
        let names = |members: &[&Attributes]| -> BTreeSet<String> {
            let name = |l: &&Attributes| l.get("NAME").map(str::to_owned);
            members.iter().filter_map(name).collect()
        };
        let mut first: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for ((kind, group), members) in &groups {
            let own = names(members);
            let other = first.entry(kind).or_insert_with(|| own.clone());
            if *other != own {
                self.found(
                    Clause::GroupsAlike,
                    members[0].line,
                    format!("{kind} 组 {group} 的成员与另一组不同"),
                    format!("the {kind} group {group} has other members than another group"),
                );
            }
        }
    }

    fn group(&mut self, members: &[&Attributes]) {
        let mut names = BTreeSet::new();
        let mut selections = BTreeSet::new();
        let mut defaults = 0;
        for list in members {
            if let Some(name) = list.get("NAME")
                && !names.insert(name)
            {
                self.found(
                    Clause::NameUnique,
                    list.line,
                    format!("NAME=“{name}”重复"),
                    format!("the NAME \"{name}\" is there already"),
                );
            }
            defaults += usize::from(list.yes("DEFAULT"));
            if list.yes("DEFAULT") && defaults > 1 {
                self.found(
                    Clause::OneDefault,
                    list.line,
                    format!("第 {defaults} 个 DEFAULT=YES"),
                    format!("this is DEFAULT=YES number {defaults}"),
                );
            }
            let selection = [
                "LANGUAGE",
                "ASSOC-LANGUAGE",
                "FORCED",
                "CHARACTERISTICS",
                "INSTREAM-ID",
            ]
            .map(|name| list.get(name).unwrap_or_default());
            if list.yes("AUTOSELECT") && !selections.insert(selection) {
                self.found(
                    Clause::AutoselectDistinct,
                    list.line,
                    "与同组另一个 AUTOSELECT=YES 的语言等相同",
                    "another AUTOSELECT=YES of the group has the same language",
                );
            }
        }
    }

    fn references(&mut self, content: &Multivariant) {
        let mut used = BTreeSet::new();
        let lists = content.variants.iter().map(|(list, _)| list);
        for list in lists.chain(&content.i_frames) {
            for kind in ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"] {
                let Some(group) = list.get(kind) else {
                    continue;
                };
                if kind == "CLOSED-CAPTIONS" && group == "NONE" {
                    continue;
                }
                used.insert((kind, group));
                let defines = |m: &Attributes| {
                    m.get("TYPE") == Some(kind) && m.get("GROUP-ID") == Some(group)
                };
                if !content.media.iter().any(defines) {
                    self.found(
                        Clause::GroupDefined,
                        list.line,
                        format!("{kind}=“{group}”没有定义"),
                        format!("{kind}=\"{group}\" is defined nowhere"),
                    );
                }
            }
        }
        for list in &content.media {
            if let (Some(kind), Some(group)) = (list.get("TYPE"), list.get("GROUP-ID"))
                && !used.contains(&(kind, group))
            {
                self.found(
                    Clause::GroupUsed,
                    list.line,
                    format!("没有版本引用 {kind} 组“{group}”"),
                    format!("no variant uses the {kind} group \"{group}\""),
                );
            }
        }
        let captions = |l: &Attributes| l.get("CLOSED-CAPTIONS") == Some("NONE");
        let none = content.variants.iter().filter(|(l, _)| captions(l)).count();
        if none > 0
            && let Some((list, _)) = content.variants.iter().find(|(l, _)| !captions(l))
        {
            self.found(
                Clause::ClosedCaptionsNone,
                list.line,
                format!("{none} 个版本写了 CLOSED-CAPTIONS=NONE，这个没有"),
                format!("{none} variants say CLOSED-CAPTIONS=NONE, this one does not"),
            );
        }
    }

    fn session(&mut self, content: &Multivariant) {
        for list in &content.session_data {
            if !list.has("DATA-ID") || list.has("VALUE") == list.has("URI") {
                self.found(
                    Clause::SessionDataRequired,
                    list.line,
                    "缺少 DATA-ID，或 VALUE 与 URI 不是恰好一个",
                    "DATA-ID is missing, or there is not exactly one of VALUE and URI",
                );
            }
        }
        for list in &content.session_keys {
            let method = list.get("METHOD");
            if method.is_none_or(|m| m == "NONE") || !list.has("URI") {
                self.found(
                    Clause::SessionKeyRequired,
                    list.line,
                    "缺少 URI，或 METHOD 缺少或是 NONE",
                    "URI or METHOD is missing, or METHOD is NONE",
                );
            }
        }
    }

    fn choice(&mut self, content: &Multivariant) {
        let pictures: Vec<&Attributes> = content
            .variants
            .iter()
            .map(|(list, _)| list)
            .filter(|list| !is_sound_only(list))
            .collect();
        let rates: BTreeSet<_> = pictures
            .iter()
            .filter_map(|l| l.integer("BANDWIDTH"))
            .collect();
        if rates.len() == 1 && pictures.len() == 1 {
            self.found(
                Clause::SeveralRates,
                None,
                "只有一种码率",
                "there is one bit rate only",
            );
        }
        if let Some(first) = pictures.first()
            && !["BANDWIDTH", "AVERAGE-BANDWIDTH"]
                .iter()
                .any(|name| is_nearest(&pictures, name))
        {
            let rate = first.integer("BANDWIDTH").unwrap_or(0) / 1000;
            self.found(
                Clause::FirstVariant,
                first.line,
                format!("第一个版本是 {rate} kb/s，另有更接近 2000 kb/s 的"),
                format!("the first variant has {rate} kb/s; another is nearer to 2000 kb/s"),
            );
        }
        let sizes: Vec<_> = pictures
            .iter()
            .filter_map(|l| Some((l.line, l.resolution()?)))
            .collect();
        let Some((_, largest)) = sizes.iter().max_by_key(|(_, (w, h))| w.saturating_mul(*h)) else {
            return;
        };
        for (line, (width, height)) in &sizes {
            let wanted = largest.0 as f64 * *height as f64 / (largest.1.max(1)) as f64;
            if (wanted - *width as f64).abs() > ASPECT_PIXELS {
                self.found(
                    Clause::OneAspect,
                    *line,
                    format!(
                        "{width}x{height} 与 {}x{} 的宽高比不同",
                        largest.0, largest.1
                    ),
                    format!(
                        "{width}x{height} has another aspect ratio than {}x{}",
                        largest.0, largest.1
                    ),
                );
            }
        }
    }
}

fn is_nearest(variants: &[&Attributes], name: &str) -> bool {
    let distance = |l: &Attributes| l.integer(name).map(|rate| rate.abs_diff(FIRST));
    let nearest = variants.iter().filter_map(|l| distance(l)).min();
    variants.first().and_then(|l| distance(l)) == nearest
}

/// By CODECS: only sound in it.
pub(super) fn is_sound_only(list: &Attributes) -> bool {
    let sounds = ["mp4a", "ac-3", "ec-3", "alac", "fLaC", "Opus"];
    list.get("CODECS").is_some_and(|codecs| {
        codecs
            .split(',')
            .all(|codec| sounds.iter().any(|s| codec.trim().starts_with(s)))
    })
}

fn is_instream_id(id: &str) -> bool {
    let service = |id: &str| {
        let number = id.strip_prefix("SERVICE")?.parse::<u8>().ok()?;
        (1..=63).contains(&number).then_some(())
    };
    ["CC1", "CC2", "CC3", "CC4"].contains(&id) || service(id).is_some()
}

/// RFC 5646 §2.1, as far as lengths and letters go.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let letters = first.bytes().all(|b| b.is_ascii_alphabetic());
    let rest = |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    letters
        && ((2..=8).contains(&first.len()) || first.eq_ignore_ascii_case("x"))
        && parts.all(rest)
}

/// Variants and renditions against each other (RFC 8216 §6.2.4; Apple 8).
pub(super) fn beside_each_other(package: &Package, findings: &mut Findings) {
    let Some(content) = package.multivariant() else {
        return;
    };
    let mut variants: Vec<&Rendition> = Vec::new();
    for (_, uri) in &content.variants {
        if let Some(rendition) = package.rendition(uri.as_deref())
            && !variants.iter().any(|other| std::ptr::eq(*other, rendition))
        {
            variants.push(rendition);
        }
    }
    let Some((first, others)) = variants.split_first() else {
        return;
    };
    for other in others {
        aligned(first, other, findings);
    }
    let played: Vec<&Rendition> = package
        .renditions
        .iter()
        .filter(|r| !package.is_i_frames(r))
        .collect();
    let of_first = first.media.target_duration.map(|(_, target)| target);
    for other in &played {
        let target = other.media.target_duration;
        if let (Some(wanted), Some((line, target))) = (of_first, target)
            && target != wanted
            && !(other.is_subtitles() && other.media.kind.is_some())
        {
            findings.add(
                Clause::SameTarget,
                &other.file,
                line,
                format!("目标时长 {target} 秒，{} 是 {wanted} 秒", first.file),
                format!(
                    "the target is {target} s, that of {} is {wanted} s",
                    first.file
                ),
            );
        }
        let (own, wanted) = (other.seconds(), first.seconds());
        let is_empty = other.media.segments.is_empty();
        if !other.is_subtitles() && !is_empty && (own - wanted).abs() > SAME_TOTAL {
            findings.add(
                Clause::SameTotal,
                &other.file,
                None,
                format!("总长 {own:.3} 秒，{} 是 {wanted:.3} 秒", first.file),
                format!("it lasts {own:.3} s, {} lasts {wanted:.3} s", first.file),
            );
        }
        if other.is_subtitles() && own + SAME_TOTAL < wanted {
            findings.add(
                Clause::SubtitlesCover,
                &other.file,
                None,
                format!("字幕列表 {own:.3} 秒，影片 {wanted:.3} 秒"),
                format!("the subtitles last {own:.3} s, the film {wanted:.3} s"),
            );
        }
    }
}

fn aligned(first: &Rendition, other: &Rendition, findings: &mut Findings) {
    let mut tell = |line: Option<usize>, zh: String, en: String| {
        findings.add(Clause::Aligned, &other.file, line, zh, en);
    };
    let (count, wanted) = (other.media.segments.len(), first.media.segments.len());
    if count != wanted {
        tell(
            None,
            format!("{count} 个分片，{} 有 {wanted} 个", first.file),
            format!("it has {count} segments, {} has {wanted}", first.file),
        );
        return;
    }
    let (mut own_time, mut first_time) = (0.0, 0.0);
    for (index, ((own, loaded), (mate, mate_loaded))) in
        other.pairs().zip(first.pairs()).enumerate()
    {
        own_time += own.seconds;
        first_time += mate.seconds;
        let starts = start_of(other, loaded).zip(start_of(first, mate_loaded));
        let starts_apart = starts.is_some_and(|(a, b)| (a - b).abs() > SAME_TIME);
        if (own_time - first_time).abs() > SAME_TIME
            || starts_apart
            || own.discontinuity != mate.discontinuity
        {
            tell(
                Some(own.line),
                format!("第 {} 个分片与 {} 的不在同一时间", index + 1, first.file),
                format!(
                    "segment {} is not at the same time as that of {}",
                    index + 1,
                    first.file
                ),
            );
            return;
        }
    }
}

/// Decoding time of a segment's first sample, in seconds.
fn start_of(rendition: &Rendition, loaded: &crate::lint::package::Loaded) -> Option<f64> {
    let Body::Fragments { list, .. } = &loaded.body else {
        return None;
    };
    let track = rendition.picture()?;
    let fragment = list.iter().find(|f| f.track == track.id)?;
    Some(fragment.base_time? as f64 / f64::from(track.timescale.max(1)))
}
