//! What the secretary decides in `showcase.toml`: what may pass, what is accepted or returned all the same, which two films
//! are one, and when deliveries came. In: TOML. Out: decisions that know whom they are about. Never judges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::error::{Problem, Step};
use super::rules::Date;
use crate::id::SubmissionId;
use crate::intake::Submission;

/// A submission as decisions name it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The region's name.
    pub region: &'a str,
    /// Path inside the inbox.
    pub source: &'a str,
    /// The unit, by its name of today where the roster knows it: as the report shows it.
    pub unit: Option<&'a str>,
    /// The video's title, from the name.
    pub title: Option<&'a str>,
}

impl<'a> From<&'a Submission> for Subject<'a> {
    fn from(submission: &'a Submission) -> Self {
        Subject {
            region: &submission.region,
            source: &submission.source,
            unit: submission.unit(),
            title: submission.name.title.as_deref(),
        }
    }
}

/// "This finding may pass": who says so, and why. Stays on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waive {
    /// A region: the finding may pass for the region itself and for all its videos; instead of naming a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Path of the video inside the inbox, `/` between parts; or `unit` and `title` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit, together with `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title, together with `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The rule's name, as in `zhanbo rule NAME`; of a region's finding, the name that the report gives.
    pub rule: String,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Line of the file, from 1; 0 where it is in none.
    #[serde(skip)]
    #[schemars(skip)]
    pub line: usize,
}

impl Waive {
    /// Whether this is about that submission. Composed and decomposed letters are the same letters.
    pub fn is_about(&self, subject: &Subject<'_>) -> bool {
        match &self.region {
            Some(region) => same(region, subject.region),
            None => self.named().is(subject),
        }
    }

    pub(super) fn check(&self, index: usize) -> Result<(), Problem> {
        let named = self.named();
        if self.region.is_some() {
            if named.is_anything() {
                let reason = "a waiver is for a region or for one video: `region`, or else `source`, or else `unit` and `title`";
                return Err(Problem::new(["waive".into(), index.into()], reason));
            }
        } else {
            named.check("waive", ["waive".into(), index.into()])?;
            self.check_rule(index)?;
        }
        let texts = [
            ("rule", &self.rule),
            ("by", &self.by),
            ("reason", &self.reason),
        ];
        check_on_record("waive", index, &texts)
    }

    // Findings about regions come from several stages and have no manual; a name that fits none is told after judging.
    fn check_rule(&self, index: usize) -> Result<(), Problem> {
        let known = crate::check::rule_names();
        if known.contains(&self.rule.as_str()) {
            return Ok(());
        }
        let reason = format!(
            "there is no rule {:?}; the rules are {}",
            self.rule,
            known.join(", ")
        );
        let at = ["waive".into(), index.into(), "rule".into()];
        Err(Problem::new(at, reason).meant(&self.rule, known.iter().copied()))
    }

    fn named(&self) -> Named<'_> {
        Named::of(
            self.source.as_ref(),
            self.unit.as_ref(),
            self.title.as_ref(),
        )
    }
}

/// A verdict of the secretary's own, whatever the rules say. What can not be read can not be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrule {
    /// Path of the video inside the inbox, `/` between parts; or `unit` and `title` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit, together with `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title, together with `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `accepted` or `returned`.
    pub verdict: Ruling,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Line of the file, from 1; 0 where it is in none.
    #[serde(skip)]
    #[schemars(skip)]
    pub line: usize,
}

/// What a person may decide about a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// It is shown.
    Accepted,
    /// It goes back to its unit.
    Returned,
}

impl Overrule {
    /// Whether this is about that submission.
    pub fn is_about(&self, subject: &Subject<'_>) -> bool {
        self.named().is(subject)
    }

    pub(super) fn check(&self, index: usize) -> Result<(), Problem> {
        self.named()
            .check("override", ["override".into(), index.into()])?;
        check_on_record(
            "override",
            index,
            &[("by", &self.by), ("reason", &self.reason)],
        )
    }

    fn named(&self) -> Named<'_> {
        Named::of(
            self.source.as_ref(),
            self.unit.as_ref(),
            self.title.as_ref(),
        )
    }
}

/// Two videos that look the same: a person has watched both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Path of one video inside the inbox, `/` between parts; or `unit` and `title` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit, together with `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title, together with `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The other video: its path inside the inbox, or `{ unit = "…", title = "…" }`.
    pub of: Other,
    /// `true`: the same film, and a duplicate; `false`: two films.
    pub same: bool,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Line of the file, from 1; 0 where it is in none.
    #[serde(skip)]
    #[schemars(skip)]
    pub line: usize,
}

/// "This is meant": what the programme's certificate would refuse about one film, who says so, and why. Stays on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Path of the video inside the inbox, `/` between parts; or `unit` and `title` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit, together with `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The video's title, together with `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    pub check: Meant,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What of a film may be meant; all else that a certificate refuses is a fault of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Meant {
    /// It begins or ends with black.
    Black,
    /// It begins or ends with silence.
    Silence,
    /// It is louder or quieter than the others.
    Loudness,
}

impl Accept {
    /// Whether this is about the film with this id, unit and title.
    pub fn is_about(&self, id: Option<&SubmissionId>, unit: &str, title: &str) -> bool {
        if let Some(source) = &self.source {
            return id == Some(&SubmissionId::of(source));
        }
        let fits = |written: &Option<String>, found: &str| {
            written.as_ref().is_some_and(|written| same(written, found))
        };
        fits(&self.unit, unit) && fits(&self.title, title)
    }

    /// How it names its film.
    pub fn film(&self) -> String {
        match (&self.source, &self.unit, &self.title) {
            (Some(source), ..) => source.clone(),
            (None, unit, title) => format!(
                "{}《{}》",
                unit.as_deref().unwrap_or_default(),
                title.as_deref().unwrap_or_default()
            ),
        }
    }

    pub(super) fn check(&self, index: usize) -> Result<(), Problem> {
        let (table, at) = (
            "programme.accept",
            ["programme".into(), "accept".into(), index.into()],
        );
        let named = Named::of(
            self.source.as_ref(),
            self.unit.as_ref(),
            self.title.as_ref(),
        );
        named.check(table, at)?;
        let texts = [("by", &self.by), ("reason", &self.reason)];
        match blank(&texts) {
            Some((key, reason)) => {
                let at = [
                    "programme".into(),
                    "accept".into(),
                    index.into(),
                    key.into(),
                ];
                Err(Problem::new(at, reason))
            }
            None => Ok(()),
        }
    }
}

/// The other one of two videos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected the other video's path, or { unit = \"…\", title = \"…\" }"
)]
pub enum Other {
    /// Path inside the inbox.
    Source(String),
    /// By its name.
    Name(UnitTitle),
}

/// A video by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitTitle {
    /// The unit.
    pub unit: String,
    /// The video's title.
    pub title: String,
}

impl Confirm {
    /// Whether this is about these two, whichever of them was named first.
    pub fn is_about(&self, one: &Subject<'_>, other: &Subject<'_>) -> bool {
        self.names(one) && self.of.is(other) || self.names(other) && self.of.is(one)
    }

    /// Whether the first of the two named ones is this.
    pub fn names(&self, subject: &Subject<'_>) -> bool {
        self.named().is(subject)
    }

    pub(super) fn check(&self, index: usize) -> Result<(), Problem> {
        self.named()
            .check("confirm", ["confirm".into(), index.into()])?;
        check_on_record(
            "confirm",
            index,
            &[("by", &self.by), ("reason", &self.reason)],
        )
    }

    fn named(&self) -> Named<'_> {
        Named::of(
            self.source.as_ref(),
            self.unit.as_ref(),
            self.title.as_ref(),
        )
    }
}

impl Other {
    /// Whether the second of the two named ones is this.
    pub fn is(&self, subject: &Subject<'_>) -> bool {
        match self {
            Other::Source(source) => same(source, subject.source),
            Other::Name(UnitTitle { unit, title }) => {
                Named::of(None, Some(unit), Some(title)).is(subject)
            }
        }
    }
}

/// The day on which a delivery came, as the secretary recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The region that sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// A file, folder or archive inside the inbox, `/` between parts: only what lies in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Only the videos of this unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The day, as `2021-07-13`.
    pub received: Date,
    /// Line of the file, from 1; 0 where it is in none.
    #[serde(skip)]
    #[schemars(skip)]
    pub line: usize,
}

impl Delivery {
    /// Whether that submission came with this delivery.
    pub fn is_about(&self, subject: &Subject<'_>) -> bool {
        let region = self
            .region
            .as_ref()
            .is_none_or(|region| same(region, subject.region));
        let source = self
            .source
            .as_ref()
            .is_none_or(|source| lies_in(subject.source, source));
        let unit = self
            .unit
            .as_ref()
            .is_none_or(|unit| subject.unit.is_some_and(|other| same(unit, other)));
        region && source && unit
    }

    /// What names fewer videos goes before what names more: a file, a longer path, a unit, a region.
    fn precision(&self) -> (usize, bool, bool) {
        let depth = self.source.as_ref().map_or(0, String::len);
        (depth, self.unit.is_some(), self.region.is_some())
    }

    pub(super) fn check(&self, index: usize, earlier: &[Delivery]) -> Result<(), Problem> {
        let at = || ["delivery".into(), index.into()];
        if self.region.is_none() && self.source.is_none() && self.unit.is_none() {
            return Err(Problem::new(
                at(),
                "a delivery names its `region`, `source` or `unit`",
            ));
        }
        let scope = |delivery: &Delivery| {
            (
                delivery.region.clone(),
                delivery.source.clone(),
                delivery.unit.clone(),
            )
        };
        if earlier.iter().any(|other| scope(other) == scope(self)) {
            let reason = "this delivery has a date already: say by `source` or `unit` which videos came on which day";
            return Err(Problem::new(at(), reason));
        }
        Ok(())
    }
}

/// The day on which a submission came, by the most precise of the records about it.
pub fn received<'a>(deliveries: &'a [Delivery], subject: &Subject<'_>) -> Option<&'a Date> {
    deliveries
        .iter()
        .filter(|delivery| delivery.is_about(subject))
        .max_by_key(|delivery| delivery.precision())
        .map(|delivery| &delivery.received)
}

/// How a decision names one video: by its path, or by unit and title.
#[derive(Clone, Copy)]
struct Named<'a> {
    source: Option<&'a String>,
    unit: Option<&'a String>,
    title: Option<&'a String>,
}

impl<'a> Named<'a> {
    fn of(source: Option<&'a String>, unit: Option<&'a String>, title: Option<&'a String>) -> Self {
        Named {
            source,
            unit,
            title,
        }
    }

    fn is(self, subject: &Subject<'_>) -> bool {
        let fits = |written: Option<&String>, found: Option<&str>| {
            written
                .zip(found)
                .is_some_and(|(written, found)| same(written, found))
        };
        match self.source {
            Some(_) => fits(self.source, Some(subject.source)),
            None => fits(self.unit, subject.unit) && fits(self.title, subject.title),
        }
    }

    fn is_anything(self) -> bool {
        self.source.is_some() || self.unit.is_some() || self.title.is_some()
    }

    fn check(self, table: &str, at: impl IntoIterator<Item = Step>) -> Result<(), Problem> {
        let by_name = self.unit.is_some() || self.title.is_some();
        let whole_name = self.unit.is_some() && self.title.is_some();
        if self.source.is_some() == by_name || by_name && !whole_name {
            let reason = format!("`{table}` names its video by `source`, or by `unit` and `title`");
            return Err(Problem::new(at, reason));
        }
        Ok(())
    }
}

/// The first of these texts that says nothing, and what is wrong with that.
fn blank(texts: &[(&'static str, &String)]) -> Option<(&'static str, String)> {
    let (key, _) = texts.iter().find(|(_, text)| text.trim().is_empty())?;
    Some((key, format!("`{key}` stays on record and can not be empty")))
}

fn check_on_record(
    table: &'static str,
    index: usize,
    texts: &[(&'static str, &String)],
) -> Result<(), Problem> {
    match blank(texts) {
        Some((key, reason)) => Err(Problem::new(
            [table.into(), index.into(), key.into()],
            reason,
        )),
        None => Ok(()),
    }
}

/// Composed and decomposed letters are the same letters.
pub fn same(written: &str, found: &str) -> bool {
    written.trim().nfc().eq(found.trim().nfc())
}

fn lies_in(source: &str, folder: &str) -> bool {
    let (source, folder): (String, String) =
        (source.nfc().collect(), folder.trim().nfc().collect());
    let rest = source.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn delivery(lines: &str) -> Delivery {
        toml::from_str(&format!("received = 2021-07-13\n{lines}")).unwrap()
    }

    #[test]
    fn the_most_precise_record_of_a_delivery_counts() {
        let submission = sample::submission();
        let subject = Subject::from(&submission);
        let mut deliveries = vec![
            delivery("source = \"成都第一片区\""),
            delivery("region = \"成都第一片区\""),
            delivery("region = \"成都第一片区\"\nunit = \"别的大学\""),
        ];
        deliveries[0].received = "2021-07-01".parse().unwrap();
        assert_eq!(
            received(&deliveries, &subject).unwrap().as_str(),
            "2021-07-01"
        );
        deliveries.push(delivery(
            "source = \"成都第一片区/西南民族大学《爱我中华》.mp4\"",
        ));
        assert_eq!(
            received(&deliveries, &subject).unwrap().as_str(),
            "2021-07-13"
        );
        assert_eq!(received(&deliveries[2..3], &subject), None);
    }

    #[test]
    fn a_delivery_is_a_file_a_folder_or_an_archive_but_not_its_namesake() {
        assert!(lies_in("川北.zip/a.mp4", "川北.zip"));
        assert!(lies_in("川北/a.mp4", "川北/"));
        assert!(lies_in("川北/a.mp4", "川北/a.mp4"));
        assert!(!lies_in("川北二/a.mp4", "川北"));
    }

    #[test]
    fn two_videos_may_be_named_in_either_order() {
        let (one, mut other) = (sample::submission(), sample::submission());
        other.source = "b.mp4".to_owned();
        other.name.title = Some("猫".to_owned());
        let (one, other) = (Subject::from(&one), Subject::from(&other));
        let confirm: Confirm = toml::from_str(
            "source = \"b.mp4\"\nof = { unit = \"西南民族大学\", title = \"爱我中华\" }\nsame = true\nby = \"x\"\nreason = \"y\"",
        )
        .unwrap();
        assert!(confirm.is_about(&one, &other) && confirm.is_about(&other, &one));
        assert!(!confirm.is_about(&one, &one));
    }

    #[test]
    fn a_waiver_for_a_region_is_for_all_its_videos() {
        let submission = sample::submission();
        let mut waive = sample::waive(&submission, "late");
        (waive.source, waive.region) = (None, Some("成都第一片区".to_owned()));
        assert!(waive.is_about(&Subject::from(&submission)));
        waive.region = Some("川北片区".to_owned());
        assert!(!waive.is_about(&Subject::from(&submission)));
    }
}
