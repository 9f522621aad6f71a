//! Survey, plan, make, publish: the one place where the stages meet. In: a [`RunConfig`]. Out: a [`Report`], and the
//! tree under OUT. Emits [`Event`]s, folds outcomes; never prints.

mod documents;
mod evidence;
mod fold;
mod hashing;
mod make;
mod on_record;
mod pairs;
mod publish;
mod relate;
mod survey;
mod unpack;

use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::av;
use crate::catalogue::Catalogue;
use crate::config::{Mode, RunConfig};
use crate::error::RunError;
use crate::event::{self, Event, Listener};
use crate::gallery;
use crate::id::SubmissionId;
use crate::ledger::Before;
use crate::plan::{Action, Plan, plan};
use crate::programme;
use crate::report::model::Report;
use crate::units::Millis;

pub use publish::{rebuild, site};

/// What a run came to.
#[derive(Debug)]
pub struct Summary {
    /// Everything, as a value.
    pub report: Report,
    /// The operator stopped it.
    pub cancelled: bool,
}

/// The main job: everything that is new is made, everything is reported.
pub fn run(config: &RunConfig, listener: &dyn Listener) -> Result<Summary, RunError> {
    let clock = Instant::now();
    listener.on_event(&Event::RunStarted {
        schema: event::SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
    });
    let _lock = config.layout.as_ref().map(survey::Lock::take).transpose()?;
    let tool = tool();
    let hashing = hashing::Hashing::new(config);
    let (inbox, store) = survey::list(config, &hashing, listener)?;
    let mut catalogue = survey::survey(config, inbox, &hashing, &tool, listener)?;
    // Half a survey would call good films unreadable: nothing is said about it.
    if config.workers.cancelled.load(Ordering::Relaxed) {
        return Err(RunError::Stopped);
    }
    store.sweep(config);
    let before = before(config, &catalogue);
    let plan = plan(&catalogue, &config.ladder, &tool, &before);
    announce(&plan, &plan.making_order(), listener);
    let results = match (&config.layout, config.mode) {
        (Some(layout), Mode::Execute) => {
            let rounds = make::Rounds {
                config,
                layout,
                tool: &tool,
                listener,
            };
            rounds.make_all(&mut catalogue, plan, before)?
        }
        _ => make::none(&plan, before),
    };
    let mut folded = fold::fold(config, &catalogue, results);
    pairs::show(config, &catalogue, &mut folded.report)?;
    folded.report.totals.wall_ms = fold::elapsed(clock);
    let cancelled = config.workers.cancelled.load(Ordering::Relaxed);
    publish(config, &mut folded, listener)?;
    listener.on_event(&Event::RunFinished {
        totals: Box::new(folded.report.totals.clone()),
    });
    Ok(Summary {
        report: folded.report,
        cancelled,
    })
}

/// What [`run`] would do.
pub fn plan_only(
    config: &RunConfig,
    listener: &dyn Listener,
) -> Result<(Catalogue, Plan), RunError> {
    let tool = tool();
    // Held to the end: what was unpacked only for this plan goes with it.
    let hashing = hashing::Hashing::new(config);
    let (inbox, _store) = survey::list(config, &hashing, listener)?;
    let catalogue = survey::survey(config, inbox, &hashing, &tool, listener)?;
    let before = before(config, &catalogue);
    let plan = plan(&catalogue, &config.ladder, &tool, &before);
    Ok((catalogue, plan))
}

/// The versions that decide what is made: ours and the libraries'.
pub fn tool() -> String {
    let libav = av::version();
    format!(
        "zhanbo {} / FFmpeg {} (avcodec {})",
        env!("CARGO_PKG_VERSION"),
        libav.ffmpeg,
        libav.avcodec
    )
}

fn before(config: &RunConfig, catalogue: &Catalogue) -> Vec<Before> {
    let Some(layout) = &config.layout else {
        return vec![];
    };
    let ids = catalogue.entries.iter().map(|entry| &entry.submission.id);
    ids.map(|id| Before::load(layout, id)).collect()
}

/// Says what will be done; `to_make` are the jobs that will be made.
fn announce(plan: &Plan, to_make: &[usize], listener: &dyn Listener) {
    let count =
        |wanted: fn(&Action) -> bool| plan.jobs.iter().filter(|job| wanted(&job.action)).count();
    listener.on_event(&Event::Planned {
        to_make: to_make.len(),
        up_to_date: count(|action| matches!(action, Action::UpToDate)),
        returned: count(|action| matches!(action, Action::Skip { .. })),
        film_ms: Millis(to_make.iter().map(|index| plan.jobs[*index].film().0).sum()),
        work: to_make.iter().map(|index| plan.jobs[*index].work()).sum(),
    });
}

fn publish(
    config: &RunConfig,
    folded: &mut fold::Folded,
    listener: &dyn Listener,
) -> Result<(), RunError> {
    let Some(layout) = &config.layout else {
        return Ok(());
    };
    let shown = if config.mode == Mode::Execute {
        let (shown, _) = publish::decide(layout, &mut folded.report, &config.today);
        Some(shown)
    } else {
        let is_shown = |id: &SubmissionId| layout.media_now(id) == layout.media(id);
        gallery::place(&mut folded.report, is_shown);
        None
    };
    publish::publish(layout, &mut folded.report, &folded.evidence, config.lang)?;
    // Last: a folder in the way here must not cost the report.
    if config.mode == Mode::Execute {
        programme::publish(layout, &folded.report.programme, &folded.films)
            .map_err(|source| RunError::write(&layout.programme(), source))?;
    }
    if let Some(shown) = &shown {
        publish::publish_site(layout, &folded.report, shown, config.lang, listener)?;
    }
    Ok(())
}
