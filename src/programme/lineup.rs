//! From entries to files: which slates stand before what, how many frames each item has, what its file is called, and when it
//! starts. In: entries, settings, what masters are. Out: parts in order. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::ItemKind;
use super::order::{Entry, Film, What};
use super::slate::{Card, Words};
use super::slug;
use crate::id::SubmissionId;
use crate::report::model::ProgrammeSettings;
use crate::text::Text;
use crate::transcode::hall::Described;
use crate::units::{FrameRate, Millis};

/// One file that plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Place in the run sheet; a slate has its film's. The countdown has 0.
    pub order: usize,
    /// What it is.
    pub kind: ItemKind,
    /// Its name in `programme/`.
    pub file: String,
    /// Which submission, of films and of their slates.
    pub submission: Option<SubmissionId>,
    /// The region.
    pub region: String,
    /// The unit.
    pub unit: String,
    /// The title, or what it says.
    pub title: String,
    /// How many frames.
    pub frames: u64,
    /// What it is made from.
    pub from: Origin,
    /// The chapter that begins with it.
    pub chapter: Option<String>,
}

/// What a part is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A master, as it is.
    Master,
    /// A master that does not fit, made to fit.
    Conformed,
    /// Drawn.
    Drawn {
        /// What it shows.
        card: Card,
        /// The inbox's picture that belongs to it.
        picture: Option<String>,
        /// Frames of each of its fades.
        fade: u64,
    },
}

/// Everything that plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineup {
    /// Frames per second.
    pub frame_rate: FrameRate,
    /// The files in order.
    pub parts: Vec<Part>,
    /// What a person should know.
    pub remarks: Vec<Text>,
}

impl Lineup {
    /// When each part starts, in frames.
    pub fn starts(&self) -> impl Iterator<Item = u64> {
        self.parts.iter().scan(0, |at, part| {
            let start = *at;
            *at += part.frames;
            Some(start)
        })
    }

    /// How many frames there are.
    pub fn frames(&self) -> u64 {
        self.parts.iter().map(|part| part.frames).sum()
    }

    /// How long it is.
    pub fn duration(&self) -> Millis {
        match self.frames() {
            0 => Millis(0),
            frames => self.frame_rate.start_of(frames),
        }
    }
}

/// What masters are, by submission.
pub type Masters = BTreeMap<SubmissionId, Described>;

/// The rate of most films, the faster one of several: `wanted` where it was written; 25 where there is no film.
pub fn frame_rate(wanted: Option<FrameRate>, entries: &[Entry], masters: &Masters) -> FrameRate {
    if let Some(rate) = wanted {
        return rate;
    }
    let rates: Vec<FrameRate> = films(entries)
        .filter_map(|film| masters.get(&film.id)?.frame_rate)
        .collect();
    let count = |rate: &FrameRate| rates.iter().filter(|other| *other == rate).count();
    let most = rates.iter().max_by(|a, b| {
        (count(a), a.as_f64())
            .partial_cmp(&(count(b), b.as_f64()))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    most.copied().unwrap_or(FrameRate { num: 25, den: 1 })
}

fn films(entries: &[Entry]) -> impl Iterator<Item = &Film> {
    entries.iter().filter_map(|entry| match &entry.what {
        What::Film(film) => Some(film),
        _ => None,
    })
}

/// Lays everything out. `sets` are the parameter sets that all items share; films that have others are made to fit, as are
/// films of another rate or size.
pub fn lineup(
    entries: &[Entry],
    settings: &ProgrammeSettings,
    frame_rate: FrameRate,
    masters: &Masters,
    sets: Option<&str>,
) -> Lineup {
    let mut builder = Builder {
        settings,
        rate: frame_rate,
        digits: entries.len().max(10).to_string().len(),
        names: BTreeSet::new(),
        parts: vec![],
        remarks: vec![],
        films: 0,
    };
    if let Some(seconds) = settings.wishes.countdown.filter(|_| !entries.is_empty()) {
        builder.countdown(seconds);
    }
    for (index, entry) in entries.iter().enumerate() {
        builder.entry(index + 1, entry, masters, sets);
    }
    if let Some(words) = settings
        .wishes
        .end_card
        .as_ref()
        .filter(|_| !entries.is_empty())
    {
        builder.end(entries.len() + 1, words);
    }
    Lineup {
        frame_rate,
        parts: builder.parts,
        remarks: builder.remarks,
    }
}

struct Builder<'a> {
    settings: &'a ProgrammeSettings,
    rate: FrameRate,
    digits: usize,
    names: BTreeSet<String>,
    parts: Vec<Part>,
    remarks: Vec<Text>,
    films: usize,
}

impl Builder<'_> {
    fn entry(&mut self, order: usize, entry: &Entry, masters: &Masters, sets: Option<&str>) {
        match &entry.what {
            What::Film(film) => {
                if let Some(master) = masters.get(&film.id) {
                    self.film(order, film, master, sets);
                }
            }
            What::Still { source, seconds } => {
                let name = source.rsplit('/').next().unwrap_or(source);
                let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                let file = self.name(order, "still", stem);
                let mut part = self.drawn(order, ItemKind::Still, file, *seconds, Card::Picture);
                stem.clone_into(&mut part.title);
                part.chapter = Some(stem.to_owned());
                if let Origin::Drawn { picture, .. } = &mut part.from {
                    *picture = Some(source.clone());
                }
                self.parts.push(part);
            }
            What::Pause(seconds) => {
                let file = self.name(order, "pause", "");
                let mut part = self.drawn(order, ItemKind::Pause, file, *seconds, Card::Black);
                part.chapter = Some("——".into());
                if let Origin::Drawn { fade, .. } = &mut part.from {
                    *fade = 0;
                }
                self.parts.push(part);
            }
            What::Section { words, seconds } => {
                let file = self.name(order, "slate", words);
                let card = Card::Words(Words {
                    event: self.settings.event.clone(),
                    title: words.clone(),
                    ..Words::default()
                });
                let mut part = self.drawn(order, ItemKind::Slate, file, *seconds, card);
                part.title.clone_from(words);
                part.chapter = Some(words.clone());
                self.parts.push(part);
            }
        }
    }

    fn film(&mut self, order: usize, film: &Film, master: &Described, sets: Option<&str>) {
        self.films += 1;
        let slug = slug::film(&film.unit, &film.title, &film.id);
        let number = self.films;
        let digits = self.digits;
        let mut chapter = Some(format!("{number:0digits$} {}", film.label));
        if self.settings.wishes.slates {
            let name = self.unique(format!("{order:0digits$}-slate-{slug}.mp4"));
            let card = Card::Words(Words {
                event: self.settings.event.clone(),
                number: format!("{number:0digits$}"),
                title: film.title.clone(),
                unit: film.unit.clone(),
                region: film.region.clone(),
            });
            let seconds = self.settings.wishes.slate_seconds;
            let part = self.drawn(order, ItemKind::Slate, name, seconds, card);
            self.parts.push(Part {
                submission: Some(film.id.clone()),
                region: film.region.clone(),
                unit: film.unit.clone(),
                title: film.title.clone(),
                chapter: chapter.take(),
                ..part
            });
        }
        let (from, frames) = self.fit(film, master, sets);
        let name = self.unique(format!("{order:0digits$}-{slug}.mp4"));
        self.parts.push(Part {
            order,
            kind: ItemKind::Film,
            file: name,
            submission: Some(film.id.clone()),
            region: film.region.clone(),
            unit: film.unit.clone(),
            title: film.title.clone(),
            frames,
            from,
            chapter,
        });
    }

    fn fit(&mut self, film: &Film, master: &Described, sets: Option<&str>) -> (Origin, u64) {
        let format = &self.settings.format;
        let same_size = (master.width, master.height) == (format.width, format.height);
        let same_sets = sets.is_none_or(|sets| sets == master.parameter_sets);
        if master.frame_rate == Some(self.rate) && same_size && same_sets {
            return (Origin::Master, master.frames);
        }
        let rate = self.rate;
        let (why_zh, why_en) = match master.frame_rate {
            Some(own) if own != rate => (
                format!("帧率是 {own}，节目统一用 {rate}"),
                format!("it has {own} frames a second, and the programme {rate}"),
            ),
            _ => (
                "直接使用了原视频的画面，编码参数和别的节目不同".to_owned(),
                "its picture is the upload's own, coded in another way than the others".to_owned(),
            ),
        };
        let label = &film.label;
        self.remarks.push(Text::new(
            format!("{label} 为节目单另做了一份（重新编码，画质 CRF 17）：{why_zh}"),
            format!("{label} was encoded again for the programme (CRF 17): {why_en}"),
        ));
        let duration = master
            .frame_rate
            .map_or(film.duration, |own| own.start_of(master.frames));
        (Origin::Conformed, rate.frames_in(duration))
    }

    fn drawn(&self, order: usize, kind: ItemKind, file: String, seconds: u32, card: Card) -> Part {
        let wishes = &self.settings.wishes;
        let fade = Millis(u64::from(wishes.fade_ms));
        let words = matches!(card, Card::Words(_) | Card::Countdown { .. });
        Part {
            order,
            kind,
            file,
            submission: None,
            region: String::new(),
            unit: String::new(),
            title: String::new(),
            frames: self.rate.frames_in(Millis::from_secs(u64::from(seconds))),
            from: Origin::Drawn {
                card,
                picture: wishes.background.clone().filter(|_| words),
                fade: if fade.0 == 0 {
                    0
                } else {
                    self.rate.frames_in(fade)
                },
            },
            chapter: None,
        }
    }

    fn countdown(&mut self, seconds: u32) {
        let file = self.name(0, "countdown", "");
        let card = Card::Countdown {
            event: self.settings.event.clone(),
        };
        let mut part = self.drawn(0, ItemKind::Countdown, file, seconds, card);
        part.chapter = Some("倒计时".into());
        if let Origin::Drawn { fade, .. } = &mut part.from {
            *fade = 0;
        }
        self.parts.push(part);
    }

    fn end(&mut self, order: usize, words: &str) {
        let file = self.name(order, "end", "");
        let card = Card::Words(Words {
            event: self.settings.event.clone(),
            title: words.to_owned(),
            ..Words::default()
        });
        let seconds = self.settings.wishes.slate_seconds;
        let mut part = self.drawn(order, ItemKind::End, file, seconds, card);
        words.clone_into(&mut part.title);
        part.chapter = Some(words.to_owned());
        self.parts.push(part);
    }

    /// `03-still-hezhao.mp4`: ASCII, because playout tools fail on other names.
    fn name(&mut self, order: usize, kind: &str, words: &str) -> String {
        let slug = slug::slug(words);
        let tail = if slug.is_empty() {
            String::new()
        } else {
            format!("-{slug}")
        };
        let digits = self.digits;
        self.unique(format!("{order:0digits$}-{kind}{tail}.mp4"))
    }

    fn unique(&mut self, name: String) -> String {
        let stem = name.trim_end_matches(".mp4").to_owned();
        let mut unique = name;
        let mut number = 2;
        while !self.names.insert(unique.clone()) {
            unique = format!("{stem}-{number}.mp4");
            number += 1;
        }
        unique
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::preset::ProgrammeFile;
    use crate::report::model::Plays;
    use crate::transcode::hall::HallFormat;

    pub(crate) fn settings() -> ProgrammeSettings {
        ProgrammeSettings {
            plays: Plays::Recommended,
            event: "展播".into(),
            wishes: ProgrammeFile::default(),
            format: HallFormat::of(&crate::preset::ladder("balanced").unwrap()),
            regions: vec![],
        }
    }

    pub(crate) fn film(unit: &str, title: &str) -> Entry {
        let id = SubmissionId::of(title);
        Entry {
            key: id.to_string(),
            what: What::Film(Film {
                id,
                region: "川北片区".into(),
                unit: unit.into(),
                title: title.into(),
                label: format!("{unit}《{title}》"),
                duration: Millis(10_000),
                made: None,
                subtitles: vec!["zh".into()],
            }),
            note: String::new(),
            plan_b: None,
        }
    }

    pub(crate) fn masters(rates: &[(&str, u32)]) -> Masters {
        rates
            .iter()
            .map(|(title, num)| {
                let described = Described {
                    width: 1920,
                    height: 1080,
                    frame_rate: FrameRate::new(*num, 1),
                    frames: u64::from(*num) * 10,
                    parameter_sets: "x".into(),
                };
                (SubmissionId::of(title), described)
            })
            .collect()
    }

    #[test]
    fn the_rate_of_most_films_counts_and_the_faster_of_two() {
        let entries = [film("甲", "一"), film("乙", "二"), film("丙", "三")];
        let rate =
            |rates: &[(&str, u32)], wanted| frame_rate(wanted, &entries, &masters(rates)).as_f64();
        let most = [("一", 30), ("二", 25), ("三", 25)];
        assert!((rate(&most, None) - 25.0).abs() < 1e-9);
        assert!((rate(&most[..2], None) - 30.0).abs() < 1e-9);
        assert!((rate(&most, FrameRate::new(50, 1)) - 50.0).abs() < 1e-9);
        assert!((rate(&[], None) - 25.0).abs() < 1e-9);
    }

    fn shown(lineup: &Lineup) -> String {
        let lines = lineup.parts.iter().zip(lineup.starts()).map(|(part, at)| {
            let from = match &part.from {
                Origin::Master => "as it is",
                Origin::Conformed => "made to fit",
                Origin::Drawn { .. } => "drawn",
            };
            let Part {
                order,
                file,
                frames,
                chapter,
                ..
            } = part;
            format!(
                "{order} {file} {at}+{frames} {from} {}",
                chapter.as_deref().unwrap_or("-")
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn slates_stand_before_films_and_what_does_not_fit_is_made_to_fit() {
        let mut settings = settings();
        settings.wishes.countdown = Some(3);
        settings.wishes.end_card = Some("谢谢观看".into());
        let entry = |what| Entry {
            key: String::new(),
            what,
            note: String::new(),
            plan_b: None,
        };
        let entries = [
            entry(What::Section {
                words: "上半场".into(),
                seconds: 4,
            }),
            film("西南民族大学", "爱我中华"),
            entry(What::Pause(2)),
            film("西南民族大学", "爱我中华。"),
            entry(What::Still {
                source: "图/合影.jpg".into(),
                seconds: 6,
            }),
        ];
        let masters = masters(&[("爱我中华", 25), ("爱我中华。", 30)]);
        let lineup = lineup(
            &entries,
            &settings,
            FrameRate { num: 25, den: 1 },
            &masters,
            Some("x"),
        );
        insta::assert_snapshot!(shown(&lineup), @r"
        0 00-countdown.mp4 0+75 drawn 倒计时
        1 01-slate-shangbanchang.mp4 75+100 drawn 上半场
        2 02-slate-xinanminzudaxue-aiwozhonghua.mp4 175+125 drawn 01 西南民族大学《爱我中华》
        2 02-xinanminzudaxue-aiwozhonghua.mp4 300+250 as it is -
        3 03-pause.mp4 550+50 drawn ——
        4 04-slate-xinanminzudaxue-aiwozhonghua.mp4 600+125 drawn 02 西南民族大学《爱我中华。》
        4 04-xinanminzudaxue-aiwozhonghua.mp4 725+250 made to fit -
        5 05-still-heying.mp4 975+150 drawn 合影
        6 06-end.mp4 1125+125 drawn 谢谢观看
        ");
        assert_eq!(lineup.duration(), Millis(50_000));
        insta::assert_snapshot!(lineup.remarks[0].zh, @"西南民族大学《爱我中华。》 为节目单另做了一份（重新编码，画质 CRF 17）：帧率是 30，节目统一用 25");
    }

    #[test]
    fn an_empty_programme_has_no_countdown_and_no_end() {
        let mut settings = settings();
        settings.wishes.countdown = Some(3);
        settings.wishes.end_card = Some("谢谢".into());
        let lineup = lineup(
            &[],
            &settings,
            FrameRate { num: 25, den: 1 },
            &Masters::new(),
            None,
        );
        assert!(lineup.parts.is_empty() && lineup.duration() == Millis(0));
    }
}
