//! Which introduction, script, subtitles and pictures belong to which video. In: videos and loose files, in order, with
//! what the documents among them say. Out: the videos with their companions, and which files are left. Never opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::kind;
use super::name::{Parts, match_key, split_extension};
use super::{Attachment, Companion, Introduction, Refused, Submission};
use crate::text::Text;

/// Files of one key that are compared with a video; a delivery with more is not one that people made.
const MAX_NAMESAKES: usize = 64;

/// A video, and where it lies.
#[derive(Debug)]
pub(super) struct Video {
    pub(super) region: usize,
    pub(super) place: Place,
    pub(super) submission: Submission,
}

/// A file that may belong to a video.
#[derive(Debug)]
pub(super) struct Loose {
    pub(super) region: usize,
    pub(super) place: Place,
    pub(super) file: Companion,
    pub(super) says: Says,
}

/// What is known of a loose file beside its name.
#[derive(Debug)]
pub(super) enum Says {
    /// Nothing; its name has to do.
    Nothing,
    /// It is a document, and what it says.
    Introduction(Box<Introduction>),
    /// It should be a document and is none.
    Refused(Box<Refused>),
    /// It is a picture or a scan.
    Attachment(Box<Attachment>),
}

/// The place of a file inside the inbox.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// The file's name without its extension.
    pub(super) stem: String,
}

impl Place {
    /// A folder inside a region's folder: a unit's own.
    fn is_units_own(&self) -> bool {
        self.folder.iter().count() >= 2
    }
}

/// Gives the introductions to their videos: by name, in a unit's own folder, and last by what they say. Out: those left.
pub(super) fn pair_introductions(videos: &mut [Video], loose: &[Loose]) -> Vec<usize> {
    let mut used = pair_documents(videos, loose, introduction_keys, give_introduction, |s| {
        s.introduction.is_none()
    });
    for (video, at) in pairs_by_content(videos, loose, &used) {
        used.insert(at);
        give_introduction(&mut videos[video].submission, &loose[at]);
        if let Some(introduction) = &mut videos[video].submission.papers.introduction {
            introduction.by_content = true;
        }
    }
    left(loose, &used)
}

/// Says at each video that has no introduction which file lies in its place. Out: the files that lie in nobody's.
pub(super) fn pair_refused(videos: &mut [Video], loose: &[Loose]) -> Vec<usize> {
    let give = |submission: &mut Submission, loose: &Loose| {
        if let Says::Refused(refused) = &loose.says
            && submission.introduction.is_none()
            && submission.papers.refused.is_none()
        {
            submission.papers.refused = Some((**refused).clone());
        }
    };
    let used = pair_documents(videos, loose, introduction_keys, give, |s| {
        s.introduction.is_none() && s.papers.refused.is_none()
    });
    left(loose, &used)
}

/// Gives the scripts to their videos. Out: those left.
pub(super) fn pair_scripts(videos: &mut [Video], loose: &[Loose]) -> Vec<usize> {
    let give = |submission: &mut Submission, loose: &Loose| {
        submission.papers.script = Some(loose.file.clone());
    };
    let used = pair_documents(videos, loose, script_keys, give, |s| {
        s.papers.script.is_none()
    });
    left(loose, &used)
}

/// Gives pictures and scans to the video whose name they begin with, or that is alone in its unit's own folder. Out:
/// those left.
pub(super) fn pair_attachments(videos: &mut [Video], loose: &[Loose]) -> Vec<usize> {
    let mut used = BTreeSet::new();
    for (at, file) in loose.iter().enumerate() {
        let (Says::Attachment(attachment), Some(video)) = (&file.says, owner(videos, file)) else {
            continue;
        };
        used.insert(at);
        let papers = &mut videos[video].submission.papers;
        papers.attachments.push((**attachment).clone());
    }
    left(loose, &used)
}

/// The video to which a picture belongs.
fn owner(videos: &[Video], file: &Loose) -> Option<usize> {
    let key = match_key(&file.place.stem);
    let named = videos.iter().enumerate().filter(|(_, video)| {
        let wanted = match_key(&video.place.stem);
        video.region == file.region && !wanted.is_empty() && key.starts_with(&wanted)
    });
    // The longest name that fits: 《雨巷》剧照 is not 《雨》's.
    let by_name = named.max_by_key(|(at, video)| (video.place.stem.len(), usize::MAX - at));
    if let Some((video, _)) = by_name {
        return Some(video);
    }
    let mut beside = videos
        .iter()
        .enumerate()
        .filter(|(_, video)| file.place.is_units_own() && video.place.folder == file.place.folder);
    let (video, _) = beside.next()?;
    beside.next().is_none().then_some(video)
}

fn give_introduction(submission: &mut Submission, loose: &Loose) {
    submission.introduction = Some(loose.file.clone());
    if let Says::Introduction(introduction) = &loose.says {
        submission.papers.introduction = Some((**introduction).clone());
    }
}

fn left(loose: &[Loose], used: &BTreeSet<usize>) -> Vec<usize> {
    (0..loose.len()).filter(|at| !used.contains(at)).collect()
}

/// One document a video by their names, then what is left alone in a unit's own folder. Out: the documents given away.
fn pair_documents(
    videos: &mut [Video],
    loose: &[Loose],
    keys: fn(&str) -> Vec<String>,
    give: impl Fn(&mut Submission, &Loose),
    lacks: impl Fn(&Submission) -> bool,
) -> BTreeSet<usize> {
    let index = index_by_key(loose.iter().map(|l| (l.region, keys(&l.place.stem))));
    let mut used = BTreeSet::new();
    for video in videos.iter_mut().filter(|video| lacks(&video.submission)) {
        let key = (video.region, match_key(&video.place.stem));
        let best = index
            .get(&key)
            .into_iter()
            .flatten()
            .take(MAX_NAMESAKES)
            .min_by_key(|at| distance(&video.place, &loose[**at].place, &loose[**at].file.source));
        if let Some(&at) = best {
            used.insert(at);
            give(&mut video.submission, &loose[at]);
        }
    }
    for (video, at) in last_pairs(videos, loose, &used, lacks) {
        used.insert(at);
        give(&mut videos[video].submission, &loose[at]);
    }
    used
}

/// Documents that name the title of just one video without an introduction, which no other document names.
fn pairs_by_content(
    videos: &[Video],
    loose: &[Loose],
    used: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let mut wanted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in left(loose, used) {
        let Says::Introduction(introduction) = &loose[at].says else {
            continue;
        };
        let mut about = videos.iter().enumerate().filter(|(_, video)| {
            let name = &video.submission.name;
            video.region == loose[at].region
                && video.submission.introduction.is_none()
                && name
                    .title
                    .as_ref()
                    .is_some_and(|title| introduction.is_about(name.unit.as_deref(), title))
        });
        if let (Some((video, _)), None) = (about.next(), about.next()) {
            wanted.entry(video).or_default().push(at);
        }
    }
    let alone = wanted
        .into_iter()
        .filter(|(_, documents)| documents.len() == 1);
    alone
        .map(|(video, documents)| (video, documents[0]))
        .collect()
}

/// Gives each subtitle file to one video. Out: those left.
pub(super) fn pair_subtitles(videos: &mut [Video], loose: &[Loose]) -> Vec<usize> {
    let index = index_by_key(
        videos
            .iter()
            .map(|v| (v.region, vec![match_key(&v.place.stem)])),
    );
    let mut used = BTreeSet::new();
    for (at, subtitle) in loose.iter().enumerate() {
        let spoken = without_language(&subtitle.place.stem);
        let found = [subtitle.place.stem.as_str(), spoken]
            .iter()
            .find_map(|stem| index.get(&(subtitle.region, match_key(stem))));
        let best = found
            .into_iter()
            .flatten()
            .take(MAX_NAMESAKES)
            .min_by_key(|video| {
                let place = &videos[**video].place;
                (
                    place.folder != subtitle.place.folder,
                    place.stem != spoken,
                    **video,
                )
            });
        if let Some(&video) = best {
            used.insert(at);
            videos[video]
                .submission
                .subtitles
                .push(subtitle.file.clone());
        }
    }
    for (video, at) in last_pairs(videos, loose, &used, |s| s.subtitles.is_empty()) {
        used.insert(at);
        videos[video]
            .submission
            .subtitles
            .push(loose[at].file.clone());
    }
    left(loose, &used)
}

fn index_by_key(
    keys: impl Iterator<Item = (usize, Vec<String>)>,
) -> BTreeMap<(usize, String), Vec<usize>> {
    let mut index: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, (region, keys)) in keys.enumerate() {
        for key in keys.into_iter().filter(|key| !key.is_empty()) {
            let namesakes = index.entry((region, key)).or_default();
            if namesakes.last() != Some(&at) {
                namesakes.push(at);
            }
        }
    }
    index
}

/// The keys of all videos, with their regions.
pub(super) fn video_keys(videos: &[Video]) -> BTreeSet<(usize, String)> {
    let keyed = |v: &Video| (v.region, match_key(&v.place.stem));
    videos
        .iter()
        .map(keyed)
        .filter(|(_, key)| !key.is_empty())
        .collect()
}

/// The keys under which an introduction is looked for: its own, and the one without `简介`.
pub(super) fn introduction_keys(stem: &str) -> Vec<String> {
    const SUFFIXES: [&str; 8] = [
        "视频简介",
        "视频介绍",
        "作品简介",
        "作品介绍",
        "内容简介",
        "简介",
        "介绍",
        "说明",
    ];
    let key = match_key(stem);
    let bare = SUFFIXES.iter().find_map(|suffix| key.strip_suffix(suffix));
    let bare = bare.map(match_key);
    [Some(key), bare].into_iter().flatten().collect()
}

/// The keys under which a script is looked for: its own without `讲稿`.
fn script_keys(stem: &str) -> Vec<String> {
    let key = match_key(stem);
    let bare = kind::SCRIPT_WORDS
        .iter()
        .find_map(|word| key.strip_suffix(word).or_else(|| key.strip_prefix(word)));
    let bare = bare.map(match_key);
    [Some(key), bare].into_iter().flatten().collect()
}

/// How far an introduction stands from a video, nearest first.
fn distance<'a>(video: &Place, file: &Place, source: &'a str) -> (bool, bool, bool, bool, &'a str) {
    (
        video.folder != file.folder,
        video.stem != file.stem,
        match_key(&video.stem) != match_key(&file.stem),
        !source.to_ascii_lowercase().ends_with(".docx"),
        source,
    )
}

/// In a unit's own folder, one video and one file that are left belong together, unless their units differ.
fn last_pairs(
    videos: &[Video],
    loose: &[Loose],
    used: &BTreeSet<usize>,
    lacks: impl Fn(&Submission) -> bool,
) -> Vec<(usize, usize)> {
    let mut folders: BTreeMap<&PathBuf, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, video) in videos.iter().enumerate() {
        if video.place.is_units_own() && lacks(&video.submission) {
            folders.entry(&video.place.folder).or_default().0.push(at);
        }
    }
    for (at, file) in loose.iter().enumerate() {
        if file.place.is_units_own() && !used.contains(&at) {
            folders.entry(&file.place.folder).or_default().1.push(at);
        }
    }
    let alone = folders.into_values().filter_map(|(videos, files)| {
        Some((videos.first().copied()?, files.first().copied()?))
            .filter(|_| videos.len() == 1 && files.len() == 1)
    });
    alone
        .filter(|(video, file)| !units_differ(&videos[*video].place, &loose[*file].place))
        .collect()
}

fn units_differ(one: &Place, other: &Place) -> bool {
    let unit = |place: &Place| Parts::of(&place.stem).unit.map(|unit| match_key(&unit));
    matches!((unit(one), unit(other)), (Some(one), Some(other)) if one != other)
}

/// A subtitle's stem without its language: `雨.zh-CN`, `雨_中文字幕`.
fn without_language(stem: &str) -> &str {
    const WORDS: [&str; 10] = [
        "字幕", "中文", "英文", "中英", "双语", "简体", "繁体", "简中", "繁中", "中字",
    ];
    const CODES: [&str; 22] = [
        "zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh_cn", "zh_tw", "en-us", "en-gb",
        "utf-8", "gb18030", "utf8", "gbk", "big5", "chs", "cht", "chi", "zho", "eng", "zh", "en",
        "cn",
    ];
    let is_gap = |c: char| c.is_whitespace() || "._-—()（）[]【】&".contains(c);
    let mut text = stem.trim_end_matches(is_gap);
    loop {
        let by_word = WORDS.iter().find_map(|word| text.strip_suffix(word));
        let by_code = || {
            CODES.iter().find_map(|code| {
                let at = text.len().checked_sub(code.len())?;
                let tail = text.get(at..)?;
                (tail.eq_ignore_ascii_case(code) && text[..at].ends_with(is_gap))
                    .then(|| &text[..at])
            })
        };
        let shorter = by_word.or_else(by_code).map(|t| t.trim_end_matches(is_gap));
        match shorter.filter(|shorter| !shorter.is_empty()) {
            Some(shorter) => text = shorter,
            None => return text,
        }
    }
}

/// Whether a document that is left has a video that took another.
pub(super) fn is_spare(file: &Loose, keys: &BTreeSet<(usize, String)>) -> bool {
    introduction_keys(&file.place.stem)
        .into_iter()
        .any(|key| keys.contains(&(file.region, key)))
}

/// What to say of a second introduction to one video.
pub(super) fn spare() -> Text {
    Text::new(
        "同一视频已有一份介绍，这一份没有采用；请确认留哪一份。",
        "its video has another introduction, so this one is not used; please decide which one to keep",
    )
}

/// What to say of a companion without a video.
pub(super) fn no_video(zh: &str, en: &str) -> Text {
    Text::new(
        format!("没有找到同名的视频，这份{zh}没有采用；应有同名的视频：单位《视频名称》.mp4。"),
        format!(
            "no video has this {en}'s name, so it is not used; expected is a video 单位《视频名称》.mp4"
        ),
    )
}

/// What lies in an introduction's place and is not in Word.
pub(super) fn refused_for_its_format(source: &str) -> Refused {
    let format = split_extension(source).1.unwrap_or_default().to_uppercase();
    Refused {
        source: source.to_owned(),
        why: Text::new(
            format!("是 {format} 文件，要求的是 Word 文档"),
            format!("it is a {format} file, and a Word document is asked for"),
        ),
        remedy: Text::new(
            "请用 Word 或 WPS 打开或重新录入，另存为 .docx，取和视频一样的名字，重新发送",
            "open it in Word or WPS, or type it anew, save it as .docx under the video's name, and send that",
        ),
    }
}

/// What to say of an introduction that is not in Word.
pub(super) fn not_word(file_name: &str) -> Text {
    let extension = split_extension(file_name).1.unwrap_or_default();
    Text::new(
        format!("看起来是视频介绍，但格式是 {extension}；请交 Word 文档（.docx 或 .doc）。"),
        format!(
            "looks like an introduction, but is {extension}; please hand in a Word document (.docx or .doc)"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SubmissionId;
    use crate::intake::Papers;
    use crate::intake::name::parse_name;
    use crate::units::Bytes;

    fn place(path: &str) -> Place {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        Place {
            folder: folder.into(),
            stem: split_extension(name).0.to_owned(),
        }
    }

    fn video(path: &str) -> Video {
        let original_name = path.rsplit('/').next().unwrap_or_default().to_owned();
        Video {
            region: 0,
            place: place(path),
            submission: Submission {
                id: SubmissionId::of(path),
                region: String::new(),
                source: path.to_owned(),
                path: path.into(),
                name: parse_name(&original_name),
                original_name,
                bytes: Bytes(1),
                not_a_file: None,
                introduction: None,
                subtitles: Vec::new(),
                papers: Papers::default(),
            },
        }
    }

    fn loose(path: &str) -> Loose {
        Loose {
            region: 0,
            place: place(path),
            file: Companion {
                source: path.to_owned(),
                path: path.into(),
                bytes: Bytes(1),
            },
            says: Says::Nothing,
        }
    }

    fn paths(files: &[Loose], left: &[usize]) -> Vec<String> {
        left.iter()
            .map(|at| files[*at].file.source.clone())
            .collect()
    }

    /// Each video with its introduction, then what is left.
    fn introduced(videos: &[&str], files: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut videos: Vec<_> = videos.iter().map(|v| video(v)).collect();
        let files: Vec<_> = files.iter().map(|f| loose(f)).collect();
        let left = pair_introductions(&mut videos, &files);
        let pairs = videos.iter().map(|v| match &v.submission.introduction {
            Some(file) => file.source.clone(),
            None => "-".into(),
        });
        (pairs.collect(), paths(&files, &left))
    }

    fn subtitled(videos: &[&str], files: &[&str]) -> (Vec<String>, usize) {
        let mut videos: Vec<_> = videos.iter().map(|v| video(v)).collect();
        let files: Vec<_> = files.iter().map(|f| loose(f)).collect();
        let left = pair_subtitles(&mut videos, &files).len();
        let of = |v: &Video| {
            let sources: Vec<_> = v
                .submission
                .subtitles
                .iter()
                .map(|s| s.source.as_str())
                .collect();
            sources.join(" ")
        };
        (videos.iter().map(of).collect(), left)
    }

    #[test]
    fn an_introduction_is_found_however_the_two_names_differ() {
        for file in [
            "r/西华大学《雨》.docx",
            "r/西华大学+雨.docx",
            "r/西华大学《雨》视频简介.doc",
            "r/西华大学《雨》（1）.docx",
            "r/1. 西华大学 〈雨〉介绍.docx",
            "r/other/西华大学《雨》.docx",
        ] {
            assert_eq!(
                introduced(&["r/西华大学《雨》最终版.mp4"], &[file]).0,
                [file]
            );
        }
        assert_eq!(
            introduced(&["r/西华大学《雨》.mp4"], &["r/西华大学《雪》.docx"]).0,
            ["-"]
        );
    }

    #[test]
    fn the_nearest_introduction_wins_and_the_other_is_reported() {
        let (pairs, left) = introduced(
            &["r/a/X《雨》.mp4"],
            &["r/X《雨》.docx", "r/a/X《雨》.doc", "r/a/X《雨》.docx"],
        );
        assert_eq!(pairs, ["r/a/X《雨》.docx"]);
        assert_eq!(left, ["r/X《雨》.docx", "r/a/X《雨》.doc"]);
    }

    #[test]
    fn two_copies_of_a_video_share_its_one_introduction() {
        let (pairs, left) = introduced(&["r/X《雨》.mp4", "r/X《雨》(1).mp4"], &["r/X《雨》.docx"]);
        assert_eq!(pairs, ["r/X《雨》.docx", "r/X《雨》.docx"]);
        assert!(left.is_empty());
    }

    #[test]
    fn in_a_units_own_folder_the_last_two_belong_together() {
        assert_eq!(
            introduced(&["r/西华/成片.mp4"], &["r/西华/简介.docx"]).0,
            ["r/西华/简介.docx"]
        );
        // Not in a region's folder, not where two are left, not where the names say otherwise.
        assert_eq!(introduced(&["r/成片.mp4"], &["r/说明书.docx"]).0, ["-"]);
        let two = introduced(&["r/a/一.mp4", "r/a/二.mp4"], &["r/a/三.docx"]).0;
        assert_eq!(two, ["-", "-"]);
        assert_eq!(
            introduced(&["r/a/甲《雨》.mp4"], &["r/a/乙《雨夜》.docx"]).0,
            ["-"]
        );
    }

    #[test]
    fn subtitles_go_to_one_video_each_with_or_without_a_language() {
        let files = [
            "r/X《雨》.srt",
            "r/X《雨》.zh-CN.srt",
            "r/X《雨》_中文字幕.ass",
            "r/X《雨》(英文).vtt",
            "r/Y《雨》.srt",
        ];
        let (pairs, left) = subtitled(&["r/X《雨》.mp4", "r/X《雨》(1).mp4"], &files);
        assert_eq!(pairs, [files[..4].join(" "), String::new()]);
        assert_eq!(left, 1);
        assert_eq!(
            subtitled(&["r/a/成片.mp4"], &["r/a/字幕.srt"]).0,
            ["r/a/字幕.srt"]
        );
        assert_eq!(
            subtitled(&["r/The Token.mp4"], &["r/The Token.srt"]).0,
            ["r/The Token.srt"]
        );
    }
}
