//! # 中文
//!
//! ## 检查什么
//!
//! 视频有多长。长度按文件里实际的画面和声音计算，不看文件头；文件头写的和实际相差 1 秒以上时会说明。
//! “不超过 5 分钟”包括正好 5 分钟：5:00.000 通过，5:00.001 不通过。
//!
//! ## 为什么
//!
//! 会场的时间是排好的，一个超长的节目会让后面的都推迟。
//!
//! ## 选项
//!
//! `limit`：最长多少，如 `"5m"`、`"4m30s"`、`"90s"`。必须写。
//!
//! # English
//!
//! ## What it checks
//!
//! How long the video is, measured on the picture and sound that are there and not taken from the header; where the
//! header is wrong by more than a second, the finding says so. "Not more than 5 minutes" includes five minutes: 5:00.000
//! passes, 5:00.001 does not.
//!
//! ## Why
//!
//! The hall runs by the clock: one item that is too long delays all that follow.
//!
//! ## Option
//!
//! `limit`: the longest that passes, as `"5m"`, `"4m30s"`, `"90s"`. It must be given.

use super::{Case, Finding, Said, wording};
use crate::preset::Rules;
use crate::probe::MediaInfo;
use crate::text::Text;
use crate::units::Millis;

pub(super) const NAME: &str = "max-duration";

/// Headers are rounded; a lie is larger than this.
const HEADER_TOLERANCE: Millis = Millis(1000);

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.max_duration.as_ref()?;
    let media = case.media.ok()?;
    if media.duration_ms <= rule.limit {
        return None;
    }
    let is = wording::duration(media.duration_ms);
    let limit = wording::duration(rule.limit);
    let over = wording::duration(media.duration_ms.abs_diff(rule.limit));
    let header = header_remark(media);
    let said = Said {
        message: Text::new(
            format!(
                "时长 {}，超过 {}的上限，多了 {}{}。",
                is.zh, limit.zh, over.zh, header.zh
            ),
            format!(
                "The video is {} long, over the limit of {} by {}{}.",
                is.en, limit.en, over.en, header.en
            ),
        ),
        remedy: remedy(&limit),
        measured: is,
        allowed: Text::new(
            format!("不超过 {}", limit.zh),
            format!("up to {}", limit.en),
        ),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

/// What to add where the header tells another length; empty where it does not.
pub(super) fn header_remark(media: &MediaInfo) -> Text {
    let lie = media
        .header_duration_ms
        .filter(|header| header.abs_diff(media.duration_ms) > HEADER_TOLERANCE);
    let Some(header) = lie.map(wording::duration) else {
        return Text::default();
    };
    Text::new(
        format!("（文件头写的是 {}，与实际不符，以实际内容为准）", header.zh),
        format!(
            " (its header says {}, which is wrong: what counts is the content)",
            header.en
        ),
    )
}

fn remedy(limit: &Text) -> Text {
    Text::new(
        format!(
            "请剪到 {}以内，再重新导出。剪映：把播放头移到要结束的地方，点“分割”（Ctrl+B），删掉后面的部分，导出；\
             Premiere：在结尾处标记出点（O），导出时“范围”选“入点/出点”；\
             格式工厂：选“→MP4”，点“剪辑”（截取片段），设好结束时间。",
            limit.zh
        ),
        format!(
            "Please cut it to {} or less and export it again. CapCut: put the playhead where it should end, Split \
             (Ctrl+B), delete the rest, export; Premiere: mark the out point (O) and choose the range In/Out when \
             exporting; Format Factory: choose MP4, Clip, and set the end time.",
            limit.en
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(millis: u64, header: Option<u64>) -> Option<Finding> {
        let mut media = sample::media();
        media.duration_ms = Millis(millis);
        media.header_duration_ms = header.map(Millis);
        find(
            &sample::case(&sample::submission(), &media),
            &sample::rules().rules,
        )
    }

    #[test]
    fn five_minutes_are_not_more_than_five_minutes() {
        for (millis, passes) in [
            (0, true),
            (299_999, true),
            (300_000, true),
            (300_001, false),
        ] {
            assert_eq!(judged(millis, None).is_none(), passes, "{millis}");
        }
    }

    #[test]
    fn the_message_says_how_much_is_too_much() {
        insta::assert_snapshot!(sample::shown(judged(362_800, Some(362_000))), @r#"
        max-duration Requirement Some("不超过5分钟")
        6 分 2.8 秒
        6 min 2.8 s
        不超过 5 分钟
        up to 5 min
        时长 6 分 2.8 秒，超过 5 分钟的上限，多了 1 分 2.8 秒。
        The video is 6 min 2.8 s long, over the limit of 5 min by 1 min 2.8 s.
        请剪到 5 分钟以内，再重新导出。剪映：把播放头移到要结束的地方，点“分割”（Ctrl+B），删掉后面的部分，导出；Premiere：在结尾处标记出点（O），导出时“范围”选“入点/出点”；格式工厂：选“→MP4”，点“剪辑”（截取片段），设好结束时间。
        Please cut it to 5 min or less and export it again. CapCut: put the playhead where it should end, Split (Ctrl+B), delete the rest, export; Premiere: mark the out point (O) and choose the range In/Out when exporting; Format Factory: choose MP4, Clip, and set the end time.
        "#);
        assert_eq!(judged(300_001, None).unwrap().measured.zh, "5 分 0.001 秒");
    }

    #[test]
    fn a_header_that_lies_is_told_so_and_not_believed() {
        assert_eq!(judged(180_000, Some(900_000)), None);
        let finding = judged(362_800, Some(180_000)).unwrap();
        insta::assert_snapshot!(finding.message.zh, @"时长 6 分 2.8 秒，超过 5 分钟的上限，多了 1 分 2.8 秒（文件头写的是 3 分钟，与实际不符，以实际内容为准）。");
        insta::assert_snapshot!(finding.message.en, @"The video is 6 min 2.8 s long, over the limit of 5 min by 1 min 2.8 s (its header says 3 min, which is wrong: what counts is the content).");
        let close = judged(362_800, Some(361_800)).unwrap();
        assert!(!close.message.zh.contains("文件头"));
    }
}
