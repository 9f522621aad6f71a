//! # 中文
//!
//! ## 检查什么
//!
//! 视频是不是太短。长度按文件里实际的画面和声音计算，不看文件头。正好等于下限的通过。
//!
//! ## 为什么
//!
//! 有的通知要求“15 至 20 分钟”；太短的也可能是导出时只选了一段，或者上传了片头。
//!
//! ## 选项
//!
//! `limit`：最短多少，如 `"15m"`、`"90s"`。必须写。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the video is too short, measured on the picture and sound that are there and not taken from the header. A
//! video of exactly the limit passes.
//!
//! ## Why
//!
//! Some notices ask for "15 to 20 minutes"; and a very short file may be an export of a part, or only the opening.
//!
//! ## Option
//!
//! `limit`: the shortest that passes, as `"15m"`, `"90s"`. It must be given.

use super::max_duration::header_remark;
use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "min-duration";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.min_duration.as_ref()?;
    let media = case.media.ok()?;
    if media.duration_ms >= rule.limit {
        return None;
    }
    let is = wording::duration(media.duration_ms);
    let limit = wording::duration(rule.limit);
    let header = header_remark(media);
    let said = Said {
        message: Text::new(
            format!("时长只有 {}，不到 {}{}。", is.zh, limit.zh, header.zh),
            format!(
                "The video is only {} long, less than {}{}.",
                is.en, limit.en, header.en
            ),
        ),
        remedy: Text::new(
            "请确认导出的是完整的视频。剪映：导出前检查时间线上有没有漏掉的片段；\
             Premiere：导出时“范围”选“整个源”；格式工厂：在“剪辑”里清除开始和结束时间。内容确实不够长的，请补充内容。",
            "Please make sure that the whole video was exported. CapCut: look for clips missing from the timeline \
             before exporting; Premiere: choose the range Entire Source when exporting; Format Factory: clear start and end \
             time under Clip. If the content is too short, please add to it.",
        ),
        measured: is,
        allowed: Text::new(
            format!("不少于 {}", limit.zh),
            format!("{} or more", limit.en),
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::preset::DurationRule;
    use crate::units::Millis;

    fn judged(millis: u64) -> Option<Finding> {
        let mut media = sample::media();
        media.duration_ms = Millis(millis);
        let rules = Rules {
            min_duration: Some(DurationRule {
                level: Level::Advice,
                clause: None,
                limit: Millis(900_000),
            }),
            ..Rules::default()
        };
        find(&sample::case(&sample::submission(), &media), &rules)
    }

    #[test]
    fn fifteen_minutes_are_not_less_than_fifteen_minutes() {
        for (millis, passes) in [
            (0, false),
            (899_999, false),
            (900_000, true),
            (900_001, true),
        ] {
            assert_eq!(judged(millis).is_none(), passes, "{millis}");
        }
    }

    #[test]
    fn the_message_says_how_short_it_is() {
        insta::assert_snapshot!(sample::shown(judged(61_500)), @r"
        min-duration Advice None
        1 分 1.5 秒
        1 min 1.5 s
        不少于 15 分钟
        15 min or more
        时长只有 1 分 1.5 秒，不到 15 分钟（文件头写的是 3 分钟，与实际不符，以实际内容为准）。
        The video is only 1 min 1.5 s long, less than 15 min (its header says 3 min, which is wrong: what counts is the content).
        请确认导出的是完整的视频。剪映：导出前检查时间线上有没有漏掉的片段；Premiere：导出时“范围”选“整个源”；格式工厂：在“剪辑”里清除开始和结束时间。内容确实不够长的，请补充内容。
        Please make sure that the whole video was exported. CapCut: look for clips missing from the timeline before exporting; Premiere: choose the range Entire Source when exporting; Format Factory: clear start and end time under Clip. If the content is too short, please add to it.
        ");
    }
}
