//! # 中文
//!
//! ## 检查什么
//!
//! 收件夹里有单位名册（roster.xlsx 或 roster.csv）时，文件名里的单位在不在名册里。
//! 写的是别名或曾用名的，按名册里现在的名称登记，不用处理。名册里没有、但有相近写法的，列出最多三个可能的单位和相似度，
//! 请人确认：只是相近的，我们从不自己认定；确认之前，各单位报送情况里把它列在最像的那个单位名下，注明“待确认”。
//!
//! ## 为什么
//!
//! 同一个单位的不同写法会让汇总表少一家、又多出一家，催交也会催错。
//!
//! ## 选项
//!
//! 没有名册就不检查；有名册时总是检查，规则里不写这一段也一样（只提醒）。`level = "requirement"` 让名册里没有的单位退回；
//! 相近写法仍然只提醒。
//!
//! # English
//!
//! ## What it checks
//!
//! Where the inbox has a roster (roster.xlsx or roster.csv): whether the unit in the file's name stands in it. A short or
//! former name is registered under the name of today, and nobody has to act. A name that is only similar comes with up to
//! three units that may be meant and how alike they are; it is never taken for one of them until a person says so. Until
//! then it is shown under the likeliest unit as to be confirmed.
//!
//! ## Why
//!
//! One unit under two names is one too few and one too many in the tables, and reminders go to the wrong people.
//!
//! ## Option
//!
//! Without a roster nothing is checked; with one it always is, as advice where this table is left out.
//! `level = "requirement"` returns units that are not in the roster; a similar name stays advice.

use super::{Case, Finding, Level, Said, level_and_clause};
use crate::intake::unit::{Alternative, KnownBy, UnitMatch};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "unit";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let found = case.submission.roster.as_ref()?;
    let written = case.submission.name.unit.as_deref()?;
    let (level, clause) = level_and_clause(rules.unit.as_ref());
    match found {
        UnitMatch::Known {
            by: KnownBy::Name, ..
        } => None,
        UnitMatch::Known { unit, by, .. } => Some(Finding {
            repaired: Some(unit.clone()),
            ..other_name(written, unit, *by).by(NAME, Level::Advice, clause)
        }),
        UnitMatch::Near(alternatives) => {
            Some(perhaps(written, alternatives).by(NAME, Level::Advice, clause))
        }
        UnitMatch::Unknown => Some(unknown(written).by(NAME, level, clause)),
    }
}

fn other_name(written: &str, unit: &str, by: KnownBy) -> Said {
    let kind = match by {
        KnownBy::Former => Text::new("曾用名", "a former name"),
        KnownBy::Name | KnownBy::Alias => Text::new("别名", "another name"),
    };
    Said {
        measured: Text::same(written),
        allowed: Text::same(unit),
        message: Text::new(
            format!("“{written}”是“{unit}”的{}。", kind.zh),
            format!("\"{written}\" is {} of \"{unit}\".", kind.en),
        ),
        remedy: Text::new(
            format!("不用处理：已按名册登记为“{unit}”。"),
            format!("Nothing to do: it is registered as \"{unit}\", as in the roster."),
        ),
    }
}

fn perhaps(written: &str, alternatives: &[Alternative]) -> Said {
    let percent = |score: f64| format!("{:.0} %", score * 100.0);
    let names: Vec<&str> = alternatives.iter().map(|a| a.unit.as_str()).collect();
    let scored = |region: fn(&str) -> String| {
        let all: Vec<String> = alternatives
            .iter()
            .map(|a| format!("{}{} {}", a.unit, region(&a.region), percent(a.score)))
            .collect();
        all
    };
    let chinese = scored(|region| {
        if region.is_empty() {
            String::new()
        } else {
            format!("（{region}）")
        }
    });
    let english = scored(|region| {
        if region.is_empty() {
            String::new()
        } else {
            format!(" ({region})")
        }
    });
    Said {
        measured: Text::new(
            format!("{written}；相近的有 {}", chinese.join("、")),
            format!("{written}; similar: {}", english.join(", ")),
        ),
        allowed: Text::new("名册里的单位", "a unit of the roster"),
        message: Text::new(
            format!("名册里没有“{written}”，是不是 {}？", names.join("、")),
            format!(
                "The roster has no \"{written}\". Is it {}?",
                names.join(", or ")
            ),
        ),
        remedy: Text::new(
            format!(
                "请确认单位全称：如果是名册里的单位，请告诉秘书处是哪一个（秘书处把“{written}”记为它的别名）；如果不是，请告诉秘书处它也参加。"
            ),
            format!(
                "Check the unit's full name: if it is one of the roster's, tell the secretariat which (\"{written}\" becomes an \
                 alias of it); if not, tell the secretariat that it takes part."
            ),
        ),
    }
}

fn unknown(written: &str) -> Said {
    Said {
        measured: Text::same(written),
        allowed: Text::new("名册里的单位", "a unit of the roster"),
        message: Text::new(
            format!("名册里没有“{written}”，也没有相近的单位。"),
            format!("The roster has no \"{written}\", and none like it."),
        ),
        remedy: Text::new(
            "请核对单位全称；如果写得没错，请告诉秘书处它也参加，由秘书处加进名册。",
            "Check the unit's full name; if it is right, tell the secretariat that it takes part, so that it comes into the roster.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(written: &str, found: Option<UnitMatch>) -> Option<Finding> {
        let mut submission = sample::submission();
        submission.name.unit = Some(written.to_owned());
        submission.roster = found;
        find(
            &sample::case(&submission, &sample::media()),
            &sample::rules().rules,
        )
    }

    fn known(by: KnownBy) -> UnitMatch {
        UnitMatch::Known {
            unit: "西南民族大学".to_owned(),
            region: "成都第一片区".to_owned(),
            by,
        }
    }

    #[test]
    fn a_unit_of_the_roster_and_no_roster_are_no_finding() {
        assert_eq!(judged("西南民族大学", Some(known(KnownBy::Name))), None);
        assert_eq!(judged("西南民族大学", None), None);
    }

    #[test]
    fn another_name_is_put_right_by_us() {
        insta::assert_snapshot!(sample::shown(judged("民大", Some(known(KnownBy::Alias)))), @r#"
        unit Advice None
        民大
        西南民族大学
        “民大”是“西南民族大学”的别名。
        "民大" is another name of "西南民族大学".
        不用处理：已按名册登记为“西南民族大学”。
        Nothing to do: it is registered as "西南民族大学", as in the roster.
        repaired: 西南民族大学
        "#);
        let former = judged("西南民族学院", Some(known(KnownBy::Former))).unwrap();
        insta::assert_snapshot!(former.message.zh, @"“西南民族学院”是“西南民族大学”的曾用名。");
        assert!(!former.is_open());
    }

    #[test]
    fn a_similar_name_asks_and_an_unknown_one_says_so() {
        let near = UnitMatch::Near(vec![
            Alternative {
                unit: "西南民族大学".to_owned(),
                region: "成都第一片区".to_owned(),
                score: 0.79,
            },
            Alternative {
                unit: "西南大学".to_owned(),
                region: String::new(),
                score: 0.65,
            },
        ]);
        insta::assert_snapshot!(sample::shown(judged("西南名族大学", Some(near))), @r#"
        unit Advice None
        西南名族大学；相近的有 西南民族大学（成都第一片区） 79 %、西南大学 65 %
        西南名族大学; similar: 西南民族大学 (成都第一片区) 79 %, 西南大学 65 %
        名册里的单位
        a unit of the roster
        名册里没有“西南名族大学”，是不是 西南民族大学、西南大学？
        The roster has no "西南名族大学". Is it 西南民族大学, or 西南大学?
        请确认单位全称：如果是名册里的单位，请告诉秘书处是哪一个（秘书处把“西南名族大学”记为它的别名）；如果不是，请告诉秘书处它也参加。
        Check the unit's full name: if it is one of the roster's, tell the secretariat which ("西南名族大学" becomes an alias of it); if not, tell the secretariat that it takes part.
        "#);
        insta::assert_snapshot!(sample::shown(judged("幸福小学", Some(UnitMatch::Unknown))), @r#"
        unit Advice None
        幸福小学
        名册里的单位
        a unit of the roster
        名册里没有“幸福小学”，也没有相近的单位。
        The roster has no "幸福小学", and none like it.
        请核对单位全称；如果写得没错，请告诉秘书处它也参加，由秘书处加进名册。
        Check the unit's full name; if it is right, tell the secretariat that it takes part, so that it comes into the roster.
        "#);
    }
}
