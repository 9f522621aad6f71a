//! # 中文
//!
//! ## 检查什么
//!
//! 是不是在规定的日期内交来的。看的是秘书处登记的收到日期（showcase.toml 里的 `[[delivery]]`），不看文件的修改时间：
//! 复制、解压、转发都会改动文件时间，作不得数。首尾两天都算在内。没有登记日期的不判断，报告里会说明哪些片区没有登记。
//!
//! ## 为什么
//!
//! 通知定了期限，汇总和节目单要按期做；哪些是过期交的，秘书处要心里有数。
//!
//! ## 选项
//!
//! 没有。期限写在规则文件开头的 `window = { from = "2021-06-23", until = "2021-07-12" }`，`from` 可以不写；
//! 同一个通知分几次交的，在 showcase.toml 里写本次的 `window`，优先于规则文件。收到日期在 showcase.toml 里登记：
//! `[[delivery]]`、`region = "川北片区"`、`received = 2021-07-13`；只有一部分晚到的，加上 `source`（文件、文件夹或压缩包）
//! 或 `unit`。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether it was handed in within the window of dates. What counts is the day that the secretary recorded
//! (`[[delivery]]` in showcase.toml) and never a file's modification time, which copying and unpacking change. Both
//! ends are included. Where no day is recorded nothing is judged, and the report names the regions without one.
//!
//! ## Why
//!
//! The notice sets a term, and the programme is made by it; the secretary should know what came after it.
//!
//! ## Option
//!
//! None. The term is `window = { from = "2021-06-23", until = "2021-07-12" }` at the top of the rule set, where `from` may
//! be left out; where one notice has several terms, `window` in showcase.toml says which holds now and goes first. Days are
//! recorded in showcase.toml: `[[delivery]]`, `region = "川北片区"`, `received = 2021-07-13`; where only some came later,
//! add `source` (a file, folder or archive) or `unit`.

use super::{Case, Finding, Said};
use crate::preset::{Rules, Window};
use crate::text::Text;

pub(super) const NAME: &str = "late";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.late.as_ref()?;
    let (window, received) = (case.dates.window?, case.dates.received?);
    let day = received.as_str();
    let late = received.days_after(&window.until);
    let early = window
        .from
        .as_ref()
        .map(|from| (from, from.days_after(received)))
        .filter(|(_, days)| *days > 0);
    let message = match early {
        Some((from, days)) => Text::new(
            format!(
                "收到日期 {day}，比开始征集的 {} 早 {days} 天。",
                from.as_str()
            ),
            format!(
                "It was received on {day}, {} before the {} on which the term starts.",
                in_days(days),
                from.as_str()
            ),
        ),
        None if late > 0 => Text::new(
            format!(
                "收到日期 {day}，比截止日期 {} 晚 {late} 天。",
                window.until.as_str()
            ),
            format!(
                "It was received on {day}, {} after the last day, {}.",
                in_days(late),
                window.until.as_str()
            ),
        ),
        None => return None,
    };
    let said = Said {
        measured: Text::same(day),
        allowed: allowed(window),
        message,
        remedy: if early.is_some() {
            Text::new(
                "请秘书处核对登记的收到日期；是上一次活动的视频，请片区确认后重新报送。",
                "For the secretariat: check the day that was recorded. If this is a video of an earlier event, ask the \
                 region.",
            )
        } else {
            Text::new(
                "视频不用重做。确有原因的，请片区负责人向秘书处说明，由秘书处决定是否放行；登记的日期有误，请秘书处改正。",
                "Nothing has to be made again. Tell the secretariat the reason, who may waive this; if the recorded day \
                 is wrong, the secretariat corrects it.",
            )
        },
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn in_days(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn allowed(window: &Window) -> Text {
    let until = window.until.as_str();
    match &window.from {
        Some(from) => Text::new(
            format!("{} 至 {until}", from.as_str()),
            format!("{} to {until}", from.as_str()),
        ),
        None => Text::new(
            format!("{until} 以前（含当天）"),
            format!("up to and including {until}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Dates, Level, sample};
    use crate::preset::PlainRule;
    use crate::probe::Unreadable;

    fn judged(window: &str, received: Option<&str>) -> Option<Finding> {
        let window: Window = toml::from_str(window).unwrap();
        let received = received.map(|day| day.parse().unwrap());
        let (submission, media) = (sample::submission(), sample::media());
        let case = Case {
            // A file that can not be opened came on a day all the same.
            media: Err(&Unreadable::Empty),
            dates: Dates {
                window: Some(&window),
                received: received.as_ref(),
            },
            ..sample::case(&submission, &media)
        };
        let rules = Rules {
            late: Some(PlainRule {
                level: Level::Advice,
                clause: None,
            }),
            ..Rules::default()
        };
        find(&case, &rules)
    }

    const WINDOW: &str = "from = 2021-06-23\nuntil = 2021-07-12";

    #[test]
    fn both_ends_are_within_and_no_day_is_no_finding() {
        for day in ["2021-06-23", "2021-07-01", "2021-07-12"] {
            assert_eq!(judged(WINDOW, Some(day)), None, "{day}");
        }
        assert_eq!(judged(WINDOW, None), None);
        assert_eq!(judged("until = 2021-07-12", Some("1999-01-01")), None);
    }

    #[test]
    fn the_message_counts_the_days() {
        insta::assert_snapshot!(sample::shown(judged(WINDOW, Some("2021-07-13"))), @r"
        late Advice None
        2021-07-13
        2021-06-23 至 2021-07-12
        2021-06-23 to 2021-07-12
        收到日期 2021-07-13，比截止日期 2021-07-12 晚 1 天。
        It was received on 2021-07-13, 1 day after the last day, 2021-07-12.
        视频不用重做。确有原因的，请片区负责人向秘书处说明，由秘书处决定是否放行；登记的日期有误，请秘书处改正。
        Nothing has to be made again. Tell the secretariat the reason, who may waive this; if the recorded day is wrong, the secretariat corrects it.
        ");
        let month = judged("until = 2021-07-12", Some("2021-08-12")).unwrap();
        insta::assert_snapshot!(format!("{}\n{}", month.message.en, month.allowed.zh), @r"
        It was received on 2021-08-12, 31 days after the last day, 2021-07-12.
        2021-07-12 以前（含当天）
        ");
        let early = judged(WINDOW, Some("2021-06-20")).unwrap();
        insta::assert_snapshot!(format!("{}\n{}\n{}", early.message.zh, early.message.en, early.remedy.zh), @r"
        收到日期 2021-06-20，比开始征集的 2021-06-23 早 3 天。
        It was received on 2021-06-20, 3 days before the 2021-06-23 on which the term starts.
        请秘书处核对登记的收到日期；是上一次活动的视频，请片区确认后重新报送。
        ");
    }
}
