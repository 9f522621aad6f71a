//! Making what the plan says, several at a time. In: a plan. Out: how each job [`Ended`]. A job that fails costs itself
//! only; what is finished is written down before the next begins.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::fold::elapsed;
use crate::catalogue::{Catalogue, Entry};
use crate::config::RunConfig;
use crate::event::{Event, Listener};
use crate::id::ContentHash;
use crate::layout::{self, Layout, open_regular};
use crate::ledger::{Before, Inputs, OutputFile, Record, Stamp};
use crate::plan::{Action, Job, Plan, StaleReason};
use crate::report::model::JobOutcome;
use crate::text::Text;
use crate::transcode::ladder::Recipe;
use crate::transcode::make::MakeOrder;
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

fn standing(job: &Job, before: Before) -> Ended {
    match &job.action {
        Action::UpToDate => Ended {
            outcome: Some(JobOutcome::UpToDate),
            reason: Text::new(
                "原视频、要求和程序都没有变",
                "upload, ladder and program are unchanged",
            ),
            record: before.record,
        },
        Action::Skip { verdict } => Ended {
            outcome: Some(JobOutcome::Returned),
            reason: verdict.text(),
            record: None,
        },
        Action::Make { reason, .. } => Ended {
            outcome: None,
            reason: reason.text(),
            record: still_good(reason, before),
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

/// Makes every job of the plan, most work first.
pub(super) fn all(
    config: &RunConfig,
    layout: &Layout,
    catalogue: &Catalogue,
    plan: &Plan,
    before: Vec<Before>,
    listener: &dyn Listener,
) -> Vec<Ended> {
    let ended: Vec<Mutex<Ended>> = none(plan, before).into_iter().map(Mutex::new).collect();
    let order = plan.making_order();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (entry, job) = (&catalogue.entries[*index], &plan.jobs[*index]);
            let result = Maker {
                config,
                layout,
                entry,
                job,
                listener,
            }
            .run();
            if let Ok(mut slot) = ended[*index].lock() {
                *slot = result;
            }
        }
    };
    thread::scope(|scope| {
        let makers: Vec<_> = (0..config.jobs.get().min(order.len()))
            .map(|_| scope.spawn(work))
            .collect();
        while makers.iter().any(|maker| !maker.is_finished()) {
            if config.workers.cancelled.load(Ordering::Relaxed) {
                listener.on_event(&Event::Stopping);
                break;
            }
            thread::sleep(CANCEL_CHECK);
        }
    });
    ended
        .into_iter()
        .filter_map(|slot| slot.into_inner().ok())
        .collect()
}

/// One job on its way.
struct Maker<'a> {
    config: &'a RunConfig,
    layout: &'a Layout,
    entry: &'a Entry,
    job: &'a Job,
    listener: &'a dyn Listener,
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
        let (outcome, why, record) = if self.config.workers.cancelled.load(Ordering::Relaxed) {
            let record = self.still_good(reason);
            (JobOutcome::Cancelled, WorkerError::Cancelled.text(), record)
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
            outcome,
            reason: why.clone(),
            wall_ms: elapsed(clock),
        });
        Ended {
            outcome: Some(outcome),
            reason: why,
            record,
        }
    }

    fn settle(
        &self,
        made: Result<Record, MakeFailure>,
        reason: &StaleReason,
    ) -> (JobOutcome, Text, Option<Record>) {
        match made {
            Ok(record) => (JobOutcome::Done, reason.text(), Some(record)),
            Err(failure) => {
                // What is half made goes at once; a full disk needs the room.
                let _ = layout::remove_tree(&self.layout.staging().join(self.job.id.as_str()));
                let record = self.still_good(reason);
                match failure {
                    MakeFailure::Worker(WorkerError::Cancelled) => {
                        (JobOutcome::Cancelled, WorkerError::Cancelled.text(), record)
                    }
                    other => (JobOutcome::Failed, other.text(), record),
                }
            }
        }
    }

    fn still_good(&self, reason: &StaleReason) -> Option<Record> {
        still_good(reason, Before::load(self.layout, &self.job.id))
    }

    fn make(
        &self,
        inputs: &Inputs,
        recipe: &Recipe,
        clock: Instant,
    ) -> Result<Record, MakeFailure> {
        let (entry, id) = (self.entry, &self.job.id);
        let staging = self.layout.new_staging(id).map_err(MakeFailure::Write)?;
        let upload = open_regular(&entry.submission.path).map_err(MakeFailure::Read)?;
        self.unchanged(&upload)?;
        let subtitles: Vec<_> = entry.subtitles.iter().take(MAX_SUBTITLES).collect();
        let opened = subtitles
            .iter()
            .map(|s| open_regular(&s.path))
            .collect::<io::Result<Vec<_>>>();
        let order = MakeOrder {
            recipe: recipe.clone(),
            threads: self.config.encoder_threads,
            subtitles: subtitles.iter().map(|s| s.name.clone()).collect(),
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
        let (made, cpu_ms) = workers
            .make(
                upload,
                folder,
                opened.map_err(MakeFailure::Read)?,
                order,
                &mut progress,
            )
            .map_err(MakeFailure::Worker)?;
        self.unchanged(&watched)?;
        let files = self.list_files(&staging).map_err(MakeFailure::Write)?;
        Record::forget(self.layout, id).map_err(MakeFailure::Write)?;
        self.layout
            .publish_submission(id)
            .map_err(MakeFailure::Write)?;
        let mut record = Record::new(inputs.clone(), files, made);
        (record.wall_ms, record.cpu_ms) = (elapsed(clock), cpu_ms);
        record.save(self.layout, id).map_err(MakeFailure::Write)?;
        Ok(record)
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
            MakeFailure::Worker(error) => error.text(),
        }
    }
}
