//! Settings: flags, then environment, then showcase.toml, then preset, then default; checked once, here. In: what was
//! typed. Out: [`RunConfig`], in which nothing is optional that need not be. The only place that asks
//! the clock and, beside the `ZHANBO_…` that `cli` documents, the environment. An encoder in hardware that is asked for is tried here,
//! in a worker: what is planned depends on whether it works.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use crate::av::H264Encoder;
use crate::cli::{CheckArgs, GlobalArgs, ProofArg, RunArgs, WantedArgs};
use crate::error::RunError;
use crate::layout::Layout;
use crate::preset::{
    self, Confirm, Date, Delivery, EncoderChoice, Ladder, Overrule, ProgrammeFile, Recommend,
    RuleSet, ShowcaseFile, Site, Waive,
};
use crate::text::{Lang, Text};
use crate::transcode::trial::TrialOrder;
use crate::transcode::verify::Proof;
use crate::worker::parent::Workers;
use crate::worker::process::Start;

/// Name of the file in the inbox that says more about the event.
pub const SHOWCASE_FILE: &str = "showcase.toml";
/// More jobs than this at a time help nobody.
const MAX_JOBS: usize = 256;
/// Memory that one job may need: a 4K source on four rungs, in bytes.
const MEMORY_PER_JOB: u64 = 700 << 20;
/// How long a worker may be silent. A slow disk may take a while for its first bytes.
const PATIENCE: Duration = Duration::from_mins(2);

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Survey, judge, report; encode nothing.
    Check,
    /// Survey, judge, plan; write nothing.
    PlanOnly,
    /// Everything.
    Execute,
}

/// Everything a run needs to know.
#[derive(Debug)]
pub struct RunConfig {
    /// The inbox.
    pub inbox: PathBuf,
    /// The output tree; none for a check that only prints.
    pub layout: Option<Layout>,
    /// How far to go.
    pub mode: Mode,
    /// The rules.
    pub rules: RuleSet,
    /// The outputs.
    pub ladder: Ladder,
    /// The event's title.
    pub title: Text,
    /// Recommendations from showcase.toml.
    pub recommend: Vec<Recommend>,
    /// How the programme is to be, from showcase.toml.
    pub programme: ProgrammeFile,
    /// The secretary's decisions.
    pub decisions: Decisions,
    /// What the website says of itself.
    pub site: Site,
    /// Today, where the association is: China has one time, eight hours before UTC.
    pub today: Date,
    /// Until when returned videos may be handed in again.
    pub resubmit_by: Option<Date>,
    /// The library of earlier years; none where there is none.
    pub library: Option<PathBuf>,
    /// Language of pages.
    pub lang: Lang,
    /// Jobs at the same time.
    pub jobs: NonZeroUsize,
    /// Processor cores that the run may use.
    pub cores: usize,
    /// How what was made is proven.
    pub proof: Proof,
    /// What is to be said where the encoder that was asked for does not work here.
    pub refused_encoder: Option<Text>,
    /// How workers are started.
    pub workers: Workers,
    /// When the run started.
    pub started_at: SystemTime,
}

impl RunConfig {
    /// Threads of each encoder, where so many jobs are to be made: one where there is a job for every core, all of them for
    /// the one film that was handed in again an hour before the meeting.
    pub fn encoder_threads(&self, jobs: usize) -> usize {
        threads_each(self.cores, self.jobs.get().min(jobs))
    }
}

fn threads_each(cores: usize, at_once: usize) -> usize {
    (cores / at_once.max(1)).max(1)
}

/// What the secretary decided, from showcase.toml.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Findings that may pass.
    pub waive: Vec<Waive>,
    /// Verdicts of the secretary's own.
    pub overrule: Vec<Overrule>,
    /// Which of the videos that look the same are the same.
    pub confirm: Vec<Confirm>,
    /// When deliveries came.
    pub delivery: Vec<Delivery>,
}

/// Settings of a run.
pub fn run(
    args: &RunArgs,
    mode: Mode,
    lang: Lang,
    cancelled: Arc<AtomicBool>,
) -> Result<RunConfig, RunError> {
    let layout = Layout::new(&args.out);
    let mut config = settle(
        &args.inbox,
        Some(layout),
        mode,
        &args.wanted,
        args.jobs,
        lang,
        cancelled,
    )?;
    config.ladder.video.copy &= !args.no_copy;
    config.proof = match args.proof {
        ProofArg::Decode => Proof::Decode,
        ProofArg::Count => Proof::Count,
    };
    if let Some(encoder) = args.encoder {
        config.ladder.video.encoder = encoder;
    }
    settle_encoder(&mut config);
    Ok(config)
}

/// An encoder that does not work here gives way to x264; that is known before anything is planned, as it is a part of each recipe.
fn settle_encoder(config: &mut RunConfig) {
    let encoder = config.ladder.video.encoder.encoder();
    if encoder == H264Encoder::X264 {
        return;
    }
    let order = TrialOrder {
        encoder,
        rungs: config.ladder.rungs.clone(),
    };
    if let Err(error) = config.workers.try_encoder(order) {
        config.ladder.video.encoder = EncoderChoice::X264;
        config.refused_encoder = Some(refused_encoder(encoder, &error.text()));
    }
}

/// What is said of an encoder that does not work, and of what takes its place.
pub fn refused_encoder(encoder: H264Encoder, why: &Text) -> Text {
    let (name, instead) = (encoder.name(), H264Encoder::X264.name());
    Text::new(
        format!("{name} 在这台电脑上不能用：{}；改用 {instead}", why.zh),
        format!(
            "{name} cannot be used here: {}; {instead} is used instead",
            why.en
        ),
    )
}

/// Settings of a check.
pub fn check(
    args: &CheckArgs,
    lang: Lang,
    cancelled: Arc<AtomicBool>,
) -> Result<RunConfig, RunError> {
    let layout = args.out.as_ref().map(Layout::new);
    settle(
        &args.inbox,
        layout,
        Mode::Check,
        &args.wanted,
        args.jobs,
        lang,
        cancelled,
    )
}

fn settle(
    inbox: &Path,
    layout: Option<Layout>,
    mode: Mode,
    wanted: &WantedArgs,
    jobs: Option<usize>,
    lang: Lang,
    cancelled: Arc<AtomicBool>,
) -> Result<RunConfig, RunError> {
    if let Some(layout) = &layout {
        refuse_nesting(inbox, layout.root())?;
    }
    let file = inbox.join(SHOWCASE_FILE);
    let showcase = match std::fs::symlink_metadata(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => ShowcaseFile::default(),
        // Whoever put something there wants rules: a link to nowhere must not mean "no rules".
        Err(_) => return Err(RunError::NotAFile { path: file }),
        Ok(_) if !file.is_file() => return Err(RunError::NotAFile { path: file }),
        Ok(_) => preset::showcase(&file)?,
    };
    let beside = |name: &String| {
        if preset::is_path(name) {
            inbox.join(name).display().to_string()
        } else {
            name.clone()
        }
    };
    let chosen = |flag: &Option<String>, written: &Option<String>, default: &str| {
        flag.clone()
            .or_else(|| written.as_ref().map(beside))
            .unwrap_or_else(|| default.to_owned())
    };
    let mut rules = preset::rule_set(&chosen(
        &wanted.preset,
        &showcase.preset,
        preset::DEFAULT_RULES,
    ))?;
    rules.window = showcase.window.or(rules.window);
    let mut ladder = preset::ladder(&chosen(
        &wanted.ladder,
        &showcase.ladder,
        preset::DEFAULT_LADDER,
    ))?;
    ladder.hall.burn_subtitles = showcase.programme.burn_subtitles.clone();
    let title = wanted
        .title
        .clone()
        .map(Text::same)
        .or(showcase.title)
        .or_else(|| rules.event.clone())
        .unwrap_or_else(|| rules.title.clone());
    let jobs = settle_jobs(jobs)?;
    Ok(RunConfig {
        inbox: inbox.to_owned(),
        layout,
        mode,
        rules,
        ladder,
        title,
        recommend: showcase.recommend,
        programme: showcase.programme,
        decisions: Decisions {
            waive: showcase.waive,
            overrule: showcase.overrule,
            confirm: showcase.confirm,
            delivery: showcase.delivery,
        },
        site: showcase.site,
        today: today(),
        resubmit_by: showcase.resubmit_by,
        // One that is named must be there; this user's own only counts once it was begun.
        library: wanted
            .library
            .clone()
            .or_else(|| own_library().filter(|folder| folder.is_dir())),
        lang,
        jobs,
        cores: cores(),
        proof: Proof::Decode,
        refused_encoder: None,
        workers: workers(cancelled),
        started_at: now(),
    })
}

/// How an output folder's programme is certified.
#[derive(Debug)]
pub struct CertifyConfig {
    /// The output folder.
    pub layout: Layout,
    /// The drive that the programme is to be copied to.
    pub target: Option<PathBuf>,
    /// How workers are started.
    pub workers: Workers,
    /// When it began.
    pub started_at: SystemTime,
    /// The page's language.
    pub lang: Lang,
}

/// Settings of a certification.
pub fn certify(
    out: &Path,
    target: Option<&Path>,
    lang: Lang,
    cancelled: Arc<AtomicBool>,
) -> CertifyConfig {
    CertifyConfig {
        layout: Layout::new(out),
        target: target.map(Path::to_owned),
        workers: workers(cancelled),
        started_at: now(),
        lang,
    }
}

/// The library's folder: the one that was named, else this user's.
pub fn library(named: Option<&Path>) -> Result<PathBuf, RunError> {
    named
        .map(Path::to_owned)
        .or_else(own_library)
        .ok_or(RunError::NoLibrary)
}

// By the XDG base directory specification.
fn own_library() -> Option<PathBuf> {
    let set = |name| environment(name).filter(|value| !value.is_empty());
    let data = set("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| set("HOME").map(|home| Path::new(&home).join(".local/share")));
    data.map(|data| data.join("zhanbo/library"))
}

/// How a showcase.toml that may lie anywhere names a rule set: a file by its whole path.
pub fn preset_for(name_or_path: &str) -> String {
    if preset::is_path(name_or_path) {
        real_path(Path::new(name_or_path)).display().to_string()
    } else {
        name_or_path.to_owned()
    }
}

/// How workers are started: this very program again, even if its file was replaced meanwhile.
pub fn workers(cancelled: Arc<AtomicBool>) -> Workers {
    Workers {
        start: Start::forked("/proc/self/exe", &["worker"], &["worker", "--forks"]),
        patience: PATIENCE,
        cancelled,
    }
}

// The inbox is read only: outputs in it would be read as uploads by the next run.
fn refuse_nesting(inbox: &Path, out: &Path) -> Result<(), RunError> {
    let (inside, outside) = (real_path(out), real_path(inbox));
    if inside.starts_with(&outside) || outside.starts_with(&inside) {
        return Err(RunError::Nested {
            out: out.to_owned(),
            inbox: inbox.to_owned(),
        });
    }
    Ok(())
}

/// Where a path leads: links are followed as far as it exists, `..` is taken back beyond that.
fn real_path(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_default().components() {
        match part {
            std::path::Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real
}

fn settle_jobs(wanted: Option<usize>) -> Result<NonZeroUsize, RunError> {
    let by_memory = usize::try_from(free_memory() / MEMORY_PER_JOB)
        .unwrap_or(usize::MAX)
        .max(1);
    let actual = wanted.unwrap_or_else(|| cores().min(by_memory).min(MAX_JOBS));
    NonZeroUsize::new(actual)
        .filter(|jobs| jobs.get() <= MAX_JOBS)
        .ok_or(RunError::OutOfRange {
            name: "--jobs",
            actual,
            min: 1,
            max: MAX_JOBS,
        })
}

/// Processor cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Memory that new processes may use, in bytes: what is free and what the system would give back from its caches.
pub fn free_memory() -> u64 {
    let parsed = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("MemAvailable:"))?;
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
    parsed.map_or(MEMORY_PER_JOB, |kib| kib * 1024)
}

/// The reader's language: the flag, else the locale.
pub fn lang(global: &GlobalArgs) -> Lang {
    global.lang.unwrap_or_else(|| {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let locale = variables
            .iter()
            .filter_map(|name| environment(name))
            .find(|value| !value.is_empty());
        if locale.is_some_and(|locale| locale.to_lowercase().starts_with("zh")) {
            Lang::Zh
        } else {
            Lang::En
        }
    })
}

/// Whether colours were forbidden, by flag or by <https://no-color.org>.
pub fn no_color(global: &GlobalArgs) -> bool {
    global.no_color || environment("NO_COLOR").is_some_and(|value| !value.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place where the environment is read"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Today in China, by the computer's clock.
pub fn today() -> Date {
    day_in_china(now())
}

fn day_in_china(time: SystemTime) -> Date {
    let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    Date::from(time.to_zoned(china).date())
}

/// The time now.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the place where the clock is asked"
)]
pub fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_in_the_inbox_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let inbox = root.path().join("inbox");
        std::fs::create_dir(&inbox).unwrap();
        assert!(refuse_nesting(&inbox, &inbox.join("out")).is_err());
        assert!(refuse_nesting(&inbox, root.path()).is_err());
        std::os::unix::fs::symlink(&inbox, root.path().join("detour")).unwrap();
        assert!(refuse_nesting(&inbox, &root.path().join("detour/out")).is_err());
        assert!(refuse_nesting(&inbox, &root.path().join("detour/new/out")).is_err());
        assert!(refuse_nesting(&inbox, &inbox.join("../inbox/out")).is_err());
        assert!(refuse_nesting(&inbox, &root.path().join("no/../inbox/out")).is_err());
        assert!(refuse_nesting(&inbox, &root.path().join("out")).is_ok());
        assert!(refuse_nesting(&inbox, &root.path().join("inbox-out")).is_ok());
    }

    #[test]
    fn a_day_begins_when_it_begins_in_beijing() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        // 2021-07-14 15:59:59 and 16:00:00 UTC.
        assert_eq!(day_in_china(at(1_626_278_399)).as_str(), "2021-07-14");
        assert_eq!(day_in_china(at(1_626_278_400)).as_str(), "2021-07-15");
    }

    #[test]
    fn one_film_gets_all_cores_and_many_get_one_each() {
        let threads = |at_once| threads_each(8, at_once);
        assert_eq!([0, 1, 2, 3, 8, 9].map(threads), [8, 8, 4, 2, 1, 1]);
    }

    #[test]
    fn jobs_are_at_least_one_and_not_thousands() {
        assert!(settle_jobs(Some(0)).is_err());
        assert!(settle_jobs(Some(1000)).is_err());
        assert_eq!(settle_jobs(Some(3)).unwrap().get(), 3);
        assert!(settle_jobs(None).unwrap().get() <= cores());
    }
}
