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
    /// Its place in the report.
    place: usize,
    /// The same number has who has the same unit; 0 where that is not known.
    unit_group: usize,
    /// The same number has who has the same region.
    region_group: usize,
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
        .enumerate()
        .filter_map(|(place, submission)| {
            let facts = facts.get(&submission.id)?;
            let outputs = submission.outputs.as_ref()?;
            Some(film((place, submission), outputs, facts, lang))
        })
        .collect();
    films.sort_by_key(|film| std::cmp::Reverse(film.since));
    number_groups(&mut films);
    films
}

// Every film is compared with every other: numbers are.
fn number_groups(films: &mut [Film<'_>]) {
    let (mut units, mut regions) = (BTreeMap::new(), BTreeMap::new());
    for film in films {
        let next = units.len() + 1;
        if !film.unit.is_empty() {
            film.unit_group = *units.entry(film.unit.clone()).or_insert(next);
        }
        let next = regions.len();
        let region = film.submission.region.as_str();
        film.region_group = *regions.entry(region).or_insert(next);
    }
}

fn film<'a>(
    (place, submission): (usize, &'a SubmissionReport),
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
        place,
        unit_group: 0,
        region_group: 0,
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
pub(super) fn next<'f, 'a>(films: &'f [Film<'a>], of: &Film<'_>) -> Option<&'f Film<'a>> {
    let region = films
        .iter()
        .filter(|film| film.place != of.place && film.region_group == of.region_group);
    region.min_by_key(|film| (film.place < of.place, film.place))
}

/// Some others: first of the same unit, then of its region, then the newest.
pub(super) fn related<'f, 'a>(
    films: &'f [Film<'a>],
    of: &Film<'_>,
    but: Option<&Film<'_>>,
) -> Vec<&'f Film<'a>> {
    let (mut same_unit, mut same_region, mut others) = (vec![], vec![], vec![]);
    for film in films {
        if film.place == of.place || but.is_some_and(|but| but.place == film.place) {
            continue;
        }
        let kin = if of.unit_group > 0 && film.unit_group == of.unit_group {
            &mut same_unit
        } else if film.region_group == of.region_group {
            &mut same_region
        } else {
            &mut others
        };
        if kin.len() < RELATED {
            kin.push(film);
        }
    }
    let kin = same_unit.into_iter().chain(same_region).chain(others);
    kin.take(RELATED).collect()
}
