//! Making what the plan says, several at a time, and judging by what every frame showed. In: a plan. Out: how each job
//! [`Ended`], and a catalogue with exact facts. A job that fails costs itself only; what is finished is written down before
//! the next begins. Nothing is published of a film that turns out not to be accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::fold::elapsed;
use super::survey;
use crate::catalogue::{Catalogue, Entry};
use crate::config::RunConfig;
use crate::error::RunError;
use crate::event::{Event, Listener};
use crate::id::{ContentHash, SubmissionId};
use crate::layout::{self, Layout, open_regular};
use crate::ledger::{Before, Inputs, OutputFile, Reading, Record, Stamp, save_reading};
use crate::plan::{self, Action, Job, Plan, StaleReason};
use crate::probe::VideoInfo;
use crate::probe::full_look::FullLook;
use crate::report::model::JobOutcome;
use crate::text::Text;
use crate::transcode::ladder::Recipe;
use crate::transcode::make::MakeOrder;
use crate::typeset::fonts::{self, Fonts};
use crate::worker::parent::WorkerError;
use crate::worker::protocol::MAX_SUBTITLES;

/// How often the operator's wish to stop is looked for.
const CANCEL_CHECK: Duration = Duration::from_millis(20);

/// How one job ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// How; none where nothing was to be done now.
    pub(super) outcome: Option<JobOutcome>,
    /// Why.
    pub(super) reason: Text,
    /// What there is now.
    pub(super) record: Option<Record>,
    /// What is known of the content now, where making it showed more than was known.
    reading: Option<Reading>,
}

/// The state without making anything: what is up to date counts, the rest is still to come.
pub(super) fn none(plan: &Plan, before: Vec<Before>) -> Vec<Ended> {
    let before = before
        .into_iter()
        .chain(std::iter::repeat_with(Before::default));
    plan.jobs
        .iter()
        .zip(before)
        .map(|(job, before)| standing(job, before))
        .collect()
}

/// The state as it will be if every film can be made. What is made beside the films, before they are there, rests on it.
pub(super) fn promised(plan: &Plan, before: &[Before]) -> Vec<Ended> {
    let mut promised = none(plan, before.to_vec());
    for (job, ended) in plan.jobs.iter().zip(&mut promised) {
        if let Action::Make { inputs, recipe, .. } = &job.action {
            ended.record = Some(Record::promised(inputs.clone(), recipe));
        }
    }
    promised
}

fn standing(job: &Job, before: Before) -> Ended {
    match &job.action {
        Action::UpToDate => Ended {
            outcome: Some(JobOutcome::UpToDate),
            reason: Text::new(
                "原视频、要求和程序都没有变",
                "upload, ladder and program are unchanged",
            ),
            record: before.record,
            reading: None,
        },
        Action::Skip { verdict } => Ended {
            outcome: Some(JobOutcome::Returned),
            reason: verdict.text(),
            record: None,
            reading: None,
        },
        Action::Make { reason, .. } => Ended {
            outcome: None,
            reason: reason.text(),
            record: still_good(reason, before),
            reading: None,
        },
    }
}

/// What an earlier run made stays in use until it is replaced, unless the upload itself is another one.
fn still_good(reason: &StaleReason, before: Before) -> Option<Record> {
    let same_film = matches!(
        reason,
        StaleReason::RecipeChanged
            | StaleReason::ToolChanged { .. }
            | StaleReason::SubtitlesChanged
    );
    before
        .record
        .filter(|_| same_film && before.missing.is_none())
}

/// Makes all that is to be made, in rounds: a film that is made is looked at frame by frame, and where that shows more than
/// its samples did, everything is judged and planned anew. Mostly nothing is left for a second round.
pub(super) struct Rounds<'a> {
    pub(super) config: &'a RunConfig,
    pub(super) layout: &'a Layout,
    pub(super) tool: &'a str,
    pub(super) listener: &'a dyn Listener,
}

impl Rounds<'_> {
    /// How every job ended, the catalogue being judged by what every frame showed.
    pub(super) fn make_all(
        &self,
        catalogue: &mut Catalogue,
        mut plan: Plan,
        before: Vec<Before>,
    ) -> Result<Vec<Ended>, RunError> {
        let mut ended = none(&plan, before);
        let mut order = plan.making_order();
        let mut tried = BTreeSet::new();
        while !order.is_empty() {
            tried.extend(order.iter().copied());
            self.make(catalogue, &plan, &order, &mut ended);
            let readings = learnt(catalogue, &mut ended);
            if readings.is_empty() {
                break;
            }
            self.judge_again(catalogue, &readings)?;
            let before = super::before(self.config, catalogue);
            plan = plan::plan(catalogue, &self.config.ladder, self.tool, &before);
            for (index, (job, before)) in plan.jobs.iter().zip(before).enumerate() {
                let is_off = matches!(job.action, Action::Skip { .. });
                if is_off || !tried.contains(&index) {
                    ended[index] = standing(job, before);
                }
            }
            order = plan.making_order();
            order.retain(|index| !tried.contains(index));
            if !order.is_empty() {
                super::announce(&plan, &order, self.listener);
            }
        }
        Ok(ended)
    }

    /// What is not accepted any more is not left where people look for what is.
    fn judge_again(
        &self,
        catalogue: &mut Catalogue,
        readings: &BTreeMap<ContentHash, Reading>,
    ) -> Result<(), RunError> {
        let accepted = |catalogue: &Catalogue| -> BTreeSet<SubmissionId> {
            let entries = catalogue.entries.iter();
            let accepted = entries.filter(|entry| entry.verdict.is_accepted());
            accepted.map(|entry| entry.submission.id.clone()).collect()
        };
        let shown = accepted(catalogue);
        survey::judge_again(catalogue, readings, self.config)?;
        for id in shown.difference(&accepted(catalogue)) {
            withdraw(self.layout, id)
                .map_err(|source| RunError::write(&self.layout.media(id), source))?;
        }
        Ok(())
    }

    /// Makes these jobs, several at a time.
    fn make(&self, catalogue: &Catalogue, plan: &Plan, order: &[usize], ended: &mut [Ended]) {
        let next = AtomicUsize::new(0);
        let threads = self.config.encoder_threads(order.len());
        let found = OnceLock::new();
        let done = Mutex::new(Vec::with_capacity(order.len()));
        let work = || {
            while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                let result = Maker {
                    config: self.config,
                    layout: self.layout,
                    entry: &catalogue.entries[*index],
                    job: &plan.jobs[*index],
                    listener: self.listener,
                    threads,
                    found: &found,
                }
                .run();
                if let Ok(mut done) = done.lock() {
                    done.push((*index, result));
                }
            }
        };
        thread::scope(|scope| {
            let makers: Vec<_> = (0..self.config.jobs.get().min(order.len()))
                .map(|_| scope.spawn(work))
                .collect();
            while makers.iter().any(|maker| !maker.is_finished()) {
                if self.config.workers.cancelled.load(Ordering::Relaxed) {
                    self.listener.on_event(&Event::Stopping);
                    break;
                }
                thread::sleep(CANCEL_CHECK);
            }
        });
        for (index, result) in done.into_inner().unwrap_or_default() {
            ended[index] = result;
        }
    }
}

/// What making showed of the contents.
fn learnt(catalogue: &Catalogue, ended: &mut [Ended]) -> BTreeMap<ContentHash, Reading> {
    let entries = catalogue.entries.iter().zip(ended);
    entries
        .filter_map(|(entry, ended)| Some((entry.hash.clone()?, ended.reading.take()?)))
        .collect()
}

/// Takes the record and the outputs of a submission away.
fn withdraw(layout: &Layout, id: &SubmissionId) -> io::Result<()> {
    Record::forget(layout, id)?;
    layout.withdraw(id)
}

/// What a job came to.
struct Product {
    /// What was published; none where every frame showed that the film must go back.
    record: Option<Record>,
    /// What is known of the content now, where that is more than before.
    reading: Option<Reading>,
}

/// One job on its way.
struct Maker<'a> {
    config: &'a RunConfig,
    layout: &'a Layout,
    entry: &'a Entry,
    job: &'a Job,
    listener: &'a dyn Listener,
    threads: usize,
    found: &'a OnceLock<Option<Fonts>>,
}

impl Maker<'_> {
    fn run(&self) -> Ended {
        let clock = Instant::now();
        let Action::Make {
            reason,
            inputs,
            recipe,
        } = &self.job.action
        else {
            return standing(self.job, Before::default());
        };
        let ended = if self.config.workers.cancelled.load(Ordering::Relaxed) {
            self.nothing_new(JobOutcome::Cancelled, WorkerError::Cancelled.text(), reason)
        } else {
            self.listener.on_event(&Event::JobStarted {
                id: self.job.id.clone(),
                label: self.job.label.clone(),
                reason: reason.text(),
                work: self.job.work(),
            });
            self.settle(self.make(inputs, recipe, clock), reason)
        };
        self.listener.on_event(&Event::JobFinished {
            id: self.job.id.clone(),
            label: self.job.label.clone(),
            outcome: ended.outcome.unwrap_or(JobOutcome::Failed),
            reason: ended.reason.clone(),
            wall_ms: elapsed(clock),
        });
        ended
    }

    fn settle(&self, made: Result<Product, MakeFailure>, reason: &StaleReason) -> Ended {
        match made {
            Ok(Product {
                record: Some(record),
                reading,
            }) => Ended {
                outcome: Some(JobOutcome::Done),
                reason: reason.text(),
                record: Some(record),
                reading,
            },
            Ok(Product {
                record: None,
                reading,
            }) => Ended {
                outcome: Some(JobOutcome::Returned),
                reason: Text::new(
                    "制作时逐帧看过，发现了抽样没看到的问题",
                    "every frame was looked at while making, and that showed what samples had not",
                ),
                record: None,
                reading,
            },
            Err(failure) => {
                // What is half made goes at once; a full disk needs the room.
                let _ = self.clear_staging();
                match failure {
                    MakeFailure::Worker(WorkerError::Cancelled) => self.nothing_new(
                        JobOutcome::Cancelled,
                        WorkerError::Cancelled.text(),
                        reason,
                    ),
                    other => self.nothing_new(JobOutcome::Failed, other.text(), reason),
                }
            }
        }
    }

    fn nothing_new(&self, outcome: JobOutcome, why: Text, reason: &StaleReason) -> Ended {
        Ended {
            outcome: Some(outcome),
            reason: why,
            record: still_good(reason, Before::load(self.layout, &self.job.id)),
            reading: None,
        }
    }

    fn clear_staging(&self) -> io::Result<()> {
        layout::remove_tree(&self.layout.staging().join(self.job.id.as_str()))
    }

    fn make(
        &self,
        inputs: &Inputs,
        recipe: &Recipe,
        clock: Instant,
    ) -> Result<Product, MakeFailure> {
        let (entry, id) = (self.entry, &self.job.id);
        let staging = self.layout.new_staging(id).map_err(MakeFailure::Write)?;
        let upload = open_regular(&entry.submission.path).map_err(MakeFailure::Read)?;
        self.unchanged(&upload)?;
        let subtitles: Vec<_> = entry.subtitles.iter().take(MAX_SUBTITLES).collect();
        let fonts = match &recipe.burn {
            Some(_) => Some(self.fonts()?),
            None => None,
        };
        let font_files = fonts.iter().flat_map(|fonts| &fonts.files);
        let opened = subtitles
            .iter()
            .map(|s| &s.path)
            .chain(font_files)
            .map(|path| open_regular(path))
            .collect::<io::Result<Vec<_>>>();
        let order = MakeOrder {
            recipe: recipe.clone(),
            threads: self.threads,
            proof: self.config.proof,
            subtitles: subtitles.iter().map(|s| s.name.clone()).collect(),
            family: fonts.as_ref().map(|fonts| fonts.family.clone()),
            look: self.to_be_looked_at(),
        };
        let folder = File::open(&staging).map_err(MakeFailure::Write)?;
        let watched = upload.try_clone().map_err(MakeFailure::Read)?;
        let mut progress = |done: u64, total: u64| {
            let permille = (done * 1000).checked_div(total).unwrap_or(0).min(1000);
            self.listener.on_event(&Event::JobProgressed {
                id: id.clone(),
                permille,
            });
        };
        let workers = &self.config.workers;
        let (mut made, cpu_ms) = workers
            .make(
                upload,
                folder,
                opened.map_err(MakeFailure::Read)?,
                order,
                &mut progress,
            )
            .map_err(MakeFailure::Worker)?;
        self.unchanged(&watched)?;
        let reading = made.look.take().and_then(|look| self.reading_with(*look));
        if let Some(reading) = &reading {
            let verdict = survey::verdict_by(reading, entry, self.config);
            if !verdict.is_accepted() {
                return self.take_back(reading, inputs);
            }
            self.remember(reading, inputs);
        }
        let files = self.list_files(&staging).map_err(MakeFailure::Write)?;
        Record::forget(self.layout, id).map_err(MakeFailure::Write)?;
        self.layout
            .publish_submission(id)
            .map_err(MakeFailure::Write)?;
        let mut record = Record::new(inputs.clone(), files, made);
        (record.wall_ms, record.cpu_ms) = (elapsed(clock), cpu_ms);
        record.save(self.layout, id).map_err(MakeFailure::Write)?;
        Ok(Product {
            record: Some(record),
            reading,
        })
    }

    /// Fonts for subtitles in the picture; looked for once a run.
    fn fonts(&self) -> Result<&Fonts, MakeFailure> {
        let found = self.found.get_or_init(|| fonts::find("").ok());
        found.as_ref().ok_or(MakeFailure::NoFont)
    }

    /// The picture, where nobody has seen all of it yet.
    fn to_be_looked_at(&self) -> Option<Box<VideoInfo>> {
        let measured = self.entry.measured()?;
        let video = measured.media.video.clone()?;
        measured.rests_on_samples().then(|| Box::new(video))
    }

    fn reading_with(&self, look: FullLook) -> Option<Reading> {
        let mut measured = self.entry.measured()?.clone();
        measured.take_in(look);
        Some(Reading::Measured(Box::new(measured)))
    }

    // Remembered last: killed before that, the next run makes the film again and finds the same.
    fn take_back(&self, reading: &Reading, inputs: &Inputs) -> Result<Product, MakeFailure> {
        self.clear_staging().map_err(MakeFailure::Write)?;
        withdraw(self.layout, &self.job.id).map_err(MakeFailure::Write)?;
        self.remember(reading, inputs);
        Ok(Product {
            record: None,
            reading: Some(reading.clone()),
        })
    }

    // Later checks judge by this and decode nothing again.
    fn remember(&self, reading: &Reading, inputs: &Inputs) {
        let saved = save_reading(self.layout, &inputs.source_blake3, &inputs.tool, reading);
        if let Err(error) = saved {
            tracing::warn!(%error, "what every frame showed could not be remembered");
        }
    }

    // An upload that is still being copied would be judged as one file and made as another.
    fn unchanged(&self, upload: &File) -> Result<(), MakeFailure> {
        let now = Stamp::of(upload).map_err(MakeFailure::Read)?;
        if self.entry.stamp == Some(now) {
            Ok(())
        } else {
            Err(MakeFailure::Changed)
        }
    }

    fn list_files(&self, staging: &Path) -> io::Result<Vec<OutputFile>> {
        let id = &self.job.id;
        let mut files = Vec::new();
        list(
            &staging.join(layout::MEDIA),
            &Layout::media_name(id),
            &mut files,
        )?;
        let master = staging.join(layout::MASTER);
        let master = if master.try_exists()? {
            master
        } else {
            staging.join(layout::MEDIA).join(layout::WEB_MP4)
        };
        files.push(output_file(&master, Layout::master_name(id))?);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

fn list(folder: &Path, name: &str, files: &mut Vec<OutputFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(child) = entry.file_name().into_string() else {
            continue;
        };
        let name = format!("{name}/{child}");
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &name, files)?;
        } else {
            files.push(output_file(&entry.path(), name)?);
        }
    }
    Ok(())
}

fn output_file(file: &Path, path: String) -> io::Result<OutputFile> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(file)?, &mut hasher)?;
    Ok(OutputFile {
        path,
        bytes,
        blake3: ContentHash::from(hasher.finalize()),
    })
}

/// Why one job gave nothing.
#[derive(Debug)]
enum MakeFailure {
    Read(io::Error),
    Write(io::Error),
    Changed,
    NoFont,
    Worker(WorkerError),
}

impl MakeFailure {
    fn text(&self) -> Text {
        match self {
            MakeFailure::Read(error) => Text::new(
                format!("原文件读不出来：{error}"),
                format!("the upload cannot be read: {error}"),
            ),
            MakeFailure::Write(error) if error.kind() == io::ErrorKind::StorageFull => Text::new(
                "磁盘已满，请腾出空间后再运行一次，已完成的不会重做",
                "the disk is full; free some space and run again, what is done stays",
            ),
            MakeFailure::Write(error) => Text::new(
                format!("输出写不进去：{error}"),
                format!("the outputs cannot be written: {error}"),
            ),
            MakeFailure::Changed => Text::new(
                "原文件在处理时还在变化（可能正在复制），请等复制完成后再运行一次",
                "the upload was still changing (is it being copied?); run again when that is finished",
            ),
            MakeFailure::NoFont => Text::new(
                "会场画面要压制字幕，但这台电脑没有中文字体：请安装（Debian 和 Ubuntu：sudo apt install \
                 fonts-noto-cjk），或者在 showcase.toml 里去掉 burn_subtitles",
                "subtitles are to be burnt into the hall's picture, but this computer has no font for Chinese: install one \
                 (Debian and Ubuntu: sudo apt install fonts-noto-cjk), or take burn_subtitles out of showcase.toml",
            ),
            MakeFailure::Worker(error) => error.text(),
        }
    }
}
