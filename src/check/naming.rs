//! # 中文
//!
//! ## 检查什么
//!
//! 从文件名能不能看出单位和视频名称：`单位《视频名称》.mp4`。写法不标准但认得出来的（`单位+视频名称`、半角括号、
//! “最终版”“(1)”之类），我们自己改成标准写法，原名保留在记录里，不影响结论，也不用重新发送。
//! 打不开的文件也检查。
//!
//! ## 为什么
//!
//! 节目单、片头、网站和汇总表上的单位与名称都从这里来；看不出来，就不知道是谁的视频。
//!
//! ## 选项
//!
//! `pattern`：`unit-title`，即 `单位《视频名称》.mp4`（默认，目前只有这一种）。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the file's name tells the unit and the video's title: `单位《视频名称》.mp4`. What is written otherwise but can be
//! understood (`单位+视频名称`, other marks, a trailing "final" or "(1)") is put right by us; the name as handed in stays on
//! record, the verdict is not lowered, and nothing has to be sent again. Files that can not be read are judged too.
//!
//! ## Why
//!
//! The programme, the slates, the website and the tables take unit and title from here; without them nobody knows
//! whose video it is.
//!
//! ## Option
//!
//! `pattern`: `unit-title`, which is `单位《视频名称》.mp4` (default, and so far the only one).

use super::{Case, Finding, Level, Said};
use crate::preset::{NamePattern, NamingRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "naming";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.naming.as_ref()?;
    let name = &case.submission.name;
    let missing = match (&name.unit, &name.title) {
        (None, None) => Text::new(
            "单位和视频名称",
            "tells neither the unit nor the video's title",
        ),
        (None, Some(_)) => Text::new("单位", "does not tell the unit"),
        (Some(_), None) => Text::new("视频名称", "does not tell the video's title"),
        (Some(_), Some(_)) => {
            let proposal = name.proposal.as_ref()?;
            return Some(put_right(case, rule, proposal));
        }
    };
    let given = &case.submission.original_name;
    let said = Said {
        message: Text::new(
            format!("文件名“{given}”里看不出{}。", missing.zh),
            format!("The file's name \"{given}\" {}.", missing.en),
        ),
        remedy: Text::new(
            "请把文件改名为 单位《视频名称》，如“西南民族大学《爱我中华》.mp4”，书名号用全角，再重新发送。",
            "Please rename the file to 单位《视频名称》 (unit, then the title in title marks), as \
             \"西南民族大学《爱我中华》.mp4\", and send it again.",
        ),
        measured: Text::same(given),
        allowed: allowed(rule.pattern),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

fn put_right(case: &Case, rule: &NamingRule, proposal: &str) -> Finding {
    let given = &case.submission.original_name;
    let said = Said {
        message: Text::new(
            format!("文件名“{given}”不是通知要求的写法，但认得出来。"),
            format!(
                "The file's name \"{given}\" is not written as the notice wants, but can be understood."
            ),
        ),
        remedy: Text::new(
            format!("不用重新发送：已按“{proposal}”登记，原名保留。如有不对，请告诉秘书处。"),
            format!(
                "Nothing has to be sent again: it is registered as \"{proposal}\", and the name as handed in is \
                 kept. If that is wrong, please tell the secretariat."
            ),
        ),
        measured: Text::same(given),
        allowed: allowed(rule.pattern),
    };
    Finding {
        repaired: Some(proposal.to_owned()),
        ..said.by(NAME, Level::Advice, rule.clause.as_ref())
    }
}

fn allowed(pattern: NamePattern) -> Text {
    match pattern {
        NamePattern::UnitTitle => Text::same("单位《视频名称》.mp4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::intake::ParsedName;

    fn judged(
        given: &str,
        unit: Option<&str>,
        title: Option<&str>,
        proposal: Option<&str>,
    ) -> Option<Finding> {
        let mut submission = sample::submission();
        submission.original_name = given.to_owned();
        submission.name = ParsedName {
            unit: unit.map(str::to_owned),
            title: title.map(str::to_owned),
            proposal: proposal.map(str::to_owned),
        };
        find(
            &sample::case(&submission, &sample::media()),
            &sample::rules().rules,
        )
    }

    #[test]
    fn a_name_without_unit_or_title_is_a_finding_at_the_rules_level() {
        insta::assert_snapshot!(sample::shown(judged("演示视频.mp4", None, None, None)), @r#"
        naming Requirement Some("单位《视频名称》.mp4")
        演示视频.mp4
        单位《视频名称》.mp4
        文件名“演示视频.mp4”里看不出单位和视频名称。
        The file's name "演示视频.mp4" tells neither the unit nor the video's title.
        请把文件改名为 单位《视频名称》，如“西南民族大学《爱我中华》.mp4”，书名号用全角，再重新发送。
        Please rename the file to 单位《视频名称》 (unit, then the title in title marks), as "西南民族大学《爱我中华》.mp4", and send it again.
        "#);
        let unit = judged("《猫》.mp4", None, Some("猫"), None).unwrap();
        insta::assert_snapshot!(unit.message.zh, @"文件名“《猫》.mp4”里看不出单位。");
        let title = judged("甲大学.mp4", Some("甲大学"), None, Some("甲大学《》.mp4")).unwrap();
        insta::assert_snapshot!(title.message.en, @r#"The file's name "甲大学.mp4" does not tell the video's title."#);
        assert!(unit.is_open() && title.is_open());
    }

    #[test]
    fn a_name_that_can_be_understood_is_put_right_and_needs_nobodys_action() {
        let finding = judged(
            "成都工业学院+我的祖国（最终版）(1).mp4",
            Some("成都工业学院"),
            Some("我的祖国"),
            Some("成都工业学院《我的祖国》.mp4"),
        );
        assert!(!finding.as_ref().unwrap().is_open());
        insta::assert_snapshot!(sample::shown(finding), @r#"
        naming Advice Some("单位《视频名称》.mp4")
        成都工业学院+我的祖国（最终版）(1).mp4
        单位《视频名称》.mp4
        文件名“成都工业学院+我的祖国（最终版）(1).mp4”不是通知要求的写法，但认得出来。
        The file's name "成都工业学院+我的祖国（最终版）(1).mp4" is not written as the notice wants, but can be understood.
        不用重新发送：已按“成都工业学院《我的祖国》.mp4”登记，原名保留。如有不对，请告诉秘书处。
        Nothing has to be sent again: it is registered as "成都工业学院《我的祖国》.mp4", and the name as handed in is kept. If that is wrong, please tell the secretariat.
        repaired: 成都工业学院《我的祖国》.mp4
        "#);
    }

    #[test]
    fn a_name_as_the_notice_wants_it_is_no_finding() {
        assert_eq!(judged("甲《乙》.mp4", Some("甲"), Some("乙"), None), None);
    }
}
