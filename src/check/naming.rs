//! # 中文
//!
//! ## 检查什么
//!
//! 从文件名能不能看出通知要求的各项：`单位《视频名称》.mp4`，或 `二级党组织+类别+报送日期.mp4`。写法不标准但认得出来的
//! （`单位+视频名称`、半角括号、“最终版”“(1)”、`2020.7.3` 之类），我们自己改成标准写法，每一步改了什么都写明，原名永远保留在记录里，
//! 不影响结论，也不用重新发送。
//!
//! 每个改法有一个把握程度，从 0 到 1。不到 0.8 的（例如书名号后面还有别的字、单位和名称之间只有空格），先按这个改法登记，
//! 同时请秘书处确认。收件夹里有单位名册时，认得出名册里的单位，`雨-西华大学`、`西华大学 雨`、`西华大学雨` 也能分开。
//! 打不开的文件也检查。
//!
//! ## 为什么
//!
//! 节目单、片头、网站和汇总表上的单位与名称都从这里来；看不出来，就不知道是谁的视频。
//!
//! ## 选项
//!
//! `pattern`：`unit-title`，即 `单位《视频名称》.mp4`（默认）；`unit-category-date`，即 `二级党组织+类别+报送日期.mp4`，
//! 日期写成 `20200703`、`2020-07-03`、`2020.7.3`、`2020年7月3日` 都认得，`7月3日` 按规则里 `window` 的年份补上。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the file's name tells what the notice asks for: `单位《视频名称》.mp4` (unit, title), or
//! `二级党组织+类别+报送日期.mp4` (unit, category, day of delivery). What is written otherwise but can be understood
//! (`单位+视频名称`, other marks, a trailing "final" or "(1)", `2020.7.3`) is put right by us, step by step and each step said;
//! the name as handed in stays on record for ever, the verdict is not lowered, and nothing has to be sent again.
//!
//! Each repair has a confidence from 0 to 1. Below 0.8 (something follows the title, or only a blank parts unit and title)
//! the repaired name is used for the time being and the secretary is asked to confirm it. Where the inbox has a roster, its
//! units are recognised: `雨-西华大学`, `西华大学 雨` and `西华大学雨` come apart too. Files that can not be read are judged as well.
//!
//! ## Why
//!
//! The programme, the slates, the website and the tables take unit and title from here; without them nobody knows
//! whose video it is.
//!
//! ## Option
//!
//! `pattern`: `unit-title`, which is `单位《视频名称》.mp4` (default), or `unit-category-date`, which is
//! `二级党组织+类别+报送日期.mp4`. A date may be written `20200703`, `2020-07-03`, `2020.7.3` or `2020年7月3日`; `7月3日` gets the
//! year of the rule set's `window`.

use super::{Case, Finding, Level, Said};
use crate::intake::ParsedName;
use crate::intake::proposal::NameProposal;
use crate::preset::{NamePattern, NamingRule, Rules};
use crate::text::Text;

pub(super) const NAME: &str = "naming";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.naming.as_ref()?;
    let name = &case.submission.name;
    let missing = missing(name, rule.pattern);
    if missing.is_empty() {
        let proposal = name.proposal.as_ref()?;
        return Some(if proposal.is_sure() {
            put_right(case, rule, proposal)
        } else {
            to_confirm(case, rule, proposal)
        });
    }
    let given = &case.submission.original_name;
    let (zh, en): (Vec<_>, Vec<_>) = missing.iter().map(|part| (&*part.zh, &*part.en)).unzip();
    let said = Said {
        message: Text::new(
            format!("文件名“{given}”里看不出{}。", zh.join("和")),
            format!(
                "The file's name \"{given}\" does not tell {}.",
                en.join(" nor ")
            ),
        ),
        remedy: rename(rule.pattern),
        measured: Text::same(given),
        allowed: allowed(rule.pattern),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

/// What the name should tell and does not.
fn missing(name: &ParsedName, pattern: NamePattern) -> Vec<Text> {
    let parts = match pattern {
        NamePattern::UnitTitle => vec![
            (name.unit.is_none(), Text::new("单位", "the unit")),
            (
                name.title.is_none(),
                Text::new("视频名称", "the video's title"),
            ),
        ],
        NamePattern::UnitCategoryDate => vec![
            (name.unit.is_none(), Text::new("单位", "the unit")),
            (name.category.is_none(), Text::new("类别", "the category")),
            (
                name.date.is_none(),
                Text::new("报送日期", "the day of the delivery"),
            ),
        ],
    };
    let absent = parts.into_iter().filter(|(is_missing, _)| *is_missing);
    absent.map(|(_, part)| part).collect()
}

fn rename(pattern: NamePattern) -> Text {
    match pattern {
        NamePattern::UnitTitle => Text::new(
            "请把文件改名为 单位《视频名称》，如“西南民族大学《爱我中华》.mp4”，书名号用全角，再重新发送。",
            "Please rename the file to 单位《视频名称》 (unit, then the title in title marks), as \
             \"西南民族大学《爱我中华》.mp4\", and send it again.",
        ),
        NamePattern::UnitCategoryDate => Text::new(
            "请把文件改名为 二级党组织+类别+报送日期，如“马克思主义学院+微党课+20200703.mp4”，再重新发送。",
            "Please rename the file to 二级党组织+类别+报送日期 (unit, category and day of delivery with a plus between), as \
             \"马克思主义学院+微党课+20200703.mp4\", and send it again.",
        ),
    }
}

fn put_right(case: &Case, rule: &NamingRule, proposal: &NameProposal) -> Finding {
    let given = &case.submission.original_name;
    let name = &proposal.name;
    let said = Said {
        message: Text::new(
            format!("文件名“{given}”不是通知要求的写法，但认得出来。"),
            format!(
                "The file's name \"{given}\" is not written as the notice wants, but can be understood."
            ),
        ),
        remedy: Text::new(
            format!(
                "不用重新发送：已按“{name}”登记（{}），原名保留。如有不对，请告诉秘书处。",
                steps(proposal).zh
            ),
            format!(
                "Nothing has to be sent again: it is registered as \"{name}\" ({}), and the name as handed in is \
                 kept. If that is wrong, please tell the secretariat.",
                steps(proposal).en
            ),
        ),
        measured: Text::same(given),
        allowed: allowed(rule.pattern),
    };
    Finding {
        repaired: Some(name.clone()),
        ..said.by(NAME, Level::Advice, rule.clause.as_ref())
    }
}

/// The name may mean something else: it is used, but a person is asked.
fn to_confirm(case: &Case, rule: &NamingRule, proposal: &NameProposal) -> Finding {
    let given = &case.submission.original_name;
    let name = &proposal.name;
    let percent = format!("{:.0} %", proposal.confidence * 100.0);
    let said = Said {
        message: Text::new(
            format!(
                "文件名“{given}”不是通知要求的写法，大概是“{name}”，把握 {percent}，请秘书处确认。"
            ),
            format!(
                "The file's name \"{given}\" is not written as the notice wants. It probably means \"{name}\" (confidence \
                 {percent}); the secretary should confirm it."
            ),
        ),
        remedy: Text::new(
            format!(
                "暂按“{name}”登记（{}）。不对的，请把收件夹里的文件改成正确的名称，再运行一次；对的，可以放行这一条。",
                steps(proposal).zh
            ),
            format!(
                "For the time being it is registered as \"{name}\" ({}). If that is wrong, rename the file in the inbox and \
                 run again; if it is right, this finding can be waived.",
                steps(proposal).en
            ),
        ),
        measured: Text::same(given),
        allowed: allowed(rule.pattern),
    };
    said.by(NAME, Level::Advice, rule.clause.as_ref())
}

fn steps(proposal: &NameProposal) -> Text {
    let (zh, en): (Vec<_>, Vec<_>) = proposal.steps.iter().map(|s| (&*s.zh, &*s.en)).unzip();
    Text::new(zh.join("；"), en.join("; "))
}

fn allowed(pattern: NamePattern) -> Text {
    match pattern {
        NamePattern::UnitTitle => Text::same("单位《视频名称》.mp4"),
        NamePattern::UnitCategoryDate => Text::same("二级党组织+类别+报送日期.mp4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::intake::name::Grammar;

    fn judged_by(given: &str, pattern: NamePattern) -> Option<Finding> {
        let mut submission = sample::submission();
        submission.original_name = given.to_owned();
        submission.name = Grammar {
            pattern,
            ..Grammar::default()
        }
        .read(given);
        let mut rules = sample::rules().rules;
        rules.naming = rules.naming.map(|rule| NamingRule { pattern, ..rule });
        find(&sample::case(&submission, &sample::media()), &rules)
    }

    fn judged(given: &str) -> Option<Finding> {
        judged_by(given, NamePattern::UnitTitle)
    }

    #[test]
    fn a_name_without_unit_or_title_is_a_finding_at_the_rules_level() {
        insta::assert_snapshot!(sample::shown(judged("演示视频.mp4")), @r#"
        naming Requirement Some("单位《视频名称》.mp4")
        演示视频.mp4
        单位《视频名称》.mp4
        文件名“演示视频.mp4”里看不出单位和视频名称。
        The file's name "演示视频.mp4" does not tell the unit nor the video's title.
        请把文件改名为 单位《视频名称》，如“西南民族大学《爱我中华》.mp4”，书名号用全角，再重新发送。
        Please rename the file to 单位《视频名称》 (unit, then the title in title marks), as "西南民族大学《爱我中华》.mp4", and send it again.
        "#);
        let unit = judged("《猫》.mp4").unwrap();
        insta::assert_snapshot!(unit.message.zh, @"文件名“《猫》.mp4”里看不出单位。");
        let title = judged("甲大学《》.mp4").unwrap();
        insta::assert_snapshot!(title.message.en, @r#"The file's name "甲大学《》.mp4" does not tell the video's title."#);
        assert!(unit.is_open() && title.is_open());
    }

    #[test]
    fn a_name_that_can_be_understood_is_put_right_and_needs_nobodys_action() {
        let finding = judged("成都工业学院+我的祖国（最终版）(1).mp4");
        assert!(!finding.as_ref().unwrap().is_open());
        insta::assert_snapshot!(sample::shown(finding), @r#"
        naming Advice Some("单位《视频名称》.mp4")
        成都工业学院+我的祖国（最终版）(1).mp4
        单位《视频名称》.mp4
        文件名“成都工业学院+我的祖国（最终版）(1).mp4”不是通知要求的写法，但认得出来。
        The file's name "成都工业学院+我的祖国（最终版）(1).mp4" is not written as the notice wants, but can be understood.
        不用重新发送：已按“成都工业学院《我的祖国》.mp4”登记（去掉“（最终版）(1)”；+ 改为书名号《》），原名保留。如有不对，请告诉秘书处。
        Nothing has to be sent again: it is registered as "成都工业学院《我的祖国》.mp4" ("（最终版）(1)" is left out; + becomes the title marks 《》), and the name as handed in is kept. If that is wrong, please tell the secretariat.
        repaired: 成都工业学院《我的祖国》.mp4
        "#);
    }

    #[test]
    fn a_name_as_the_notice_wants_it_is_no_finding() {
        assert_eq!(judged("甲《乙》.mp4"), None);
        let dated = "马克思主义学院+微党课+20200703.mp4";
        assert_eq!(judged_by(dated, NamePattern::UnitCategoryDate), None);
    }

    #[test]
    fn a_name_that_may_mean_something_else_asks_the_secretary() {
        let finding = judged("西华大学《雨》合唱团.mp4");
        assert!(finding.as_ref().unwrap().is_open());
        insta::assert_snapshot!(sample::shown(finding), @r#"
        naming Advice Some("单位《视频名称》.mp4")
        西华大学《雨》合唱团.mp4
        单位《视频名称》.mp4
        文件名“西华大学《雨》合唱团.mp4”不是通知要求的写法，大概是“西华大学《雨》.mp4”，把握 70 %，请秘书处确认。
        The file's name "西华大学《雨》合唱团.mp4" is not written as the notice wants. It probably means "西华大学《雨》.mp4" (confidence 70 %); the secretary should confirm it.
        暂按“西华大学《雨》.mp4”登记（略去“合唱团”，它既不像单位也不像名称）。不对的，请把收件夹里的文件改成正确的名称，再运行一次；对的，可以放行这一条。
        For the time being it is registered as "西华大学《雨》.mp4" ("合唱团" is dropped: it looks like neither unit nor title). If that is wrong, rename the file in the inbox and run again; if it is right, this finding can be waived.
        "#);
    }

    #[test]
    fn category_and_date_are_missed_by_name() {
        let judged = |given| judged_by(given, NamePattern::UnitCategoryDate);
        insta::assert_snapshot!(sample::shown(judged("马克思主义学院.mp4")), @r#"
        naming Requirement Some("单位《视频名称》.mp4")
        马克思主义学院.mp4
        二级党组织+类别+报送日期.mp4
        文件名“马克思主义学院.mp4”里看不出类别和报送日期。
        The file's name "马克思主义学院.mp4" does not tell the category nor the day of the delivery.
        请把文件改名为 二级党组织+类别+报送日期，如“马克思主义学院+微党课+20200703.mp4”，再重新发送。
        Please rename the file to 二级党组织+类别+报送日期 (unit, category and day of delivery with a plus between), as "马克思主义学院+微党课+20200703.mp4", and send it again.
        "#);
        let repaired = judged("马克思主义学院-微党课-2020.7.3（最终版）.mp4").unwrap();
        insta::assert_snapshot!(repaired.remedy.zh, @"不用重新发送：已按“马克思主义学院+微党课+20200703.mp4”登记（去掉“（最终版）”；日期“2020.7.3”改为八位数字；各项改用“+”分开），原名保留。如有不对，请告诉秘书处。");
        assert!(!repaired.is_open());
    }
}
