//! `showcase.toml`, the one file of ours in the inbox: the event's title, which presets, the regions' recommendations
//! as far as they are written here, and the secretary's [decisions](super::decision). Everything in it is optional, and so is it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::{Confirm, Delivery, Overrule, Waive};
use super::error::Problem;
use super::programme::ProgrammeFile;
use super::rules::{Date, Window};
use super::{Document, title};
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
    /// What the hall plays, and how it looks.
    #[serde(skip_serializing_if = "is_default")]
    pub programme: ProgrammeFile,
    /// When videos may be handed in, instead of the rule set's window: a notice may have several terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Until when returned videos may be handed in again; stands in the notices of return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resubmit_by: Option<Date>,
    /// What the website says of itself.
    #[serde(skip_serializing_if = "Site::is_default")]
    pub site: Site,
    /// When deliveries came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery: Vec<Delivery>,
    /// Findings that the secretary lets pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waive: Vec<Waive>,
    /// Verdicts of the secretary's own.
    #[serde(rename = "override", skip_serializing_if = "Vec::is_empty")]
    pub overrule: Vec<Overrule>,
    /// Videos that look the same, and a person's word about them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirm: Vec<Confirm>,
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

fn is_default(programme: &ProgrammeFile) -> bool {
    *programme == ProgrammeFile::default()
}

/// What the website says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Where the website will be: `https://example.org/zhanbo`. Without it there is no sitemap, no RSS, and no address in
    /// link previews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// First day on which the videos of the meeting's programme are on the website, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Date>,
    /// The line at the foot of every page.
    #[serde(with = "title::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<title::OneOrBoth>")]
    pub copyright: Option<Text>,
}

impl Site {
    fn is_default(&self) -> bool {
        *self == Site::default()
    }

    fn check(&self) -> Result<(), Problem> {
        let at = |key: &'static str| ["site".into(), key.into()];
        if let Some(url) = &self.base_url
            && !is_address(url)
        {
            let told = format!(
                "{url:?} is not a website's address: write it as \"https://example.org/zhanbo\", without `?` and `#`"
            );
            return Err(Problem::new(at("base_url"), told));
        }
        let is_blank = |text: &Text| text.zh.trim().is_empty() || text.en.trim().is_empty();
        if self.copyright.as_ref().is_some_and(is_blank) {
            return Err(Problem::new(
                at("copyright"),
                "`copyright` can not be empty",
            ));
        }
        Ok(())
    }
}

/// Whether pages can be named below this: a scheme, a host, and perhaps a path, in characters that need no encoding.
fn is_address(url: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = rest else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let in_host = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
    let in_path = |b: u8| b.is_ascii_alphanumeric() || b"-._~%/".contains(&b);
    let starts = host
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[');
    starts && host.bytes().all(in_host) && path.bytes().all(in_path) && !rest.contains("//")
}

impl ShowcaseFile {
    /// Tells each decision on which line it stands, so that one that comes to nothing can be found again.
    pub(super) fn number(&mut self, line_of: impl Fn(&'static str, usize) -> usize) {
        for (index, waive) in self.waive.iter_mut().enumerate() {
            waive.line = line_of("waive", index);
        }
        for (index, overrule) in self.overrule.iter_mut().enumerate() {
            overrule.line = line_of("override", index);
        }
        for (index, confirm) in self.confirm.iter_mut().enumerate() {
            confirm.line = line_of("confirm", index);
        }
        for (index, delivery) in self.delivery.iter_mut().enumerate() {
            delivery.line = line_of("delivery", index);
        }
    }

    fn check_decisions(&self) -> Result<(), Problem> {
        for (index, waive) in self.waive.iter().enumerate() {
            waive.check(index)?;
        }
        for (index, overrule) in self.overrule.iter().enumerate() {
            overrule.check(index)?;
        }
        for (index, confirm) in self.confirm.iter().enumerate() {
            confirm.check(index)?;
        }
        for (index, delivery) in self.delivery.iter().enumerate() {
            delivery.check(index, &self.delivery[..index])?;
        }
        Ok(())
    }
}

impl Document for ShowcaseFile {
    const SCHEMA: &'static str = "zhanbo.showcase/1";
    const SCHEMA_IS_OPTIONAL: bool = true;

    fn check(&self) -> Result<(), Problem> {
        if let Some(window) = &self.window {
            window.check("window")?;
        }
        self.site.check()?;
        self.check_decisions()?;
        self.programme.check()?;
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
    use crate::preset::tests::problem;
    use crate::preset::{Ruling, Subject, parse};

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
        my.toml:1:1: `waive` names its video by `source`, or by `unit` and `title`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}unit = \"甲\"")), @r"
        my.toml:1:1: `waive` names its video by `source`, or by `unit` and `title`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"\nunit = \"甲\"\ntitle = \"乙\"")), @r"
        my.toml:1:1: `waive` names its video by `source`, or by `unit` and `title`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"").replace("sound", "orientatoin")), @r#"
        my.toml:2:8: there is no rule "orientatoin"; the rules are readable, orientation, fake-landscape, max-duration, min-duration, max-size, container, codec, extension, naming, unit, region, introduction, introduction-content, script, attachments, picture-size, picture-clear, picture-continuous, interlacing, frame-rate, sound, sound-level, sound-clipped, sound-channels, loudness-range, damage, subtitles, late, duplicate, superseded, second-submission; did you mean `orientation`?
        请看第 2 行，很可能应写作 `orientation`
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>(&format!("{WAIVE}source = \"a\"").replace("默片", " ")), @r"
        my.toml:4:10: `reason` stays on record and can not be empty
        请改第 4 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("[[recommend]]\nregion = \"\"\ntitle = \"猫\""), @r"
        my.toml:2:10: `region` can not be empty
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("title = 2024"), @r#"
        my.toml:1:9: expected a text, or { zh = "…", en = "…" } with both
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>("presets = \"plain\""), @r"
        my.toml:1:1: unknown field `presets`, expected one of `schema`, `title`, `preset`, `ladder`, `recommend`, `programme`, `window`, `resubmit_by`, `site`, `delivery`, `waive`, `override`, `confirm`; did you mean `preset`?
        请看第 1 行，很可能应写作 `preset`
        ");
    }

    #[test]
    fn the_websites_table_is_read_and_a_wrong_address_is_refused() {
        let text = "[site]\nbase_url = \"https://example.org/zhanbo/\"\nreveal = 2021-07-15\ncopyright = \"© 学会\"";
        let file: ShowcaseFile = parse("x", text).unwrap();
        assert_eq!(file.site.reveal.as_ref().unwrap().as_str(), "2021-07-15");
        assert_eq!(file.site.copyright, Some(Text::same("© 学会")));
        let again: ShowcaseFile = parse("again", &toml::to_string(&file).unwrap()).unwrap();
        assert_eq!(again, file);
        for good in [
            "http://10.1.2.3:8080",
            "https://a.example/x/y/",
            "http://[::1]/",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "example.org",
            "https://",
            "https:///x",
            "ftp://a.example",
            "https://a.example/?x",
            "https://a.example/#x",
            "https://a example",
            "https://a.example/\"",
            "https://u@a.example",
            "https://a.example//x",
            "javascript:x",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        insta::assert_snapshot!(problem::<ShowcaseFile>("[site]\nbase_url = \"example.org\""), @r#"
        my.toml:2:12: "example.org" is not a website's address: write it as "https://example.org/zhanbo", without `?` and `#`
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>("[site]\ncopyright = \" \""), @r"
        my.toml:2:13: `copyright` can not be empty
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("[site]\nurl = \"x\""), @r"
        my.toml:2:1: unknown field `url`, expected one of `base_url`, `reveal`, `copyright`
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
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
        let about = |waive: Waive| waive.is_about(&Subject::from(&submission));
        assert!(about(waive(format!("source = \"{}\"", submission.source))));
        assert!(!about(waive("source = \"b.mp4\"".to_owned())));
        assert!(about(waive(
            "unit = \"西南民族大学\"\ntitle = \" 爱我中华\"".to_owned()
        )));
        assert!(!about(waive(
            "unit = \"西南民族大学\"\ntitle = \"猫\"".to_owned()
        )));
        let mut nameless = submission.clone();
        nameless.name.unit = None;
        assert!(
            !waive("unit = \"西南民族大学\"\ntitle = \"爱我中华\"".to_owned())
                .is_about(&Subject::from(&nameless))
        );
    }

    #[test]
    fn dates_and_decisions_are_read() {
        let text = r#"
window = { until = 2021-07-20 }
resubmit_by = 2021-07-25
[[delivery]]
region = "川北片区"
received = 2021-07-13
[[waive]]
region = "川北片区"
rule = "late"
by = "秘书处"
reason = "停电"
[[override]]
unit = "西南科技大学"
title = "猫"
verdict = "accepted"
by = "秘书处"
reason = "会上定的"
[[confirm]]
source = "川北片区/a.mp4"
of = "川北片区/b.mp4"
same = false
by = "秘书处"
reason = "对照看过"
"#;
        let mut file: ShowcaseFile = parse("showcase.toml", text).unwrap();
        assert_eq!(file.window.as_ref().unwrap().until.as_str(), "2021-07-20");
        assert_eq!(file.overrule[0].verdict, Ruling::Accepted);
        let again: ShowcaseFile = parse("again", &toml::to_string(&file).unwrap()).unwrap();
        assert_eq!(again, file);
        file.number(|table, index| crate::preset::error::line_of(text, table, index));
        let lines = (
            file.delivery[0].line,
            file.waive[0].line,
            file.overrule[0].line,
            file.confirm[0].line,
        );
        assert_eq!(lines, (4, 7, 12, 18));
    }

    #[test]
    fn decisions_that_would_not_work_are_refused() {
        let wrong = |table: &str, lines: &str| {
            problem::<ShowcaseFile>(&format!(
                "[[{table}]]\nby = \"秘书处\"\nreason = \"会上定的\"\n{lines}"
            ))
        };
        insta::assert_snapshot!(wrong("override", "source = \"a\"\nverdict = \"accept\""), @r"
        my.toml:5:11: unknown variant `accept`, expected `accepted` or `returned`; did you mean `accepted`?
        请看第 5 行，很可能应写作 `accepted`
        ");
        insta::assert_snapshot!(wrong("override", "unit = \"a\"\nverdict = \"accepted\""), @r"
        my.toml:1:1: `override` names its video by `source`, or by `unit` and `title`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("confirm", "source = \"a\"\nof = 1\nsame = true"), @r#"
        my.toml:5:6: expected the other video's path, or { unit = "…", title = "…" }
        请改第 5 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(wrong("confirm", "source = \"a\"\nof = \"b\""), @r"
        my.toml:1:1: missing field `same`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(wrong("waive", "region = \"a\"\nsource = \"b\"\nrule = \"late\""), @r"
        my.toml:1:1: a waiver is for a region or for one video: `region`, or else `source`, or else `unit` and `title`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("[[delivery]]\nreceived = 2021-07-13"), @r"
        my.toml:1:1: a delivery names its `region`, `source` or `unit`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>(
            "[[delivery]]\nregion = \"a\"\nreceived = 2021-07-13\n[[delivery]]\nregion = \"a\"\nreceived = 2021-07-14"
        ), @r"
        my.toml:4:1: this delivery has a date already: say by `source` or `unit` which videos came on which day
        请改第 4 行；`zhanbo presets template` 会列出每一项的写法和说明
        ");
        insta::assert_snapshot!(problem::<ShowcaseFile>("[[delivery]]\nregion = \"a\"\nreceived = \"7月13日\""), @r#"
        my.toml:3:12: "7月13日" is not a date: write "2021-06-23", year, month and day
        请改第 3 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>("resubmit_by = \"soon\""), @r#"
        my.toml:1:15: "soon" is not a date: write "2021-06-23", year, month and day
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<ShowcaseFile>("resubmitby = 2021-07-13"), @r"
        my.toml:1:1: unknown field `resubmitby`, expected one of `schema`, `title`, `preset`, `ladder`, `recommend`, `programme`, `window`, `resubmit_by`, `site`, `delivery`, `waive`, `override`, `confirm`; did you mean `resubmit_by`?
        请看第 1 行，很可能应写作 `resubmit_by`
        ");
    }
}
