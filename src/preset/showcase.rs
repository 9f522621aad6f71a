//! `showcase.toml`, the one file of ours in the inbox: the event's title, which presets, the regions' recommendations
//! as far as they are written here, and what the secretary lets pass. Everything in it is optional, and so is it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::error::Problem;
use super::{Document, title};
use crate::intake::Submission;
use crate::text::Text;

/// What `showcase.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShowcaseFile {
    /// `zhanbo.showcase/1`, where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("const" = ShowcaseFile::SCHEMA))]
    pub schema: Option<String>,
    /// The event's title, in both languages or one text for both.
    #[serde(with = "title::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<title::OneOrBoth>")]
    pub title: Option<Text>,
    /// Rule set: a built-in one's name, or a path that is relative to this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Ladder: a built-in one's name, or a path that is relative to this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
    /// What the regions recommend for the annual meeting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recommend: Vec<Recommend>,
    /// Findings that the secretary lets pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waive: Vec<Waive>,
}

/// A region's recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommend {
    /// The region.
    pub region: String,
    /// The unit; may be left out where the title is unique in its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title.
    pub title: String,
}

/// "This finding may pass": who says so, and why. Stays on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// Path of the video inside the inbox, `/` between parts; or `unit` and `title` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit, together with `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title, together with `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The rule's name, as in `zhanbo rule NAME`.
    pub rule: String,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Waive {
    /// Whether this is about that submission. Composed and decomposed letters are the same letters.
    pub fn is_about(&self, submission: &Submission) -> bool {
        let same = |written: &Option<String>, found: Option<&str>| match (written, found) {
            (Some(written), Some(found)) => written.trim().nfc().eq(found.trim().nfc()),
            _ => false,
        };
        match &self.source {
            Some(_) => same(&self.source, Some(&submission.source)),
            None => {
                same(&self.unit, submission.name.unit.as_deref())
                    && same(&self.title, submission.name.title.as_deref())
            }
        }
    }

    fn check(&self, index: usize) -> Result<(), Problem> {
        let at = |key: &'static str| ["waive".into(), index.into(), key.into()];
        let by_name = self.unit.is_some() || self.title.is_some();
        let whole_name = self.unit.is_some() && self.title.is_some();
        if self.source.is_some() == by_name || by_name && !whole_name {
            let reason = "a waiver names its video by `source`, or by `unit` and `title`";
            return Err(Problem::new(["waive".into(), index.into()], reason));
        }
        let known = crate::check::rule_names();
        if !known.contains(&self.rule.as_str()) {
            let reason = format!(
                "there is no rule {:?}; the rules are {}",
                self.rule,
                known.join(", ")
            );
            return Err(Problem::new(at("rule"), reason).meant(&self.rule, known.iter().copied()));
        }
        for (key, text) in [("by", &self.by), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                let reason = format!("`{key}` stays on record and can not be empty");
                return Err(Problem::new(at(key), reason));
            }
        }
        Ok(())
    }
}

impl Document for ShowcaseFile {
    const SCHEMA: &'static str = "zhanbo.showcase/1";
    const SCHEMA_IS_OPTIONAL: bool = true;

    fn check(&self) -> Result<(), Problem> {
        for (index, waive) in self.waive.iter().enumerate() {
            waive.check(index)?;
        }
        for (index, recommend) in self.recommend.iter().enumerate() {
            for (key, text) in [("region", &recommend.region), ("title", &recommend.title)] {
                if text.trim().is_empty() {
                    let at = ["recommend".into(), index.into(), key.into()];
                    return Err(Problem::new(at, format!("`{key}` can not be empty")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::preset::parse;
    use crate::preset::tests::problem;

    const WAIVE: &str = "[[waive]]\nrule = \"sound\"\nby = \"秘书处\"\nreason = \"默片\"\n";

    #[test]
    fn an_empty_file_is_a_showcase() {
        assert_eq!(
            parse::<ShowcaseFile>("showcase.toml", "").unwrap(),
            ShowcaseFile::default()
        );
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = r#"
schema = "zhanbo.showcase/1"
title = { zh = "展播", en = "Showcase" }
preset = "sichuan-2021-showcase"
ladder = "./ladder.toml"
[[recommend]]
region = "川北片区"
title = "猫"
[[waive]]
source = "川北片区/西南科技大学《猫》.mp4"
rule = "sound"
by = "秘书处"
reason = "默片"
"#;
        let file: ShowcaseFile = parse("showcase.toml", text).unwrap();
        assert_eq!(file.title, Some(Text::new("展播", "Showcase")));
        assert_eq!(file.recommend[0].title, "猫");
        assert_eq!(file.waive[0].by, "秘书处");
        let again: ShowcaseFile = parse("again", &toml::to_string(&file).unwrap()).unwrap();
        assert_eq!(again, file);
    }

    #[test]
    fn one_title_serves_both_languages() {
        let file: ShowcaseFile = parse("x", "title = \"展播 2024\"").unwrap();
        assert_eq!(file.title, Some(Text::same("展播 2024")));
    }

    #[test]
    fn a_waiver_that_would_not_work_is_refused() {
        insta::assert_snapshot!(problem::<ShowcaseFile>(WAIVE), @r"
        my.toml:1:1: a waiver names its video by `source`, or by `unit` and `title`
        请改第 1 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}unit = \"甲\"")), @r"
        my.toml:1:1: a waiver names its video by `source`, or by `unit` and `title`
        请改第 1 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"\nunit = \"甲\"\ntitle = \"乙\"")), @r"
        my.toml:1:1: a waiver names its video by `source`, or by `unit` and `title`
        请改第 1 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"").replace("sound", "orientatoin")), @r#"
        my.toml:2:8: there is no rule "orientatoin"; the rules are readable, orientation, fake-landscape, max-duration, min-duration, max-size, container, extension, naming, introduction, picture-size, picture-clear, picture-continuous, interlacing, sound, sound-level, sound-clipped, sound-channels, loudness-range, damage, subtitles, duplicate; did you mean `orientation`?
        请看第 2 行，很可能应写作 `orientation`
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"").replace("默片", " ")), @r"
        my.toml:4:10: `reason` stays on record and can not be empty
        请改第 4 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("[[recommend]]\nregion = \"\"\ntitle = \"猫\""), @r"
        my.toml:2:10: `region` can not be empty
        请改第 2 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("title = 2024"), @r#"
        my.toml:1:9: expected a text, or { zh = "…", en = "…" } with both
        请改第 1 行；写法可以对照 `zhanbo presets show` 显示的内置预设
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>("presets = \"plain\""), @r"
        my.toml:1:1: unknown field `presets`, expected one of `schema`, `title`, `preset`, `ladder`, `recommend`, `waive`; did you mean `preset`?
        请看第 1 行，很可能应写作 `preset`
        ");
    }

    #[test]
    fn a_waiver_finds_its_video_by_path_or_by_name() {
        let submission = sample::submission();
        let waive = |extra: String| {
            parse::<ShowcaseFile>("x", &format!("{WAIVE}{extra}"))
                .unwrap()
                .waive
                .remove(0)
        };
        assert!(waive(format!("source = \"{}\"", submission.source)).is_about(&submission));
        assert!(!waive("source = \"b.mp4\"".to_owned()).is_about(&submission));
        assert!(
            waive("unit = \"西南民族大学\"\ntitle = \" 爱我中华\"".to_owned())
                .is_about(&submission)
        );
        assert!(!waive("unit = \"西南民族大学\"\ntitle = \"猫\"".to_owned()).is_about(&submission));
        let mut nameless = submission;
        nameless.name.unit = None;
        assert!(
            !waive("unit = \"西南民族大学\"\ntitle = \"爱我中华\"".to_owned()).is_about(&nameless)
        );
    }
}
