//! What intake finds against a region. In: facts. Out: a complete [`Finding`] in both languages. Never against a
//! submission: those are judged by `check`.

use super::recommendation::{self, ListFile};
use crate::check::{Finding, Level};
use crate::text::Text;
use crate::units::Bytes;

fn finding(rule: &str, level: Level, [measured, allowed, message, remedy]: [Text; 4]) -> Finding {
    Finding {
        rule: rule.to_owned(),
        level,
        clause: None,
        measured,
        allowed,
        message,
        remedy,
        repaired: None,
        waived: None,
    }
}

/// A region of the notice from which no video came.
pub(super) fn region_missing(region: &str) -> Finding {
    finding(
        "region-missing",
        Level::Requirement,
        [
            Text::new("0 个视频", "0 videos"),
            Text::new("至少 1 个视频", "at least 1 video"),
            Text::new(
                format!("没有收到“{region}”的任何视频。"),
                format!("Nothing was received from the region “{region}”."),
            ),
            Text::new(
                format!("请向该片区催收；收到后放进收件夹下名为“{region}”的文件夹，再运行一次。"),
                format!(
                    "Ask the region for its delivery, put it into a folder “{region}” in the inbox, and run again."
                ),
            ),
        ],
    )
}

/// A folder or archive whose name is no region's.
pub(super) fn region_unknown(name: &str, regions: &[String]) -> Finding {
    finding(
        "region-unknown",
        Level::Advice,
        [
            Text::same(name),
            Text::new(regions.join("、"), regions.join(", ")),
            Text::new(
                format!("“{name}”不是通知所列的片区，暂按单独的片区处理。"),
                format!(
                    "“{name}” is not one of the notice's regions, so it is treated as a region of its own."
                ),
            ),
            Text::new(
                "如果写错了，请把它改成通知所列的片区名称；如果它不是片区，请移到所属片区的文件夹里。",
                "If it is misspelt, give it the region's name as in the notice; if it is not a region, move it into the folder of the region it belongs to.",
            ),
        ],
    )
}

/// Videos beside the regions' folders instead of inside one.
pub(super) fn region_unassigned(videos: usize) -> Finding {
    finding(
        "region-unassigned",
        Level::Advice,
        [
            Text::new(
                format!("{videos} 个视频在片区文件夹之外"),
                format!("{videos} videos outside the regions' folders"),
            ),
            Text::new(
                "每个视频都在片区文件夹里",
                "every video in a region's folder",
            ),
            Text::new(
                format!("有 {videos} 个视频不在任何片区的文件夹里，不知道属于哪个片区。"),
                format!(
                    "{videos} videos lie in no region's folder, so nobody knows which region sent them."
                ),
            ),
            Text::new(
                "请把它们移到所属片区的文件夹里，再运行一次。",
                "Move them into the folders of their regions and run again.",
            ),
        ],
    )
}

/// A packed delivery that nobody opened: `run` opens them all, whoever lists an inbox without it does not.
pub(super) fn archive_not_opened(source: &str, size: Bytes) -> Finding {
    finding(
        "archive-not-opened",
        Level::Requirement,
        [
            Text::same(size.to_string()),
            Text::new("已解压的文件夹", "an unpacked folder"),
            Text::new(
                format!("压缩包 {source} 尚未解开。"),
                format!("The archive {source} was not opened."),
            ),
            Text::new(
                "请先解压到同名文件夹，并把压缩包移出收件夹，再运行一次。",
                "Unpack it into a folder of the same name, move the archive out of the inbox, and run again.",
            ),
        ],
    )
}

/// A companion that no video's name fits.
pub(super) fn companion_unpaired(
    source: &str,
    (zh, en): (&str, &str),
    closest: &[&str],
) -> Finding {
    let (nearest_zh, nearest_en) = if closest.is_empty() {
        (
            "本片区没有名称相近的视频".to_owned(),
            "no video of this region has a name like it".to_owned(),
        )
    } else {
        (
            format!("名称最接近的视频是 {}", closest.join("、")),
            format!(
                "the videos with the nearest names are {}",
                closest.join(", ")
            ),
        )
    };
    finding(
        "companion-unpaired",
        Level::Advice,
        [
            Text::same(source),
            Text::new(
                "和视频同名：单位《视频名称》",
                "the same name as the video: 单位《视频名称》",
            ),
            Text::new(
                format!("{zh} {source} 没有对应的视频，没有采用；{nearest_zh}。"),
                format!("The {en} {source} belongs to no video and is not used; {nearest_en}."),
            ),
            Text::new(
                "如果是同一作品，请把两个文件改成一样的名字；如果视频漏交了，请补交，再运行一次。",
                "If they belong together, give both files the same name; if the video was forgotten, hand it in; then run again.",
            ),
        ],
    )
}

/// Files that recommend different videos for one region; the first of them counts.
pub(super) fn recommendation_lists_differ(lists: &[ListFile]) -> Finding {
    let say = |between: &str, end: &str| {
        let each = lists.iter().map(|list| {
            let names: Vec<_> = list
                .recommendations
                .iter()
                .map(recommendation::label)
                .collect();
            format!("{}{between}{}", list.source, names.join(end))
        });
        each.collect::<Vec<_>>()
            .join(if end == "、" { "；" } else { "; " })
    };
    let first = lists
        .first()
        .map(|list| list.source.as_str())
        .unwrap_or_default();
    finding(
        "recommendation-lists-differ",
        Level::Requirement,
        [
            Text::new(say("：", "、"), say(": ", ", ")),
            Text::new("各文件推荐一致", "all files recommend the same"),
            Text::new(
                format!(
                    "有 {} 个推荐文件，推荐的视频不一致，暂以 {first} 为准。",
                    lists.len()
                ),
                format!(
                    "{} files recommend different videos; {first} counts for now.",
                    lists.len()
                ),
            ),
            Text::new(
                "请片区负责人确认以哪个文件为准，把其余的移出收件夹，或由秘书处写进 showcase.toml 的 [[recommend]]，再运行一次。",
                "Let the region say which file counts and move the others out of the inbox, or write [[recommend]] in showcase.toml; then run again.",
            ),
        ],
    )
}

/// A recommendation that could not be taken in, and why.
pub(super) fn recommendation_not_read(source: &str, reason: &Text, measured: Text) -> Finding {
    finding(
        "recommendation-not-read",
        Level::Requirement,
        [
            measured,
            Text::new(
                "Excel、Word、CSV 或文本文件，写明单位和视频名称",
                "an Excel, Word, CSV or text file that names unit and title",
            ),
            Text::new(
                format!("推荐结果 {source} 没有读取：{}", reason.zh),
                format!("The recommendation {source} was not read: {}", reason.en),
            ),
            Text::new(
                "请另存为 .xlsx 或 CSV（列：片区、单位、视频名称），或在 showcase.toml 里写 [[recommend]]。",
                "Save it as .xlsx or CSV with the columns 片区, 单位, 视频名称, or write [[recommend]] in showcase.toml.",
            ),
        ],
    )
}

/// A line of a common list that names a region nobody knows.
pub(super) fn recommendation_region_unknown(source: &str, region: &str) -> Finding {
    finding(
        "recommendation-region-unknown",
        Level::Advice,
        [
            Text::same(region),
            Text::new("通知所列的片区", "a region of the notice"),
            Text::new(
                format!("推荐结果 {source} 里的“{region}”不是已知的片区，这一行暂不归入任何片区。"),
                format!(
                    "The recommendation {source} names “{region}”, which is no known region; the line counts for none."
                ),
            ),
            Text::new(
                "请改成通知所列的片区名称，再运行一次。",
                "Write the region's name as in the notice and run again.",
            ),
        ],
    )
}
