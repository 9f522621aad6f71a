//! One film as the website shows it. In: a [`Report`] and [`Facts`]. Out: [`Film`]s, newest first, and how they lead to each
//! other. Pure; every text from outside is cleaned here, and escaped where it is shown.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::{address, introduction, words};
use crate::id::SubmissionId;
use crate::report::model::{Outputs, Report, SubmissionReport};
use crate::report::terminal::printable;
use crate::text::Lang;
use crate::units::Millis;

/// Characters of the description that search engines and link previews show.
const DESCRIPTION: usize = 110;
/// Other films that a film's page leads to, beside the next one.
const RELATED: usize = 4;

/// One film as the website shows it.
#[derive(Debug)]
pub(super) struct Film<'a> {
    pub(super) submission: &'a SubmissionReport,
    pub(super) outputs: &'a Outputs,
    pub(super) facts: &'a Facts,
    /// Its address.
    pub(super) slug: String,
    /// Its title; the name it was handed in under where that says none.
    pub(super) title: String,
    /// Who made it; empty where the name does not say.
    pub(super) unit: String,
    /// What its introduction tells the public.
    pub(super) introduction: Vec<String>,
    /// Its region, in words.
    pub(super) region: String,
    /// When a run first accepted it; else when it was made.
    since: jiff::Timestamp,
}

/// All films of which there are facts, newest first by when they were accepted, those of one run in the report's order.
pub(super) fn films<'a>(
    report: &'a Report,
    facts: &'a BTreeMap<SubmissionId, Facts>,
    lang: Lang,
) -> Vec<Film<'a>> {
    let mut films: Vec<_> = report
        .submissions
        .iter()
        .filter_map(|submission| {
            let facts = facts.get(&submission.id)?;
            let outputs = submission.outputs.as_ref()?;
            Some(film(submission, outputs, facts, lang))
        })
        .collect();
    films.sort_by_key(|film| std::cmp::Reverse(film.since));
    films
}

fn film<'a>(
    submission: &'a SubmissionReport,
    outputs: &'a Outputs,
    facts: &'a Facts,
    lang: Lang,
) -> Film<'a> {
    let text = |text: &Option<String>| {
        let text = text
            .as_deref()
            .map(|text| printable(text).trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let paragraphs: Vec<_> = submission
        .introduction_text
        .iter()
        .map(|p| printable(p))
        .collect();
    Film {
        submission,
        outputs,
        facts,
        slug: address::of_film(submission),
        title: text(&submission.title).unwrap_or_else(|| nameless(submission)),
        unit: text(&submission.unit).unwrap_or_default(),
        introduction: introduction::public(&paragraphs),
        region: words::region(&submission.region, lang),
        since: submission
            .first_accepted
            .as_deref()
            .and_then(|since| since.parse().ok())
            .unwrap_or(facts.made_at),
    }
}

/// The name that it was handed in under, without its ending; the id where not even that can be shown.
fn nameless(submission: &SubmissionReport) -> String {
    let name = printable(&submission.original_name);
    let stem = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem)
        .trim();
    if stem.is_empty() {
        submission.id.to_string()
    } else {
        stem.to_owned()
    }
}

impl Film<'_> {
    /// Its page inside `site/`.
    pub(super) fn page(&self) -> String {
        address::film_page(&self.slug)
    }

    /// Its folder inside `site/`.
    pub(super) fn folder(&self) -> String {
        format!("media/{}", self.submission.id)
    }

    /// `单位《视频名称》`.
    pub(super) fn label(&self) -> String {
        if self.unit.is_empty() {
            format!("《{}》", self.title)
        } else {
            format!("{}《{}》", self.unit, self.title)
        }
    }

    /// How long it is; nothing where nobody measured.
    pub(super) fn duration(&self) -> Millis {
        self.submission
            .media
            .as_ref()
            .map_or(Millis(0), |media| media.duration_ms)
    }

    /// The picture's size; that of a common one where nothing is known.
    pub(super) fn size(&self) -> (u32, u32) {
        let top = self.outputs.variants.first();
        top.map_or((1280, 720), |variant| (variant.width, variant.height))
    }

    /// Since when it is accepted, RFC 3339, in China's time.
    pub(super) fn published_at(&self) -> String {
        self.published()
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }

    /// Since when it is accepted, in China's time.
    pub(super) fn published(&self) -> jiff::Zoned {
        in_china(self.since)
    }

    /// When it was made last, in China's time.
    pub(super) fn made(&self) -> jiff::Zoned {
        in_china(self.facts.made_at)
    }

    /// One line about it: how its introduction begins, else its name.
    pub(super) fn description(&self) -> String {
        let text = self.introduction.join(" ");
        if text.is_empty() {
            return format!("{} · {}", self.label(), self.region);
        }
        let mut short: String = text.chars().take(DESCRIPTION).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short
    }
}

fn in_china(time: jiff::Timestamp) -> jiff::Zoned {
    time.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
}

/// The film that follows in its region, in the report's order; after the last comes the first.
pub(super) fn next<'f, 'a>(
    films: &'f [Film<'a>],
    report: &Report,
    of: &Film<'_>,
) -> Option<&'f Film<'a>> {
    let same_region = |s: &&SubmissionReport| s.region == of.submission.region;
    let find = |id: &SubmissionId| films.iter().find(|film| film.submission.id == *id);
    let region: Vec<_> = report
        .submissions
        .iter()
        .filter(same_region)
        .filter_map(|s| find(&s.id))
        .collect();
    let at = region
        .iter()
        .position(|film| film.submission.id == of.submission.id)?;
    let next = region[(at + 1) % region.len()];
    (next.submission.id != of.submission.id).then_some(next)
}

/// Some others: first of the same unit, then of its region, then the newest.
pub(super) fn related<'f, 'a>(
    films: &'f [Film<'a>],
    of: &Film<'_>,
    but: Option<&Film<'_>>,
) -> Vec<&'f Film<'a>> {
    let is_other = |film: &&Film<'_>| {
        film.submission.id != of.submission.id
            && but.is_none_or(|but| but.submission.id != film.submission.id)
    };
    let mut others: Vec<_> = films.iter().filter(is_other).collect();
    others.sort_by_key(|film| {
        let same_unit = !of.unit.is_empty() && film.unit == of.unit;
        (!same_unit, film.submission.region != of.submission.region)
    });
    others.truncate(RELATED);
    others
}
