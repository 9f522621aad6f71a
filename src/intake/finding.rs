//! What intake finds against a region. In: facts. Out: a complete [`Finding`] in both languages. Never against a
//! submission: those are judged by `check`.

use super::recommendation::{self, ListFile};
use crate::check::{Finding, Level};
use crate::text::{Text, count};
use crate::units::Bytes;

pub(super) fn finding(
    rule: &str,
    level: Level,
    [measured, allowed, message, remedy]: [Text; 4],
) -> Finding {
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
                "请尽快把本片区的视频、介绍和推荐报送秘书处；如果已经报送，请告诉秘书处是什么时候、用什么方式发的。",
                "Please send the region's videos, introductions and recommendation to the secretariat. If they were sent, \
                 tell the secretariat when and by what way.",
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
                format!("{} outside the regions' folders", count(videos, "video")),
            ),
            Text::new(
                "每个视频都在片区文件夹里",
                "every video in a region's folder",
            ),
            Text::new(
                format!("有 {videos} 个视频不在任何片区的文件夹里，不知道属于哪个片区。"),
                format!(
                    "In no region's folder: {}, so nobody knows which region sent them.",
                    count(videos, "video")
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
                "请确认以哪个文件为准，并告诉秘书处。",
                "Please tell the secretariat which of the files counts.",
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

/// A roster that could not be taken in, and why.
pub(super) fn roster_not_read(source: &str, reason: &Text, measured: Text) -> Finding {
    finding(
        "roster-not-read",
        Level::Requirement,
        [
            measured,
            Text::new(
                "roster.csv 或 roster.xlsx，表头里有“片区”“单位”，可以有“别名”“曾用名”",
                "roster.csv or roster.xlsx with a heading that names region and unit, perhaps aliases and former names",
            ),
            Text::new(
                format!(
                    "单位名册 {source} 没有读取：{}这次没有按名册核对单位。",
                    reason.zh
                ),
                format!(
                    "The roster {source} was not read: {} No unit was looked up.",
                    reason.en
                ),
            ),
            Text::new(
                "请在表格第一行写上：片区、单位、别名、曾用名，另存为 roster.xlsx 或 roster.csv，放在收件夹最上层，再运行一次。",
                "Write 片区, 单位, 别名, 曾用名 (or region, unit, aliases, former) into the first row, save it as roster.xlsx \
                 or roster.csv at the top of the inbox, and run again.",
            ),
        ],
    )
}

/// A mistake in a roster that is used otherwise.
pub(super) fn roster_row(source: &str, problem: &Text) -> Finding {
    finding(
        "roster-row",
        Level::Advice,
        [
            Text::same(source),
            Text::new(
                "每行一个单位，片区、单位、别名都写得清楚",
                "one unit a row, its region, name and aliases without doubt",
            ),
            Text::new(
                format!("单位名册 {source}：{}", problem.zh),
                format!("The roster {source}: {}.", problem.en),
            ),
            Text::new(
                "请在名册里改好，再运行一次；其余各行照常使用。",
                "Put it right in the roster and run again; all other rows are used as they are.",
            ),
        ],
    )
}

/// Units of a region, `of` altogether, from which nothing came.
pub(super) fn units_missing(region: &str, units: &[&str], of: usize) -> Finding {
    const SHOWN: usize = 60;
    let count = units.len();
    let (rest, shown) = (count.saturating_sub(SHOWN), &units[..count.min(SHOWN)]);
    let more = if rest > 0 {
        Text::new(format!("等（另有 {rest} 个）"), format!(" and {rest} more"))
    } else {
        Text::default()
    };
    let place = if region.is_empty() {
        Text::default()
    } else {
        Text::new(format!("“{region}”"), format!(" of “{region}”"))
    };
    finding(
        "units-missing",
        Level::Advice,
        [
            Text::new(
                format!("{} / {of} 个单位已报送", of - count),
                format!("{} of {of} units", of - count),
            ),
            Text::new("名册里的每个单位", "every unit of the roster"),
            Text::new(
                format!(
                    "{}还有 {count} 个单位没有报送：{}{}。",
                    place.zh,
                    shown.join("、"),
                    more.zh
                ),
                format!(
                    "Units{} that handed in nothing: {count}. {}{}.",
                    place.en,
                    shown.join(", "),
                    more.en
                ),
            ),
            Text::new(
                "请向它们催交，或确认不参加；如果其实交了，多半是文件名里的单位与名册写法不一样，请告诉秘书处是哪一个视频。",
                "Remind them, or make sure that they do not take part. If one did hand in, its name in the file is probably \
                 not the roster's: tell the secretariat which video is theirs.",
            ),
        ],
    )
}
