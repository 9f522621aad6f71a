//! Which unit of the roster a written name means. In: the roster and a name. Out: a [`UnitMatch`]. A name that is only
//! similar is never taken for the same: it comes back with the alternatives, and a person decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Alternatives that are shown for a name that is only similar.
pub const MAX_ALTERNATIVES: usize = 3;
/// Likeness from which a unit is an alternative.
pub const LEAST_LIKENESS: f64 = 0.6;
/// Characters of a name that are compared; longer names do not exist, but hostile ones do.
const MAX_COMPARED: usize = 64;
/// What names of schools end with, long and short, and what says nothing about which school it is.
const KINDS: [&str; 9] = [
    "职业技术学院",
    "职业学院",
    "大学",
    "大學",
    "学院",
    "學院",
    "学校",
    "大",
    "院",
];

/// A unit as the roster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The region it belongs to, named as in the notice; empty where the roster does not say.
    pub region: String,
    /// Its name today.
    pub name: String,
    /// Its short names.
    pub aliases: Vec<String>,
    /// What it was called before.
    pub former: Vec<String>,
    /// Row in which it stands, from 1.
    pub row: usize,
}

/// All units, and every name that means one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    units: Vec<Unit>,
    /// By normalised name: whom it may mean, names before aliases before former names.
    names: BTreeMap<String, Vec<Meaning>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Meaning {
    by: KnownBy,
    unit: usize,
}

/// Which of its names a unit was called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownBy {
    /// The name of today.
    Name,
    /// A short name.
    Alias,
    /// A former name.
    Former,
}

/// What the roster says of a name.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitMatch {
    /// This unit.
    Known {
        /// Its name today.
        unit: String,
        /// The region it belongs to; empty where the roster does not say.
        region: String,
        /// By which of its names it was called.
        by: KnownBy,
    },
    /// No unit has this name, but some have a similar one, or several share it; most likely first, never empty.
    Near(Vec<Alternative>),
    /// No unit has this name or a similar one.
    Unknown,
}

/// A unit that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Its name today.
    pub unit: String,
    /// The region it belongs to.
    pub region: String,
    /// Likeness from 0 to 1.
    pub score: f64,
}

impl Roster {
    /// The roster of these units.
    pub fn new(units: Vec<Unit>) -> Self {
        let mut names: BTreeMap<String, Vec<Meaning>> = BTreeMap::new();
        for (at, unit) in units.iter().enumerate() {
            for (name, by) in unit.names() {
                let meaning = Meaning { by, unit: at };
                let meanings = names.entry(unit_key(name)).or_default();
                if !meanings.iter().any(|known| known.unit == at) {
                    meanings.push(meaning);
                }
            }
        }
        names.remove("");
        for meanings in names.values_mut() {
            meanings.sort();
        }
        Roster { units, names }
    }

    /// The units in the roster's order.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Which unit is meant by a name that was handed in by a region.
    pub fn find(&self, written: &str, region: &str) -> UnitMatch {
        let Some(meanings) = self.names.get(&unit_key(written)) else {
            return self.near(written, region);
        };
        match self.settled(meanings, region) {
            Ok(meaning) => {
                let unit = &self.units[meaning.unit];
                UnitMatch::Known {
                    unit: unit.name.clone(),
                    region: unit.region.clone(),
                    by: meaning.by,
                }
            }
            Err(several) => {
                let shared = several.iter().take(MAX_ALTERNATIVES);
                UnitMatch::Near(
                    shared
                        .map(|meaning| self.alternative(meaning.unit, 1.0))
                        .collect(),
                )
            }
        }
    }

    /// The unit's name of today where a name means one for certain, else the name as it is written.
    pub fn name_of_today(&self, written: String, region: &str) -> String {
        match self.find(&written, region) {
            UnitMatch::Known { unit, .. } => unit,
            UnitMatch::Near(_) | UnitMatch::Unknown => written,
        }
    }

    /// Whether a name means a unit, whichever.
    pub fn knows(&self, written: &str) -> bool {
        self.names.contains_key(&unit_key(written))
    }

    /// The longest name of a unit that a text starts with.
    pub fn name_at_start<'a>(&self, text: &'a str) -> Option<&'a str> {
        let names = self.units.iter().flat_map(Unit::names);
        let longest = names
            .filter(|(name, _)| !name.is_empty() && text.starts_with(name))
            .map(|(name, _)| name.len())
            .max()?;
        Some(&text[..longest])
    }

    /// Names that mean several units of the same rank: nobody can tell whose a video is that bears one.
    pub fn shared_names(&self) -> Vec<(String, Vec<&Unit>)> {
        let shared = self.names.values().filter_map(|meanings| {
            let units: Vec<&Unit> = meanings.iter().map(|m| &self.units[m.unit]).collect();
            let best = meanings.first()?;
            // The same name in two regions is two units, told apart by the region that hands in.
            let is_namesake = meanings.iter().all(|m| m.by == KnownBy::Name);
            let others = meanings.iter().skip(1).any(|m| m.by != KnownBy::Former);
            (others && !is_namesake).then(|| {
                let name = units[0]
                    .names()
                    .find(|(name, by)| {
                        *by == best.by && self.names.get(&unit_key(name)) == Some(meanings)
                    })
                    .map_or_else(String::new, |(name, _)| name.to_owned());
                (name, units)
            })
        });
        shared.collect()
    }

    /// One meaning, or those among which nothing decides: names come before aliases, the region's own before others.
    fn settled<'a>(
        &self,
        meanings: &'a [Meaning],
        region: &str,
    ) -> Result<Meaning, Vec<&'a Meaning>> {
        let best = meanings.first().map(|meaning| meaning.by);
        let ranked: Vec<&Meaning> = meanings.iter().filter(|m| Some(m.by) == best).collect();
        let own: Vec<&Meaning> = ranked
            .iter()
            .copied()
            .filter(|meaning| self.units[meaning.unit].region == region)
            .collect();
        match (ranked.as_slice(), own.as_slice()) {
            ([only], _) | (_, [only]) => Ok(**only),
            // Two units of one name, both in other regions: the first will do to say "wrong region".
            ([first, ..], _) if first.by == KnownBy::Name => Ok(**first),
            _ => Err(ranked),
        }
    }

    fn near(&self, written: &str, region: &str) -> UnitMatch {
        let mut found: Vec<(f64, usize)> = self
            .units
            .iter()
            .enumerate()
            .map(|(at, unit)| {
                let scores = unit.names().map(|(name, _)| likeness(written, name));
                (scores.fold(0.0, f64::max), at)
            })
            .filter(|(score, _)| *score >= LEAST_LIKENESS)
            .collect();
        let is_foreign = |at: usize| self.units[at].region != region;
        found.sort_by(|(a, one), (b, other)| {
            b.total_cmp(a)
                .then(is_foreign(*one).cmp(&is_foreign(*other)))
                .then(one.cmp(other))
        });
        found.truncate(MAX_ALTERNATIVES);
        if found.is_empty() {
            return UnitMatch::Unknown;
        }
        let alternatives = found.iter();
        UnitMatch::Near(
            alternatives
                .map(|(score, at)| self.alternative(*at, *score))
                .collect(),
        )
    }

    fn alternative(&self, at: usize, score: f64) -> Alternative {
        let unit = &self.units[at];
        Alternative {
            unit: unit.name.clone(),
            region: unit.region.clone(),
            score: (score * 100.0).round() / 100.0,
        }
    }
}

impl Unit {
    /// All names, the one of today first.
    fn names(&self) -> impl Iterator<Item = (&str, KnownBy)> {
        let aliases = self.aliases.iter().map(|name| (name, KnownBy::Alias));
        let former = self.former.iter().map(|name| (name, KnownBy::Former));
        std::iter::once((&self.name, KnownBy::Name))
            .chain(aliases)
            .chain(former)
            .map(|(name, by)| (name.as_str(), by))
    }
}

/// A unit's name without what does not tell units apart: width, case, blanks and marks.
pub fn unit_key(name: &str) -> String {
    name.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How much two names look alike, 0 to 1: the mean of the whole names' likeness and of what is left of them without
/// 大学, 学院 and their like. A short form made of the name's own characters, or a name inside the other, is at least
/// [`LEAST_LIKENESS`].
fn likeness(written: &str, name: &str) -> f64 {
    let short = |text: &str| -> String { unit_key(text).chars().take(MAX_COMPARED).collect() };
    let (written, name) = (short(written), short(name));
    if written.is_empty() || name.is_empty() {
        return 0.0;
    }
    let whole = strsim::normalized_damerau_levenshtein(&written, &name);
    let core = strsim::normalized_damerau_levenshtein(core(&written), core(&name));
    let mean = f64::midpoint(whole, core);
    let may_be_short = is_short_form(&written, &name) || written.contains(&name);
    if may_be_short {
        mean.max(LEAST_LIKENESS)
    } else {
        mean
    }
}

/// The name without what kind of school it is, unless nothing is left.
fn core(name: &str) -> &str {
    let stripped = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
    stripped.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// 川大 of 四川大学: two characters or more, all of them in the name and in its order.
fn is_short_form(written: &str, name: &str) -> bool {
    let mut rest = name.chars();
    written.chars().count() >= 2 && written.chars().all(|c| rest.any(|other| other == c))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A unit in one line: `region name alias,alias former,former`, `-` for none.
    pub(crate) fn unit(line: &str) -> Unit {
        let parts: Vec<&str> = line.split(' ').collect();
        let names = |at: usize| {
            let cell = parts.get(at).copied().filter(|cell| *cell != "-");
            cell.map(|cell| cell.split(',').map(str::to_owned).collect())
                .unwrap_or_default()
        };
        Unit {
            region: parts[0].to_owned(),
            name: parts[1].to_owned(),
            aliases: names(2),
            former: names(3),
            row: 0,
        }
    }

    pub(crate) fn roster(lines: &[&str]) -> Roster {
        let numbered = lines.iter().enumerate();
        Roster::new(
            numbered
                .map(|(at, line)| Unit {
                    row: at + 2,
                    ..unit(line)
                })
                .collect(),
        )
    }

    fn sichuan() -> Roster {
        roster(&[
            "一区 四川大学 川大 成都科技大学",
            "一区 西南民族大学 西南民大,民大 西南民族学院",
            "一区 四川师范大学 川师大",
            "二区 西华大学",
            "二区 西华师范大学 华师",
            "二区 四川文理学院",
            "三区 清华大学",
            "三区 华东师范大学 华师",
            "三区 浙江大学",
        ])
    }

    fn found(written: &str, region: &str) -> String {
        match sichuan().find(written, region) {
            UnitMatch::Known { unit, region, by } => format!("{unit} ({region}, {by:?})"),
            UnitMatch::Near(alternatives) => {
                let shown = alternatives
                    .iter()
                    .map(|a| format!("{} {:.2}", a.unit, a.score));
                format!("near {}", shown.collect::<Vec<_>>().join(", "))
            }
            UnitMatch::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn a_name_an_alias_and_a_former_name_mean_their_unit() {
        for (written, wanted) in [
            ("西南民族大学", "西南民族大学 (一区, Name)"),
            (" 西南 民族大学 ", "西南民族大学 (一区, Name)"),
            ("西南民大", "西南民族大学 (一区, Alias)"),
            ("川大", "四川大学 (一区, Alias)"),
            ("成都科技大学", "四川大学 (一区, Former)"),
        ] {
            assert_eq!(found(written, "一区"), wanted, "{written}");
        }
    }

    #[test]
    fn a_similar_name_is_never_accepted_and_comes_with_its_alternatives() {
        let rows = [
            "西南名族大学",
            "西南民族",
            "清华",
            "清华大學",
            "浙大",
            "华东师大",
            "四川师大",
            "西华大学艺术团",
            "四川工商学院",
            "幸福小学",
            "大",
            "",
        ]
        .map(|written| format!("{written}: {}", found(written, "一区")));
        insta::assert_snapshot!(rows.join("\n"), @r"
        西南名族大学: near 西南民族大学 0.79
        西南民族: near 西南民族大学 0.83
        清华: near 清华大学 0.75
        清华大學: near 清华大学 0.88
        浙大: near 浙江大学 0.60
        华东师大: near 华东师范大学 0.71
        四川师大: near 四川师范大学 0.71
        西华大学艺术团: near 西华大学 0.60
        四川工商学院: unknown
        幸福小学: unknown
        大: unknown
        : unknown
        ");
    }

    #[test]
    fn an_alias_of_two_units_is_settled_by_the_region_or_not_at_all() {
        assert_eq!(found("华师", "二区"), "西华师范大学 (二区, Alias)");
        assert_eq!(found("华师", "三区"), "华东师范大学 (三区, Alias)");
        assert_eq!(
            found("华师", "一区"),
            "near 西华师范大学 1.00, 华东师范大学 1.00"
        );
        let roster = sichuan();
        let shared = roster.shared_names();
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].0, "华师");
        assert_eq!(
            shared[0].1.iter().map(|unit| unit.row).collect::<Vec<_>>(),
            [6, 9]
        );
    }

    #[test]
    fn namesakes_in_two_regions_are_told_apart_by_their_region() {
        let roster = roster(&["一区 附属小学", "二区 附属小学"]);
        for region in ["一区", "二区"] {
            let UnitMatch::Known { region: of, .. } = roster.find("附属小学", region) else {
                panic!("not known in {region}");
            };
            assert_eq!(of, region);
        }
        assert!(roster.shared_names().is_empty());
    }

    #[test]
    fn the_longest_name_at_the_start_of_a_text_is_found() {
        let roster = roster(&["一区 四川大学 川大", "一区 四川大学锦城学院"]);
        assert_eq!(
            roster.name_at_start("四川大学锦城学院雨"),
            Some("四川大学锦城学院")
        );
        assert_eq!(roster.name_at_start("川大雨"), Some("川大"));
        assert_eq!(roster.name_at_start("雨"), None);
    }

    proptest::proptest! {
        #[test]
        fn likeness_is_between_nothing_and_the_same(a in "\\PC{0,80}", b in "[四川大学西华师范]{0,8}") {
            let score = likeness(&a, &b);
            proptest::prop_assert!((0.0..=1.0).contains(&score));
        }
    }
}
