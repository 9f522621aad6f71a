//! Survey, plan, make, publish: the one place where the stages meet. In: a [`RunConfig`]. Out: a [`Report`], and the
//! tree under OUT. Emits [`Event`]s, folds outcomes; never prints.

mod certify;
mod documents;
mod evidence;
mod fold;
mod hashing;
mod make;
mod on_record;
mod pairs;
mod programme;
mod publish;
mod relate;
mod repair;
mod survey;
mod unpack;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use rayon::prelude::*;

use crate::av;
use crate::catalogue::Catalogue;
use crate::config::{Mode, RunConfig};
use crate::error::RunError;
use crate::event::{self, Event, Listener};
use crate::gallery;
use crate::id::SubmissionId;
use crate::ledger::Before;
use crate::plan::{Action, Plan, plan};
use crate::report::model::Report;
use crate::text::Text;
use crate::units::Millis;

pub use certify::certify;
pub use programme::{Hall, programme};
pub use publish::{rebuild, site};
pub use repair::{Forgotten, forget, others_made_too};

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
    if let Some(why) = config.refused_encoder.clone() {
        listener.on_event(&Event::EncoderRefused { why });
    }
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
    let hall = hall(config, listener);
    let (results, noted): (_, Vec<Text>) = match &hall {
        Some(hall) => {
            let missing = take_in(config, hall, &catalogue)?;
            let rounds = make::Rounds {
                config,
                layout: hall.layout,
                tool: &tool,
                listener,
            };
            let promised = (!plan.making_order().is_empty()).then(|| {
                let promised = make::promised(&plan, &before);
                fold::fold(config, &catalogue, promised).report
            });
            // What is drawn for the programme does not wait for its films.
            let (made, noted) = thread::scope(|scope| {
                let drawing = promised
                    .as_ref()
                    .map(|promised| scope.spawn(|| hall.draw_ahead(promised)));
                let made = rounds.make_all(&mut catalogue, plan, before);
                let noted = drawing.map(|drawing| {
                    drawing
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                (made, noted.unwrap_or_default())
            });
            (made?, missing.into_iter().chain(noted).collect())
        }
        None => (make::none(&plan, before), vec![]),
    };
    checksums(config, &catalogue, &results)?;
    let mut folded = fold::fold(config, &catalogue, results);
    let cancelled = config.workers.cancelled.load(Ordering::Relaxed);
    // Neither needs the other, and each alone would leave a core idle.
    let (drawn, prepared) = rayon::join(
        || pairs::draw(config, &catalogue),
        || match &hall {
            Some(hall) if !cancelled => {
                let prepared = hall.prepare(&mut folded.report);
                folded.report.programme_remarks.extend(noted);
                prepared
            }
            _ => {
                programme::outline(config.layout.as_ref(), &mut folded.report);
                Ok(None)
            }
        },
    );
    pairs::name(drawn?, &mut folded.report);
    folded.report.totals.wall_ms = fold::elapsed(clock);
    publish(config, &mut folded, listener)?;
    // Last: neither what is wrong with the programme nor a folder in its way must cost the report.
    let prepared = prepared?;
    if let Some(hall) = &hall {
        hall.publish(prepared)?;
    }
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
    let entries = catalogue.entries.par_iter();
    entries
        .map(|entry| Before::load(layout, &entry.submission.id))
        .collect()
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

/// Beside everything that is made and still right, what it must contain.
fn checksums(
    config: &RunConfig,
    catalogue: &Catalogue,
    results: &[make::Ended],
) -> Result<(), RunError> {
    let Some(layout) = config
        .layout
        .as_ref()
        .filter(|_| config.mode == Mode::Execute)
    else {
        return Ok(());
    };
    let made = catalogue.entries.par_iter().zip(results);
    made.try_for_each(|(entry, ended)| match &ended.record {
        Some(record) => publish::checksums(layout, &entry.submission.id, record),
        None => Ok(()),
    })
}

/// What makes the programme, in a run that makes things.
fn hall<'a>(config: &'a RunConfig, listener: &'a dyn Listener) -> Option<Hall<'a>> {
    let layout = config
        .layout
        .as_ref()
        .filter(|_| config.mode == Mode::Execute)?;
    Some(Hall {
        layout,
        workers: &config.workers,
        listener,
        lang: config.lang,
        threads: config.cores,
        started_at: config.started_at,
    })
}

/// Keeps the pictures that the programme shows, and says which are not there.
fn take_in(
    config: &RunConfig,
    hall: &Hall<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<Text>, RunError> {
    let others = catalogue.other_files.iter().map(|file| file.path.clone());
    let listed: Vec<String> = others.collect();
    programme::take_in(hall.layout, &config.inbox, &config.programme, &listed)
        .map_err(|source| RunError::write(&hall.layout.hall(), source))
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
    let evidence = &folded.evidence;
    publish::publish(
        layout,
        &mut folded.report,
        evidence,
        config.lang,
        |report| match &shown {
            Some(shown) => {
                publish::server_snippets(layout)?;
                publish::publish_site(layout, report, shown, config.lang, listener)
            }
            None => Ok(()),
        },
    )
}
