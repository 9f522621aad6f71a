//! # 中文
//!
//! ## 检查什么
//!
//! 一个单位是不是交了不止一个视频（名称不同的）。并排列出来，请人看一眼。同一名称交了两次的，看 `superseded`。
//!
//! ## 为什么
//!
//! 多数通知一个单位收一个视频；多出来的往往是换了名称的新版本，或者别的单位的视频写错了单位。
//!
//! ## 选项
//!
//! 有单位名册时检查，规则里写了这一段也检查（没有名册时按文件名里的单位比较）；不写就只提醒。
//! `level = "requirement"` 让同一单位的几个视频都退回，等单位说明用哪一个。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether a unit handed in more than one video, under different titles. They are shown side by side for a person to
//! look at. For one title handed in twice see `superseded`.
//!
//! ## Why
//!
//! Most notices take one video a unit; a second one is often a new version under a new title, or another unit's video
//! with the wrong unit in its name.
//!
//! ## Option
//!
//! It is checked where there is a roster, and where this table is there (without a roster, units are compared as written);
//! advice where the table is left out. `level = "requirement"` returns all of them until the unit says which one counts.

use super::{Case, Finding, Said, level_and_clause};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "second-submission";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.second_submission.as_ref();
    let is_judged = case.submission.roster.is_some() || rule.is_some();
    if !is_judged || case.others.is_empty() {
        return None;
    }
    let unit = case.submission.unit()?;
    let title = case.submission.name.title.as_deref()?;
    let (level, clause) = level_and_clause(rule);
    let count = case.others.len() + 1;
    let said = Said {
        measured: Text::new(
            format!("{count} 个：《{title}》、{}", case.others.join("、")),
            format!("{count}: 《{title}》, {}", case.others.join(", ")),
        ),
        allowed: Text::new("每个单位 1 个视频", "one video a unit"),
        message: Text::new(
            format!(
                "“{unit}”交了 {count} 个视频：这一个，还有 {}。",
                case.others.join("、")
            ),
            format!(
                "\"{unit}\" handed in {count} videos: this one, and {}.",
                case.others.join(", ")
            ),
        ),
        remedy: Text::new(
            "请与单位核实：都要展播的，不用处理；后一个是前一个的新版本的，请去掉旧的；单位写错的，请改文件名。",
            "Ask the unit: if all of them are meant, nothing has to be done; if one replaces another, take the old one \
             away; if the unit is wrong in a name, rename that file.",
        ),
    };
    Some(said.by(NAME, level, clause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::intake::unit::{KnownBy, UnitMatch};

    fn judged(others: &[&str], has_roster: bool) -> Option<Finding> {
        let mut submission = sample::submission();
        submission.roster = has_roster.then(|| UnitMatch::Known {
            unit: "西南民族大学".to_owned(),
            region: "成都第一片区".to_owned(),
            by: KnownBy::Name,
        });
        let others: Vec<String> = others.iter().map(|&other| other.to_owned()).collect();
        let media = sample::media();
        let case = Case {
            others: &others,
            ..sample::case(&submission, &media)
        };
        find(&case, &Rules::default())
    }

    #[test]
    fn the_works_of_one_unit_stand_side_by_side() {
        insta::assert_snapshot!(sample::shown(judged(&["《我的祖国》", "《雨》"], true)), @r#"
        second-submission Advice None
        3 个：《爱我中华》、《我的祖国》、《雨》
        3: 《爱我中华》, 《我的祖国》, 《雨》
        每个单位 1 个视频
        one video a unit
        “西南民族大学”交了 3 个视频：这一个，还有 《我的祖国》、《雨》。
        "西南民族大学" handed in 3 videos: this one, and 《我的祖国》, 《雨》.
        请与单位核实：都要展播的，不用处理；后一个是前一个的新版本的，请去掉旧的；单位写错的，请改文件名。
        Ask the unit: if all of them are meant, nothing has to be done; if one replaces another, take the old one away; if the unit is wrong in a name, rename that file.
        "#);
    }

    #[test]
    fn one_work_or_no_roster_is_no_finding() {
        assert_eq!(judged(&[], true), None);
        assert_eq!(judged(&["《雨》"], false), None);
    }
}
