//! # 中文
//!
//! ## 检查什么
//!
//! 收件夹里有单位名册时，视频是不是由单位自己所在的片区报送的。
//!
//! ## 为什么
//!
//! 放错片区的视频会算到别的片区头上：那边的推荐名额、统计和催交都会出错。
//!
//! ## 选项
//!
//! 没有名册，或名册里没有写片区，就不检查；有名册时总是检查，规则里不写这一段也一样（只提醒）。
//! `level = "requirement"` 让放错片区的视频退回。
//!
//! # English
//!
//! ## What it checks
//!
//! Where the inbox has a roster: whether a video came from the region to which its unit belongs.
//!
//! ## Why
//!
//! A video in the wrong region counts for that region: its recommendation, its numbers and its reminders go wrong.
//!
//! ## Option
//!
//! Without a roster, or where the roster names no region, nothing is checked; else it always is, as advice where this
//! table is left out. `level = "requirement"` returns videos from another region.

use super::{Case, Finding, Said, level_and_clause};
use crate::intake::unit::UnitMatch;
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "region";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let UnitMatch::Known { unit, region, .. } = case.submission.roster.as_ref()? else {
        return None;
    };
    let given = &case.submission.region;
    if region.is_empty() || given.is_empty() || region == given {
        return None;
    }
    let (level, clause) = level_and_clause(rules.region.as_ref());
    let said = Said {
        measured: Text::same(given),
        allowed: Text::same(region),
        message: Text::new(
            format!("“{unit}”在名册里属于“{region}”，视频却在“{given}”的材料里。"),
            format!(
                "The roster has \"{unit}\" in \"{region}\", but the video came with \"{given}\"."
            ),
        ),
        remedy: Text::new(
            format!(
                "请向两个片区核实：放错的，请移到“{region}”的文件夹；确由“{given}”报送的，请改名册，或由秘书处放行。"
            ),
            format!(
                "Ask both regions: if it was misplaced, move it into the folder of \"{region}\"; if \"{given}\" does hand \
                 it in, correct the roster or waive this."
            ),
        ),
    };
    Some(said.by(NAME, level, clause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Level, sample};
    use crate::intake::unit::KnownBy;
    use crate::preset::PlainRule;

    fn judged(region: &str, rules: &Rules) -> Option<Finding> {
        let mut submission = sample::submission();
        submission.roster = Some(UnitMatch::Known {
            unit: "西南民族大学".to_owned(),
            region: region.to_owned(),
            by: KnownBy::Name,
        });
        find(&sample::case(&submission, &sample::media()), rules)
    }

    #[test]
    fn a_unit_of_another_region_is_told_with_both_regions() {
        let rules = Rules::default();
        insta::assert_snapshot!(sample::shown(judged("川北片区", &rules)), @r#"
        region Advice None
        成都第一片区
        川北片区
        “西南民族大学”在名册里属于“川北片区”，视频却在“成都第一片区”的材料里。
        The roster has "西南民族大学" in "川北片区", but the video came with "成都第一片区".
        请向两个片区核实：放错的，请移到“川北片区”的文件夹；确由“成都第一片区”报送的，请改名册，或由秘书处放行。
        Ask both regions: if it was misplaced, move it into the folder of "川北片区"; if "成都第一片区" does hand it in, correct the roster or waive this.
        "#);
    }

    #[test]
    fn its_own_region_or_none_in_the_roster_is_no_finding() {
        let rules = Rules::default();
        assert_eq!(judged("成都第一片区", &rules), None);
        assert_eq!(judged("", &rules), None);
    }

    #[test]
    fn a_notice_may_make_it_a_requirement() {
        let rules = Rules {
            region: Some(PlainRule {
                level: Level::Requirement,
                clause: Some("由所在片区报送".to_owned()),
            }),
            ..Rules::default()
        };
        let finding = judged("川北片区", &rules).unwrap();
        assert_eq!(finding.level, Level::Requirement);
        assert_eq!(finding.clause.as_deref(), Some("由所在片区报送"));
    }
}
