//! # 中文
//!
//! ## 检查什么
//!
//! 文件是不是一个完整的、能读取的视频。空文件、没传完的文件、改了名的压缩包、播放列表、只有声音没有画面的文件、
//! 太老或太少见的格式，都在这里说明。
//!
//! ## 为什么
//!
//! 读不出来就没法播放，其他规则也没法检查。
//!
//! ## 选项
//!
//! 没有，总是检查。只有“中途断掉但前面能看”的可以放行（`rule = "readable"`），放行后用断掉之前的部分。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the file is a whole video that can be read. Empty files, uploads that broke off, renamed archives, playlists,
//! files with sound and no picture, and formats that are too old or too rare are explained here.
//!
//! ## Why
//!
//! What can not be read can not be shown, and no other rule can look at it.
//!
//! ## Option
//!
//! None; it is always checked. Only a file that breaks off but can be watched up to there can be waived
//! (`rule = "readable"`); then what is there is used.

use super::{Case, Finding, Level, Said, wording};
use crate::preset::Rules;
use crate::probe::Unreadable;
use crate::text::Text;
use crate::units::Millis;

pub(super) const NAME: &str = "readable";

pub(super) fn find(case: &Case, _: &Rules) -> Option<Finding> {
    let said = match case.media {
        Err(why) => explain(why),
        Ok(media) if media.video.is_none() => explain(&Unreadable::NoPicture),
        Ok(media) => breaks_off(media.cut_off_at_ms?),
    };
    Some(said.by(NAME, Level::Requirement, None))
}

/// Whether we know what the file is, and it is not what was asked for: returned, rather than unreadable.
pub(super) fn is_understood(case: &Case) -> bool {
    match case.media {
        Ok(media) => media.video.is_none(),
        Err(why) => matches!(
            why,
            Unreadable::Playlist { .. }
                | Unreadable::NoPicture
                | Unreadable::UnsupportedContainer { .. }
                | Unreadable::UnsupportedCodec { .. }
                | Unreadable::UnsupportedSound { .. }
                | Unreadable::BeyondLimit { .. }
        ),
    }
}

/// Only where there is something to show.
pub(super) fn can_be_waived(case: &Case) -> bool {
    case.media.is_ok_and(|media| media.video.is_some())
}

fn breaks_off(at: Millis) -> Said {
    let at = wording::duration(at);
    Said {
        message: Text::new(
            format!("文件不完整：读到 {}就断了，可能上传中断。", at.zh),
            format!(
                "The file is incomplete: it breaks off at {}; the upload was probably interrupted.",
                at.en
            ),
        ),
        measured: Text::new(
            format!("在 {}处断掉", at.zh),
            format!("breaks off at {}", at.en),
        ),
        allowed: whole_video(),
        remedy: send_again(),
    }
}

fn whole_video() -> Text {
    Text::new(
        "完整、可以播放的视频文件",
        "a whole video file that can be played",
    )
}

/// Each kind in words that a secretary can forward.
fn explain(why: &Unreadable) -> Said {
    let (measured, message, remedy) = match why {
        Unreadable::Empty => (
            Text::new("0 字节", "0 bytes"),
            Text::new("文件是空的（0 字节）。", "The file is empty (0 bytes)."),
            send_again(),
        ),
        Unreadable::NotAFile { what } => not_a_file(what),
        Unreadable::Playlist { format } => playlist(format),
        Unreadable::NotAVideo { looks_like } => not_a_video(looks_like),
        Unreadable::Incomplete { detail } => (
            detail.clone(),
            Text::new(
                "文件不完整，可能上传中断，请重新发送。",
                "The file is incomplete; the upload was probably interrupted. Please send it again.",
            ),
            send_again(),
        ),
        Unreadable::NoPicture => no_picture(),
        Unreadable::UnsupportedContainer { format } => {
            unsupported(format, &Text::new("文件的格式", "The file's format"))
        }
        Unreadable::UnsupportedCodec { codec } => {
            unsupported(codec, &Text::new("视频的编码", "The video's codec"))
        }
        Unreadable::UnsupportedSound { codec } => {
            let name = if codec == "none" { "unknown" } else { codec };
            unsupported(name, &Text::new("声音的编码", "The sound's codec"))
        }
        Unreadable::BeyondLimit {
            what,
            actual,
            limit,
        } => beyond_limit(what, *actual, *limit),
        Unreadable::Damaged { detail } => (
            Text::same(detail),
            Text::new(
                "文件已损坏，画面或声音的数据有错，无法解码。",
                "The file is damaged: its picture or sound data is wrong and can not be decoded.",
            ),
            damaged_remedy(),
        ),
        Unreadable::WorkerFailed { detail } => worker_failed(detail),
    };
    Said {
        measured,
        allowed: whole_video(),
        message,
        remedy,
    }
}

fn send_again() -> Text {
    Text::new(
        "请先在自己的电脑上从头到尾播放一遍，确认正常，再重新发送；网盘上传请等到显示“完成”。\
         如果自己的文件也不能播放，请从剪映、Premiere 的工程重新导出。",
        "Please play it from beginning to end on your own computer first, then send it again and wait until the upload \
         is reported as finished. If your own file does not play either, export it again from CapCut or Premiere.",
    )
}

fn damaged_remedy() -> Text {
    Text::new(
        "请从剪映、Premiere 的工程重新导出为 mp4（H.264）再发送；没有工程的，用格式工厂选“→MP4”转换原文件，\
         转换后从头到尾看一遍。",
        "Please export it again as mp4 (H.264) from the CapCut or Premiere project and send that; without a project, \
         convert the original with Format Factory to MP4 and watch the result from beginning to end.",
    )
}

fn not_a_file(what: &Text) -> (Text, Text, Text) {
    (
        what.clone(),
        Text::new(
            format!("这不是文件，而是{}，没有打开。", what.zh),
            format!("This is not a file but {}; it was not opened.", what.en),
        ),
        Text::new(
            "请发送视频文件本身，不要发送快捷方式或链接。",
            "Please send the video file itself, not a shortcut or a link.",
        ),
    )
}

fn playlist(format: &str) -> (Text, Text, Text) {
    (
        Text::new(format!("{format} 播放列表"), format!("{format} playlist")),
        Text::new(
            format!("这不是视频，而是一个 {format} 播放列表（只有几行文字，指向别处的文件）。"),
            format!(
                "The file is a playlist ({format}), not a video: a few lines of text that point at files elsewhere."
            ),
        ),
        Text::new(
            "请发送视频本身：从剪映、Premiere 的工程导出 mp4（H.264）；从网上缓存的，请用下载工具导出完整的 mp4，\
             不要只改名字。",
            "Please send the video itself: export mp4 (H.264) from the CapCut or Premiere project; if it was saved from a \
             website, export the whole mp4 with the download tool. Renaming does not help.",
        ),
    )
}

fn not_a_video(looks_like: &Text) -> (Text, Text, Text) {
    (
        looks_like.clone(),
        Text::new(
            format!("这不是视频文件，看起来是“{}”。", looks_like.zh),
            format!("The file is not a video; it looks like {}.", looks_like.en),
        ),
        Text::new(
            "请发送视频文件本身。是压缩包的，请先解压，发送里面的视频，不要把压缩包改名为 .mp4；\
             是剪映、Premiere 的工程文件的，请先导出为 mp4（H.264）。",
            "Please send the video file itself. If this is an archive, unpack it and send the video in it, instead of \
             renaming the archive to .mp4; if it is a CapCut or Premiere project, export it as mp4 (H.264) first.",
        ),
    )
}

fn no_picture() -> (Text, Text, Text) {
    (
        Text::new("没有动态画面", "no moving picture"),
        Text::new(
            "文件里没有动态画面，只有声音或一张封面。",
            "There is no moving picture in the file, only sound or a cover.",
        ),
        Text::new(
            "请带画面重新导出。剪映：导出时勾选“视频导出”，不要只选“音频导出”；\
             Premiere：格式选 H.264，勾选“导出视频”；格式工厂：在“视频”里选“→MP4”，不要选“音频”。",
            "Please export it again with the picture. CapCut: tick Export video, not only Export audio; Premiere: \
             format H.264, tick Export Video; Format Factory: choose MP4 under Video, not under Audio.",
        ),
    )
}

fn unsupported(name: &str, what: &Text) -> (Text, Text, Text) {
    (
        Text::same(name),
        Text::new(
            format!("{}是 {name}，不在可以处理的范围内。", what.zh),
            format!(
                "{} is {name}, which is not on the list of what can be read.",
                what.en
            ),
        ),
        Text::new(
            "请重新导出为 mp4，编码选 H.264。剪映：格式 mp4，编码 H.264；Premiere：文件 → 导出 → 媒体，格式 H.264；\
             格式工厂：选“→MP4”，视频编码 AVC (H.264)。",
            "Please export it again as mp4 with H.264. CapCut: format mp4, codec H.264; Premiere: File, Export, Media, \
             format H.264; Format Factory: choose MP4, video codec AVC (H.264).",
        ),
    )
}

fn beyond_limit(what: &Text, actual: u64, limit: u64) -> (Text, Text, Text) {
    (
        Text::new(
            format!("{} {actual}", what.zh),
            format!("{}: {actual}", what.en),
        ),
        Text::new(
            format!(
                "文件不正常：{}是 {actual}，超过 {limit} 的上限，没有继续读取。",
                what.zh
            ),
            format!(
                "The file is not normal: {} is {actual}, over the limit of {limit}, so it was not read any further.",
                what.en
            ),
        ),
        damaged_remedy(),
    )
}

fn worker_failed(detail: &Text) -> (Text, Text, Text) {
    (
        detail.clone(),
        Text::new(
            format!("读取这个文件的程序没有完成：{}。", detail.zh),
            format!(
                "The program that reads the file did not finish: {}.",
                detail.en
            ),
        ),
        Text::new(
            "请秘书处再运行一次；仍然如此的，请对方用剪映、Premiere 或格式工厂重新导出为 mp4（H.264）再发送。",
            "For the secretariat: run it once more. If it happens again, ask for a new export as mp4 (H.264) from CapCut, \
             Premiere or Format Factory.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    /// All kinds that are returned, or all that are unreadable, as a reader of both languages sees them.
    fn explained(is_returned: bool) -> String {
        let (submission, media) = (sample::submission(), sample::media());
        let kinds = sample::unreadable();
        let cases = kinds.iter().map(|why| Case {
            media: Err(why),
            ..sample::case(&submission, &media)
        });
        let pages: Vec<_> = cases
            .filter(|case| is_understood(case) == is_returned)
            .map(|case| sample::shown(find(&case, &Rules::default())))
            .collect();
        pages.join("\n\n")
    }

    #[test]
    fn what_is_returned_is_explained_in_plain_words_with_a_way_out() {
        insta::assert_snapshot!(explained(true), @r"
        readable Requirement None
        HLS 播放列表
        HLS playlist
        完整、可以播放的视频文件
        a whole video file that can be played
        这不是视频，而是一个 HLS 播放列表（只有几行文字，指向别处的文件）。
        The file is a playlist (HLS), not a video: a few lines of text that point at files elsewhere.
        请发送视频本身：从剪映、Premiere 的工程导出 mp4（H.264）；从网上缓存的，请用下载工具导出完整的 mp4，不要只改名字。
        Please send the video itself: export mp4 (H.264) from the CapCut or Premiere project; if it was saved from a website, export the whole mp4 with the download tool. Renaming does not help.

        readable Requirement None
        没有动态画面
        no moving picture
        完整、可以播放的视频文件
        a whole video file that can be played
        文件里没有动态画面，只有声音或一张封面。
        There is no moving picture in the file, only sound or a cover.
        请带画面重新导出。剪映：导出时勾选“视频导出”，不要只选“音频导出”；Premiere：格式选 H.264，勾选“导出视频”；格式工厂：在“视频”里选“→MP4”，不要选“音频”。
        Please export it again with the picture. CapCut: tick Export video, not only Export audio; Premiere: format H.264, tick Export Video; Format Factory: choose MP4 under Video, not under Audio.

        readable Requirement None
        rm
        完整、可以播放的视频文件
        a whole video file that can be played
        文件的格式是 rm，不在可以处理的范围内。
        The file's format is rm, which is not on the list of what can be read.
        请重新导出为 mp4，编码选 H.264。剪映：格式 mp4，编码 H.264；Premiere：文件 → 导出 → 媒体，格式 H.264；格式工厂：选“→MP4”，视频编码 AVC (H.264)。
        Please export it again as mp4 with H.264. CapCut: format mp4, codec H.264; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, video codec AVC (H.264).

        readable Requirement None
        cinepak
        完整、可以播放的视频文件
        a whole video file that can be played
        视频的编码是 cinepak，不在可以处理的范围内。
        The video's codec is cinepak, which is not on the list of what can be read.
        请重新导出为 mp4，编码选 H.264。剪映：格式 mp4，编码 H.264；Premiere：文件 → 导出 → 媒体，格式 H.264；格式工厂：选“→MP4”，视频编码 AVC (H.264)。
        Please export it again as mp4 with H.264. CapCut: format mp4, codec H.264; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, video codec AVC (H.264).

        readable Requirement None
        unknown
        完整、可以播放的视频文件
        a whole video file that can be played
        声音的编码是 unknown，不在可以处理的范围内。
        The sound's codec is unknown, which is not on the list of what can be read.
        请重新导出为 mp4，编码选 H.264。剪映：格式 mp4，编码 H.264；Premiere：文件 → 导出 → 媒体，格式 H.264；格式工厂：选“→MP4”，视频编码 AVC (H.264)。
        Please export it again as mp4 with H.264. CapCut: format mp4, codec H.264; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, video codec AVC (H.264).

        readable Requirement None
        轨道数 400
        number of tracks: 400
        完整、可以播放的视频文件
        a whole video file that can be played
        文件不正常：轨道数是 400，超过 64 的上限，没有继续读取。
        The file is not normal: number of tracks is 400, over the limit of 64, so it was not read any further.
        请从剪映、Premiere 的工程重新导出为 mp4（H.264）再发送；没有工程的，用格式工厂选“→MP4”转换原文件，转换后从头到尾看一遍。
        Please export it again as mp4 (H.264) from the CapCut or Premiere project and send that; without a project, convert the original with Format Factory to MP4 and watch the result from beginning to end.
        ");
    }

    #[test]
    fn what_is_unreadable_is_explained_in_plain_words_with_a_way_out() {
        insta::assert_snapshot!(explained(false), @r"
        readable Requirement None
        0 字节
        0 bytes
        完整、可以播放的视频文件
        a whole video file that can be played
        文件是空的（0 字节）。
        The file is empty (0 bytes).
        请先在自己的电脑上从头到尾播放一遍，确认正常，再重新发送；网盘上传请等到显示“完成”。如果自己的文件也不能播放，请从剪映、Premiere 的工程重新导出。
        Please play it from beginning to end on your own computer first, then send it again and wait until the upload is reported as finished. If your own file does not play either, export it again from CapCut or Premiere.

        readable Requirement None
        一个链接
        a link
        完整、可以播放的视频文件
        a whole video file that can be played
        这不是文件，而是一个链接，没有打开。
        This is not a file but a link; it was not opened.
        请发送视频文件本身，不要发送快捷方式或链接。
        Please send the video file itself, not a shortcut or a link.

        readable Requirement None
        ZIP 压缩包
        a ZIP archive
        完整、可以播放的视频文件
        a whole video file that can be played
        这不是视频文件，看起来是“ZIP 压缩包”。
        The file is not a video; it looks like a ZIP archive.
        请发送视频文件本身。是压缩包的，请先解压，发送里面的视频，不要把压缩包改名为 .mp4；是剪映、Premiere 的工程文件的，请先导出为 mp4（H.264）。
        Please send the video file itself. If this is an archive, unpack it and send the video in it, instead of renaming the archive to .mp4; if it is a CapCut or Premiere project, export it as mp4 (H.264) first.

        readable Requirement None
        moov atom not found
        完整、可以播放的视频文件
        a whole video file that can be played
        文件不完整，可能上传中断，请重新发送。
        The file is incomplete; the upload was probably interrupted. Please send it again.
        请先在自己的电脑上从头到尾播放一遍，确认正常，再重新发送；网盘上传请等到显示“完成”。如果自己的文件也不能播放，请从剪映、Premiere 的工程重新导出。
        Please play it from beginning to end on your own computer first, then send it again and wait until the upload is reported as finished. If your own file does not play either, export it again from CapCut or Premiere.

        readable Requirement None
        1586 of 4500 frames can not be decoded
        完整、可以播放的视频文件
        a whole video file that can be played
        文件已损坏，画面或声音的数据有错，无法解码。
        The file is damaged: its picture or sound data is wrong and can not be decoded.
        请从剪映、Premiere 的工程重新导出为 mp4（H.264）再发送；没有工程的，用格式工厂选“→MP4”转换原文件，转换后从头到尾看一遍。
        Please export it again as mp4 (H.264) from the CapCut or Premiere project and send that; without a project, convert the original with Format Factory to MP4 and watch the result from beginning to end.

        readable Requirement None
        60 秒没有进展
        no progress for 60 s
        完整、可以播放的视频文件
        a whole video file that can be played
        读取这个文件的程序没有完成：60 秒没有进展。
        The program that reads the file did not finish: no progress for 60 s.
        请秘书处再运行一次；仍然如此的，请对方用剪映、Premiere 或格式工厂重新导出为 mp4（H.264）再发送。
        For the secretariat: run it once more. If it happens again, ask for a new export as mp4 (H.264) from CapCut, Premiere or Format Factory.
        ");
    }

    #[test]
    fn a_file_that_breaks_off_says_where() {
        let mut media = sample::media();
        media.cut_off_at_ms = Some(Millis(61_500));
        let found = find(
            &sample::case(&sample::submission(), &media),
            &Rules::default(),
        );
        insta::assert_snapshot!(sample::shown(found), @r"
        readable Requirement None
        在 1 分 1.5 秒处断掉
        breaks off at 1 min 1.5 s
        完整、可以播放的视频文件
        a whole video file that can be played
        文件不完整：读到 1 分 1.5 秒就断了，可能上传中断。
        The file is incomplete: it breaks off at 1 min 1.5 s; the upload was probably interrupted.
        请先在自己的电脑上从头到尾播放一遍，确认正常，再重新发送；网盘上传请等到显示“完成”。如果自己的文件也不能播放，请从剪映、Premiere 的工程重新导出。
        Please play it from beginning to end on your own computer first, then send it again and wait until the upload is reported as finished. If your own file does not play either, export it again from CapCut or Premiere.
        ");
    }

    #[test]
    fn measured_media_without_a_picture_are_returned_and_can_not_be_waived() {
        let mut media = sample::media();
        media.video = None;
        let submission = sample::submission();
        let case = sample::case(&submission, &media);
        assert!(find(&case, &Rules::default()).is_some());
        assert!(is_understood(&case) && !can_be_waived(&case));
    }
}
