//! Making the programme: the one place where its order, its files and its papers meet. In: a report whose films are made.
//! Out: `programme/`, and the report with its running order. What fits is linked, what was made before is not made again,
//! and nothing has its final name before it is whole.

mod pictures;
mod state;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use super::fold::timestamp;
use super::publish::{self, unrendered};
use super::survey::Lock;
use crate::error::RunError;
use crate::event::{Event, Listener};
use crate::id::{ContentHash, SubmissionId};
use crate::layout::{Layout, link_or_copy, open_regular};
use crate::programme::lineup::{self, Lineup, Masters, Origin, Part};
use crate::programme::manifest::{Item, ItemKind, Joined, Manifest, SCHEMA};
use crate::programme::order::{self, Entry, Ordered, What};
use crate::programme::run_sheet::{PAGE, RunSheet, WORKBOOK};
use crate::programme::sheet::{self, Edits};
use crate::programme::slate::{CLIP, Card, ClipOrder, LOOK_VERSION};
use crate::programme::{self, playlist};
use crate::report::model::{ProgrammeItem, ProgrammeSettings, Report};
use crate::report::{run_sheet, spreadsheet};
use crate::text::{Lang, Text};
use crate::transcode::conform::{CONFORMED, ConformOrder};
use crate::transcode::hall::Described;
use crate::transcode::join::{JOIN_VERSION, JOINED, JoinOrder, MAX_PIECES, Piece};
use crate::typeset::fonts;
use crate::units::{Bytes, FrameRate, Millis};
use crate::worker::parent::{WorkerError, Workers};

pub(super) use pictures::take_in;
use state::{Sheet, State};

/// Counts up when a master is made to fit in another way.
const CONFORM_VERSION: u32 = 1;

/// What making the programme needs.
pub struct Hall<'a> {
    /// OUT.
    pub layout: &'a Layout,
    /// Who decodes and encodes.
    pub workers: &'a Workers,
    /// Who hears of it.
    pub listener: &'a dyn Listener,
    /// Language of pages and sheets.
    pub lang: Lang,
    /// Threads of one encoder.
    pub threads: usize,
    /// When the run started.
    pub started_at: SystemTime,
}

impl std::fmt::Debug for Hall<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hall")
            .field("layout", self.layout)
            .finish_non_exhaustive()
    }
}

/// Why there is no new programme.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A worker failed.
    #[error("{}", .0.en)]
    Worker(Text),
    /// Something could not be read or written.
    #[error("cannot write {}", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// There is nothing to write words with.
    #[error(transparent)]
    NoFont(#[from] fonts::NoFont),
}

impl Failure {
    fn worker(what: &str, error: &WorkerError) -> Self {
        let why = error.text();
        Failure::Worker(Text::new(
            format!("{what}：{}", why.zh),
            format!("{what}: {}", why.en),
        ))
    }

    fn text(&self) -> Text {
        match self {
            Failure::Worker(why) => why.clone(),
            Failure::Write(path, error) => {
                let path = path.display();
                Text::new(
                    format!("写不了 {path}：{error}"),
                    format!("cannot write {path}: {error}"),
                )
            }
            Failure::NoFont(no_font) => no_font.remedy(),
        }
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::Write(path, source)
}

/// What is to be played.
struct Wanted {
    entries: Vec<Entry>,
    /// The keys of the entries in the order of the rules.
    base: Vec<String>,
    heard: Heard,
    remarks: Vec<Text>,
}

/// A programme whose files are all there, before it is shown.
pub(super) struct Prepared {
    manifest: Manifest,
    sources: Vec<PathBuf>,
    paper: RunSheet,
    state: State,
    /// A changed sheet that can not be followed stays as it is.
    keeps_workbook: bool,
}

/// Makes the programme again from an output folder alone.
pub fn programme(hall: &Hall<'_>) -> Result<Report, RunError> {
    let path = hall.layout.report_json();
    let mut report = publish::read(&path).map_err(|source| RunError::NoReport { path, source })?;
    let _lock = Lock::take(hall.layout)?;
    let prepared = hall.prepare(&mut report);
    publish::rewrite(hall.layout, &report, hall.lang)?;
    hall.publish(prepared?)?;
    Ok(report)
}

/// The running order without making anything: what `check` can say.
pub(super) fn outline(layout: Option<&Layout>, report: &mut Report) {
    let Some(settings) = report.showcase.programme.clone() else {
        return;
    };
    let Ordered { entries, remarks } = order::order(report, &settings);
    let masters = by_report(&entries, &settings);
    let lineup = line_up(&entries, &settings, &masters, None);
    report.programme = programme_items(&lineup);
    report.programme_remarks = remarks;
    let made = layout.and_then(programme::earlier);
    let played = |manifest: &Manifest| -> Vec<_> {
        let films = manifest
            .items
            .iter()
            .filter(|item| item.kind == ItemKind::Film);
        films.filter_map(|item| item.submission.clone()).collect()
    };
    let wanted: Vec<_> = report
        .programme
        .iter()
        .map(|item| item.submission.clone())
        .collect();
    if made.as_ref().is_some_and(|made| played(made) != wanted) {
        report.programme_remarks.push(Text::new(
            "programme/ 里还是上一次的节目单：check 只检查、不制作，运行 run 以后才会更新",
            "programme/ still has the programme of the last run: `check` makes nothing, and `run` renews it",
        ));
    }
}

/// Masters as the report describes them.
fn by_report(entries: &[Entry], settings: &ProgrammeSettings) -> Masters {
    let films = entries.iter().filter_map(|entry| match &entry.what {
        What::Film(film) => Some(film),
        _ => None,
    });
    films
        .filter_map(|film| {
            let (frames, rate) = film.made.as_ref()?;
            let (num, den) = rate.split_once('/')?;
            let described = Described {
                width: settings.format.width,
                height: settings.format.height,
                frame_rate: FrameRate::new(num.parse().ok()?, den.parse().ok()?),
                frames: *frames,
                parameter_sets: String::new(),
            };
            Some((film.id.clone(), described))
        })
        .collect()
}

fn line_up(
    entries: &[Entry],
    settings: &ProgrammeSettings,
    masters: &Masters,
    sets: Option<&str>,
) -> Lineup {
    let wanted = settings.wishes.frame_rate.map(|rate| rate.0);
    let rate = lineup::frame_rate(wanted, entries, masters);
    lineup::lineup(entries, settings, rate, masters, sets)
}

/// The films of the running order, with the times of the joined file.
fn programme_items(lineup: &Lineup) -> Vec<ProgrammeItem> {
    let rate = lineup.frame_rate;
    let parts = lineup.parts.iter().zip(lineup.starts());
    parts
        .filter(|(part, _)| part.kind == ItemKind::Film)
        .filter_map(|(part, start)| {
            Some(ProgrammeItem {
                order: part.order,
                submission: part.submission.clone()?,
                file: part.file.clone(),
                starts_at_ms: start_of(rate, start),
                duration_ms: start_of(rate, part.frames),
            })
        })
        .collect()
}

fn start_of(rate: FrameRate, frame: u64) -> Millis {
    if frame == 0 {
        Millis(0)
    } else {
        rate.start_of(frame)
    }
}

impl Hall<'_> {
    /// Makes every file that the programme needs; nothing where the report does not say how it is to be. What went wrong
    /// stands in the report too.
    pub(super) fn prepare(&self, report: &mut Report) -> Result<Option<Prepared>, RunError> {
        let Some(settings) = report.showcase.programme.clone() else {
            return Ok(None);
        };
        let prepared = match self.try_prepare(report, settings.clone(), Lettering::Drawn) {
            Err(Failure::NoFont(_)) => self.try_prepare(report, settings, Lettering::LeftOut),
            other => other,
        };
        prepared.map(Some).map_err(|failure| {
            let why = failure.text();
            outline(Some(self.layout), report);
            report.programme_remarks.push(Text::new(
                format!("节目单没有做出来，programme/ 里还是原来的：{}", why.zh),
                format!(
                    "the programme could not be made, and programme/ is as it was: {}",
                    why.en
                ),
            ));
            RunError::Programme { why }
        })
    }

    fn try_prepare(
        &self,
        report: &mut Report,
        mut settings: ProgrammeSettings,
        lettering: Lettering,
    ) -> Result<Prepared, Failure> {
        let mut state = State::load(self.layout);
        let Wanted {
            entries,
            base,
            heard,
            mut remarks,
        } = self.wanted(report, &state, &mut settings, lettering);
        let fonts = FontsOnce::new(words(&entries, &settings));
        let masters = self.describe(&entries, &mut state)?;
        let first = line_up(&entries, &settings, &masters, None);
        let sets = self.sets(&first, &settings, &fonts, &mut state, &mut remarks)?;
        let lineup = line_up(&entries, &settings, &masters, sets.as_deref());
        if lineup.parts.len() > MAX_PIECES {
            let count = lineup.parts.len();
            let why = Text::new(
                format!("节目有 {count} 个文件，最多 {MAX_PIECES} 个"),
                format!("the programme has {count} files, and {MAX_PIECES} are the most"),
            );
            return Err(Failure::Worker(why));
        }
        remarks.extend(lineup.remarks.iter().cloned());
        let sources = self.files(&lineup, &settings, &fonts, &mut state, &mut remarks)?;
        let items = self.items(report, &lineup, &sources, &mut state)?;
        let joined = self.join(&lineup, &settings, &items, &sources, &mut state)?;
        let event = match settings.event.as_str() {
            "" => Text::new("会场节目单", "Programme"),
            _ => report.showcase.title.clone(),
        };
        let paper = RunSheet::new(&event, settings.wishes.starts_at, &entries, &lineup);
        // A sheet that is still to be put right rests on what was written then.
        if !heard.keeps {
            state.sheet = Some(Sheet {
                hash: state.sheet.as_ref().and_then(|sheet| sheet.hash.clone()),
                rows: paper.written(self.lang),
                base,
                edits: heard.edits,
            });
        }
        self.tidy(&lineup, &settings, &sources, &mut state)?;
        report.programme = programme_items(&lineup);
        report.programme_remarks = remarks;
        Ok(Prepared {
            manifest: self.manifest(report, &settings, &lineup, items, joined),
            sources,
            paper,
            state,
            keeps_workbook: heard.keeps,
        })
    }

    /// What is played, in its order, by the rules and by what a person changed.
    fn wanted(
        &self,
        report: &Report,
        state: &State,
        settings: &mut ProgrammeSettings,
        lettering: Lettering,
    ) -> Wanted {
        let Ordered {
            entries,
            mut remarks,
        } = order::order(report, settings);
        let base: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let heard = self.hear(state, &mut remarks);
        let (mut entries, overruled) = match &heard.edits {
            Some(edits) => sheet::apply(entries, edits, !settings.wishes.item.is_empty()),
            None => (entries, None),
        };
        remarks.extend(overruled);
        self.only_with_pictures(state, &mut entries, settings, &mut remarks);
        if lettering == Lettering::LeftOut {
            without_words(&mut entries, settings, &mut remarks);
        }
        Wanted {
            entries,
            base,
            heard,
            remarks,
        }
    }

    /// Draws what is drawn for a programme whose films are still being made, and says what was noticed. What does not come to be
    /// here is made, or told, by [`Hall::prepare`]; what turns out not to be needed goes there too.
    pub(super) fn draw_ahead(&self, promised: &Report) -> Vec<Text> {
        let mut noted = Vec::new();
        let Some(mut settings) = promised.showcase.programme.clone() else {
            return noted;
        };
        let state = State::load(self.layout);
        let entries = self
            .wanted(promised, &state, &mut settings, Lettering::Drawn)
            .entries;
        let masters = by_report(&entries, &settings);
        let lineup = line_up(&entries, &settings, &masters, None);
        let fonts = FontsOnce::new(words(&entries, &settings));
        let drawn = lineup
            .parts
            .iter()
            .filter(|part| matches!(part.from, Origin::Drawn { .. }));
        for part in drawn {
            let rate = lineup.frame_rate;
            if let Err(failure) = self.drawn(part, rate, &settings, &fonts, &state, &mut noted) {
                tracing::debug!(file = %part.file, %failure, "not drawn ahead; it will be tried again");
                break;
            }
        }
        noted
    }

    /// Shows what was prepared.
    pub(super) fn publish(&self, prepared: Option<Prepared>) -> Result<(), RunError> {
        let Some(mut prepared) = prepared else {
            return Ok(());
        };
        let folder = self.layout.programme();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RunError::write(&path, source)
        };
        programme::publish(self.layout, &prepared.manifest, &prepared.sources)
            .map_err(failed(&folder))?;
        let page =
            run_sheet::to_html(&prepared.paper, self.lang).map_err(|e| unrendered(PAGE, &e))?;
        let path = folder.join(PAGE);
        self.layout
            .publish_file(&path, page.as_bytes())
            .map_err(failed(&path))?;
        if !prepared.keeps_workbook {
            let sheet = spreadsheet::run_sheet::to_xlsx(&prepared.paper, self.lang)
                .map_err(|e| unrendered(WORKBOOK, &e))?;
            let path = folder.join(WORKBOOK);
            self.layout
                .publish_file(&path, &sheet)
                .map_err(failed(&path))?;
            if let Some(known) = &mut prepared.state.sheet {
                known.hash = Some(blake3::hash(&sheet).into());
            }
        }
        super::certify::withdraw_stale(self.layout)?;
        let path = self.layout.hall_state();
        prepared.state.save(self.layout).map_err(failed(&path))
    }

    /// What a person changed in the workbook since it was written.
    fn hear(&self, state: &State, remarks: &mut Vec<Text>) -> Heard {
        let path = self.layout.programme().join(WORKBOOK);
        let known = state.sheet.as_ref();
        let Some(known) = known.filter(|known| known.hash.is_some()) else {
            return Heard::default();
        };
        let file = match open_regular(&path) {
            Ok(file) => file,
            // Whoever deletes the sheet wants to begin anew.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Heard::default(),
            Err(error) => return Heard::kept(known, remarks, &Text::same(error.to_string())),
        };
        match hash_of(&file) {
            Ok(hash) if known.hash.as_ref() == Some(&hash) => {
                return Heard {
                    edits: known.edits.clone(),
                    keeps: false,
                };
            }
            Ok(_) => {}
            Err(error) => return Heard::kept(known, remarks, &Text::same(error.to_string())),
        }
        let document = match self.workers.read_document(file) {
            Ok(Ok(document)) => document,
            Ok(Err(fault)) => return Heard::kept(known, remarks, &fault.text()),
            Err(error) => return Heard::kept(known, remarks, &error.text()),
        };
        let rows: Vec<Vec<String>> = document.rows().map(<[String]>::to_vec).collect();
        match sheet::read(&rows, &known.rows) {
            Ok(edits) => Heard {
                edits: Some(with_earlier(edits, known)),
                keeps: false,
            },
            Err(problem) => {
                remarks.push(problem.text());
                Heard {
                    edits: known.edits.clone(),
                    keeps: true,
                }
            }
        }
    }

    /// Pictures that are not there are left out.
    fn only_with_pictures(
        &self,
        state: &State,
        entries: &mut Vec<Entry>,
        settings: &mut ProgrammeSettings,
        remarks: &mut Vec<Text>,
    ) {
        let is_there = |source: &String| {
            let hash = state.pictures.get(source);
            hash.is_some_and(|hash| self.layout.hall_picture(hash).is_file())
        };
        let missing = |source: &str| {
            Text::new(
                format!("收件夹里没有可用的图片 {source}"),
                format!("there is no picture {source} in the inbox that can be shown"),
            )
        };
        if let Some(source) = settings.wishes.background.clone().filter(|s| !is_there(s)) {
            remarks.push(missing(&source));
            settings.wishes.background = None;
        }
        entries.retain(|entry| match &entry.what {
            What::Still { source, .. } if !is_there(source) => {
                remarks.push(missing(source));
                false
            }
            _ => true,
        });
    }

    fn describe(&self, entries: &[Entry], state: &mut State) -> Result<Masters, Failure> {
        let mut masters = BTreeMap::new();
        for entry in entries {
            let What::Film(film) = &entry.what else {
                continue;
            };
            let path = self.layout.master(&film.id);
            let described = self.described(&path, &film.label, state)?;
            masters.insert(film.id.clone(), described);
        }
        Ok(masters)
    }

    fn described(&self, path: &Path, label: &str, state: &mut State) -> Result<Described, Failure> {
        let (file, known) = state.know(self.layout, path).map_err(at(path))?;
        if let Some(described) = &known.described {
            return Ok(described.clone());
        }
        let described = self
            .workers
            .describe(file)
            .map_err(|error| Failure::worker(label, &error))?;
        known.described = Some(described.clone());
        Ok(described)
    }

    /// The parameter sets that all items must have: those of our encoder, by a slate that is made anyway, or else by a second of
    /// black. None where nothing has to be encoded at all.
    fn sets(
        &self,
        first: &Lineup,
        settings: &ProgrammeSettings,
        fonts: &FontsOnce,
        state: &mut State,
        remarks: &mut Vec<Text>,
    ) -> Result<Option<String>, Failure> {
        let drawn = first.parts.iter().find_map(|part| match &part.from {
            Origin::Drawn { .. } => Some(part.clone()),
            _ => None,
        });
        let mut own = Vec::new();
        for part in &first.parts {
            if let (Origin::Master, Some(id)) = (&part.from, &part.submission) {
                let path = self.layout.master(id);
                own.push(self.described(&path, &part.title, state)?.parameter_sets);
            }
        }
        let fits = first.parts.iter().all(|part| part.from == Origin::Master);
        if fits && own.windows(2).all(|two| two[0] == two[1]) {
            return Ok(None);
        }
        let part = drawn.unwrap_or_else(|| a_second_of_black(first.frame_rate));
        let path = self.drawn(&part, first.frame_rate, settings, fonts, state, remarks)?;
        let described = self.described(&path, CLIP, state)?;
        Ok(Some(described.parameter_sets))
    }

    /// Every part's file, made where it is not there yet.
    fn files(
        &self,
        lineup: &Lineup,
        settings: &ProgrammeSettings,
        fonts: &FontsOnce,
        state: &mut State,
        remarks: &mut Vec<Text>,
    ) -> Result<Vec<PathBuf>, Failure> {
        // Keys first, so that nothing is made twice, then several at a time.
        let mut hashes = BTreeMap::new();
        for part in &lineup.parts {
            if let (Origin::Conformed, Some(id)) = (&part.from, &part.submission) {
                let path = self.layout.master(id);
                let hash = state.hash(self.layout, &path).map_err(at(&path))?;
                hashes.insert(id.clone(), hash);
            }
        }
        let shared: &State = state;
        let made: Vec<Result<(PathBuf, Vec<Text>), Failure>> = lineup
            .parts
            .par_iter()
            .map(|part| match (&part.from, &part.submission) {
                (Origin::Master, Some(id)) => Ok((self.layout.master(id), vec![])),
                (Origin::Conformed, Some(id)) => {
                    let made = self.conformed(part, lineup.frame_rate, settings, &hashes[id]);
                    made.map(|path| (path, vec![]))
                }
                _ => {
                    let mut noted = vec![];
                    let rate = lineup.frame_rate;
                    let path = self.drawn(part, rate, settings, fonts, shared, &mut noted)?;
                    Ok((path, noted))
                }
            })
            .collect();
        let mut sources = Vec::new();
        for made in made {
            let (path, noted) = made?;
            remarks.extend(noted);
            sources.push(path);
        }
        remarks.dedup();
        Ok(sources)
    }

    fn drawn(
        &self,
        part: &Part,
        frame_rate: FrameRate,
        settings: &ProgrammeSettings,
        fonts: &FontsOnce,
        state: &State,
        remarks: &mut Vec<Text>,
    ) -> Result<PathBuf, Failure> {
        let Origin::Drawn {
            card,
            picture,
            fade,
        } = &part.from
        else {
            return Err(Failure::Write(
                PathBuf::from(&part.file),
                io::ErrorKind::NotFound.into(),
            ));
        };
        let hash = picture
            .as_ref()
            .and_then(|source| state.pictures.get(source));
        let mut order = ClipOrder {
            format: settings.format.clone(),
            frame_rate,
            frames: part.frames,
            fade: *fade,
            card: card.clone(),
            picture: hash.is_some(),
            family: String::new(),
        };
        let key = key(&("clip", LOOK_VERSION, &order, hash));
        let target = self.layout.hall_file(&key);
        if target.is_file() {
            return Ok(target);
        }
        self.tell(&Text::new(
            format!("制作片头 {}", part.file),
            format!("drawing {}", part.file),
        ));
        let mut extra = Vec::new();
        if let Some(hash) = hash {
            let path = self.layout.hall_picture(hash);
            extra.push(open_regular(&path).map_err(at(&path))?);
        }
        if !matches!(card, Card::Black | Card::Picture) {
            let found = fonts.found()?;
            order.family.clone_from(&found.family);
            for path in &found.files {
                // Fonts of a distribution are often links.
                extra.push(File::open(path).map_err(at(path))?);
            }
        }
        let staging = self.layout.new_hall_staging(&key).map_err(at(&target))?;
        let folder = File::open(&staging).map_err(at(&staging))?;
        let missing = self
            .workers
            .clip(folder, extra, order)
            .map_err(|error| Failure::worker(&part.file, &error))?;
        if !missing.is_empty() {
            let file = &part.file;
            remarks.push(Text::new(
                format!("{file}：这台电脑的字体里没有这些字，片头上略去了：{missing}"),
                format!("{file}: no font of this computer has these characters, and the slate is without them: {missing}"),
            ));
        }
        self.layout
            .publish_hall_file(&staging, CLIP, &target)
            .map_err(at(&target))?;
        Ok(target)
    }

    fn conformed(
        &self,
        part: &Part,
        frame_rate: FrameRate,
        settings: &ProgrammeSettings,
        hash: &ContentHash,
    ) -> Result<PathBuf, Failure> {
        let order = ConformOrder {
            format: settings.format.clone(),
            frame_rate,
            frames: part.frames,
            threads: 0,
        };
        let key = key(&("conform", CONFORM_VERSION, &order, hash));
        let target = self.layout.hall_file(&key);
        if target.is_file() {
            return Ok(target);
        }
        self.tell(&Text::new(
            format!("统一帧率和参数 {}", part.file),
            format!("making {} fit the programme", part.file),
        ));
        let Some(id) = &part.submission else {
            return Err(Failure::Write(target, io::ErrorKind::NotFound.into()));
        };
        let path = self.layout.master(id);
        let master = open_regular(&path).map_err(at(&path))?;
        let staging = self.layout.new_hall_staging(&key).map_err(at(&target))?;
        let folder = File::open(&staging).map_err(at(&staging))?;
        let order = ConformOrder {
            threads: self.threads,
            ..order
        };
        self.workers
            .conform(master, folder, order, &mut |_, _| {})
            .map_err(|error| Failure::worker(&part.file, &error))?;
        self.layout
            .publish_hall_file(&staging, CONFORMED, &target)
            .map_err(at(&target))?;
        Ok(target)
    }

    fn items(
        &self,
        report: &Report,
        lineup: &Lineup,
        sources: &[PathBuf],
        state: &mut State,
    ) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        for ((part, start), source) in lineup.parts.iter().zip(lineup.starts()).zip(sources) {
            let blake3 = state.hash(self.layout, source).map_err(at(source))?;
            let bytes = std::fs::metadata(source).map_err(at(source))?.len();
            let of_film = |id: &SubmissionId| report.submissions.iter().find(|s| s.id == *id);
            let film = part
                .submission
                .as_ref()
                .filter(|_| part.kind == ItemKind::Film);
            let loudness = film
                .and_then(of_film)
                .and_then(|s| s.outputs.as_ref()?.loudness)
                .and_then(|loudness| loudness.hall.integrated_lufs);
            items.push(Item {
                order: part.order,
                kind: part.kind,
                file: part.file.clone(),
                submission: part.submission.clone(),
                region: part.region.clone(),
                unit: part.unit.clone(),
                title: part.title.clone(),
                starts_at_ms: start_of(lineup.frame_rate, start),
                duration_ms: start_of(lineup.frame_rate, part.frames),
                frames: part.frames,
                bytes: Bytes(bytes),
                loudness_lufs: loudness,
                blake3,
            });
        }
        Ok(items)
    }

    /// All items in one file; the one that is there stays where nothing has changed.
    fn join(
        &self,
        lineup: &Lineup,
        settings: &ProgrammeSettings,
        items: &[Item],
        sources: &[PathBuf],
        state: &mut State,
    ) -> Result<Option<Joined>, Failure> {
        if items.is_empty() {
            return Ok(None);
        }
        let pieces = lineup.parts.iter().enumerate().map(|(index, part)| Piece {
            name: format!("{index:04}.mp4"),
            frames: part.frames,
            chapter: part.chapter.clone(),
        });
        let order = JoinOrder {
            format: settings.format.clone(),
            frame_rate: lineup.frame_rate,
            pieces: pieces.collect(),
        };
        let hashes: Vec<&ContentHash> = items.iter().map(|item| &item.blake3).collect();
        let key = key(&("join", JOIN_VERSION, &order, hashes));
        let target = self.layout.programme().join(playlist::JOINED);
        if state.joined.as_deref() != Some(&key) || !state.is_as_known(self.layout, &target) {
            let minutes = lineup.duration();
            self.tell(&Text::new(
                format!("合成整场节目 programme.mp4（{minutes}）"),
                format!("joining everything into programme.mp4 ({minutes})"),
            ));
            let staging = self.layout.new_hall_staging("join").map_err(at(&target))?;
            for (piece, source) in order.pieces.iter().zip(sources) {
                let link = staging.join(&piece.name);
                link_or_copy(source, &link).map_err(at(&link))?;
            }
            let folder = File::open(&staging).map_err(at(&staging))?;
            self.workers
                .join(folder, order, &mut |_, _| {})
                .map_err(|error| Failure::worker(playlist::JOINED, &error))?;
            self.layout
                .publish_hall_file(&staging, JOINED, &target)
                .map_err(at(&target))?;
            state.joined = Some(key);
        }
        Ok(Some(Joined {
            file: playlist::JOINED.into(),
            duration_ms: lineup.duration(),
            frames: lineup.frames(),
            bytes: Bytes(std::fs::metadata(&target).map_err(at(&target))?.len()),
            blake3: state.hash(self.layout, &target).map_err(at(&target))?,
        }))
    }

    fn manifest(
        &self,
        report: &Report,
        settings: &ProgrammeSettings,
        lineup: &Lineup,
        items: Vec<Item>,
        joined: Option<Joined>,
    ) -> Manifest {
        let manifest = Manifest {
            schema: SCHEMA.into(),
            title: report.showcase.title.zh.clone(),
            made_at: timestamp(self.started_at),
            frame_rate: lineup.frame_rate,
            width: settings.format.width,
            height: settings.format.height,
            sample_rate: settings.format.sample_rate,
            channels: 2,
            items,
            joined,
        };
        // The time is that of the last run that changed anything.
        match programme::earlier(self.layout) {
            Some(earlier)
                if (Manifest {
                    made_at: earlier.made_at.clone(),
                    ..manifest.clone()
                }) == earlier =>
            {
                earlier
            }
            _ => manifest,
        }
    }

    /// Takes away slates and fitted masters that no programme needs any more.
    fn tidy(
        &self,
        lineup: &Lineup,
        settings: &ProgrammeSettings,
        sources: &[PathBuf],
        state: &mut State,
    ) -> Result<(), Failure> {
        let folder = self.layout.hall();
        let shown = lineup.parts.iter().filter_map(|part| match &part.from {
            Origin::Drawn { picture, .. } => picture.clone(),
            _ => None,
        });
        let mut pictures: Vec<String> = shown.collect();
        pictures.extend(settings.wishes.background.clone());
        let kept: Vec<PathBuf> = pictures
            .iter()
            .filter_map(|source| state.pictures.get(source))
            .map(|hash| self.layout.hall_picture(hash))
            .collect();
        let there = match std::fs::read_dir(&folder) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::Write(folder, error)),
        };
        for entry in there.filter_map(Result::ok) {
            let path = entry.path();
            let kind = path.extension().and_then(|kind| kind.to_str());
            let is_ours = matches!(kind, Some("mp4" | "picture"));
            if is_ours && !sources.contains(&path) && !kept.contains(&path) {
                std::fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        state.forget_missing(self.layout);
        Ok(())
    }

    fn tell(&self, what: &Text) {
        self.listener
            .on_event(&Event::Programme { what: what.clone() });
    }
}

fn a_second_of_black(rate: FrameRate) -> Part {
    Part {
        order: 0,
        kind: ItemKind::Pause,
        file: CLIP.into(),
        submission: None,
        region: String::new(),
        unit: String::new(),
        title: String::new(),
        frames: rate.frames_in(Millis(1000)),
        from: Origin::Drawn {
            card: Card::Black,
            picture: None,
            fade: 0,
        },
        chapter: None,
    }
}

/// Whether words are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lettering {
    Drawn,
    /// This computer has no font for Chinese.
    LeftOut,
}

/// Nothing that would have to be written.
fn without_words(
    entries: &mut Vec<Entry>,
    settings: &mut ProgrammeSettings,
    remarks: &mut Vec<Text>,
) {
    let wishes = &mut settings.wishes;
    (wishes.slates, wishes.countdown, wishes.end_card) = (false, None, None);
    entries.retain(|entry| !matches!(entry.what, What::Section { .. }));
    let remedy = fonts::NoFont.remedy();
    remarks.push(Text::new(
        format!("这台电脑没有中文字体，节目单没有片头：{}", remedy.zh),
        format!(
            "this computer has no font for Chinese, so the programme has no slates: {}",
            remedy.en
        ),
    ));
}

/// Everything that is to be written.
fn words(entries: &[Entry], settings: &ProgrammeSettings) -> String {
    let mut words = format!("{}0123456789《》", settings.event);
    for entry in entries {
        match &entry.what {
            What::Film(film) => words.extend([&*film.title, &film.unit, &film.region]),
            What::Section { words: own, .. } => words.push_str(own),
            What::Still { .. } | What::Pause(_) => {}
        }
    }
    words.push_str(settings.wishes.end_card.as_deref().unwrap_or_default());
    words
}

/// A short name for everything that something is made from.
fn key<T: serde::Serialize>(of: &T) -> String {
    let text = serde_json::to_string(of).unwrap_or_default();
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

fn hash_of(mut file: &File) -> io::Result<ContentHash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut file)?;
    io::Seek::rewind(&mut file)?;
    Ok(hasher.finalize().into())
}

/// What the run sheet says.
#[derive(Default)]
struct Heard {
    edits: Option<Edits>,
    keeps: bool,
}

impl Heard {
    /// The sheet can not be read: what it said before counts, and it stays as it is.
    fn kept(known: &Sheet, remarks: &mut Vec<Text>, why: &Text) -> Self {
        remarks.push(Text::new(
            format!("programme/{WORKBOOK} 读不出来，仍用原来的顺序：{}", why.zh),
            format!(
                "programme/{WORKBOOK} can not be read, so the order is as it was: {}",
                why.en
            ),
        ));
        Heard {
            edits: known.edits.clone(),
            keeps: true,
        }
    }
}

/// What was not changed this time is as it was changed before.
fn with_earlier(mut edits: Edits, known: &Sheet) -> Edits {
    edits.base.clone_from(&known.base);
    for edit in &mut edits.rows {
        let before = known.edits.iter().flat_map(|edits| &edits.rows);
        if let Some(before) = before.into_iter().find(|before| before.key == edit.key) {
            edit.note = edit.note.take().or_else(|| before.note.clone());
            edit.plan_b = edit.plan_b.take().or_else(|| before.plan_b.clone());
        }
    }
    edits
}

/// Fonts that are looked for when the first words are drawn: listing a computer's fonts takes a second, and a programme
/// that is as it was needs none.
struct FontsOnce {
    words: String,
    found: std::sync::OnceLock<Option<fonts::Fonts>>,
}

impl FontsOnce {
    fn new(words: String) -> Self {
        FontsOnce {
            words,
            found: std::sync::OnceLock::new(),
        }
    }

    fn found(&self) -> Result<&fonts::Fonts, fonts::NoFont> {
        let found = self.found.get_or_init(|| fonts::find(&self.words).ok());
        found.as_ref().ok_or(fonts::NoFont)
    }
}
