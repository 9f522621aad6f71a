//! Bars on a terminal: one for each running job, one for the whole, with the time that is left.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::text;
use crate::event::{Event, Listener};
use crate::id::SubmissionId;
use crate::report::terminal::printable;
use crate::text::Lang;
use crate::units::Millis;

/// Before this much time has passed, or this share of the work, a forecast would be a guess.
const FORECAST_AFTER: Duration = Duration::from_secs(5);
const FORECAST_SHARE: f64 = 0.02;

/// Draws on standard error.
#[derive(Debug)]
pub struct Bars {
    lang: Lang,
    screen: MultiProgress,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    survey: Option<ProgressBar>,
    verify: Option<ProgressBar>,
    total: Option<Total>,
    jobs: BTreeMap<SubmissionId, Running>,
}

/// The bar of the whole; work is counted as jobs count it, not in videos: a long 4K film is more than a short one.
#[derive(Debug)]
struct Total {
    bar: ProgressBar,
    began: Instant,
    jobs: usize,
    jobs_finished: usize,
    work: u64,
    work_finished: u64,
}

#[derive(Debug)]
struct Running {
    bar: ProgressBar,
    work: u64,
    /// Parts of 1000 that are done.
    permille: u64,
}

impl Bars {
    /// Bars with words in this language.
    pub fn new(lang: Lang) -> Self {
        Bars {
            lang,
            screen: MultiProgress::new(),
            state: Mutex::default(),
        }
    }

    fn style(template: &str) -> ProgressStyle {
        ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─")
    }

    fn survey_began(&self, state: &mut State, submissions: usize) {
        let bar = self.screen.add(ProgressBar::new(submissions as u64));
        bar.set_style(Self::style("{msg} {wide_bar:.cyan/dim} {pos}/{len}"));
        bar.set_message(self.lang.pick("检查", "checking").to_owned());
        state.survey = Some(bar);
    }

    fn verify_began(&self, state: &mut State, bytes: u64) {
        let bar = self.screen.add(ProgressBar::new(bytes));
        bar.set_style(Self::style(
            "{msg} {wide_bar:.cyan/dim} {bytes}/{total_bytes} {eta:>4}",
        ));
        bar.set_message(self.lang.pick("验证", "verifying").to_owned());
        state.verify = Some(bar);
    }

    fn planned(&self, state: &mut State, jobs: usize, work: u64) {
        if let Some(bar) = state.survey.take() {
            bar.finish_and_clear();
        }
        if jobs == 0 {
            return;
        }
        if let Some(total) = &mut state.total {
            total.jobs += jobs;
            total.work += work;
            return;
        }
        let bar = self.screen.add(ProgressBar::new(1000));
        bar.set_style(Self::style("{msg:>6} {wide_bar:.green/dim} {prefix}"));
        bar.enable_steady_tick(Duration::from_millis(500));
        state.total = Some(Total {
            bar,
            began: Instant::now(),
            jobs,
            jobs_finished: 0,
            work,
            work_finished: 0,
        });
        self.tick(state);
    }

    fn job_began(&self, state: &mut State, id: &SubmissionId, label: &str, work: u64) {
        let bar = ProgressBar::new(1000);
        let bar = match &state.total {
            Some(total) => self.screen.insert_before(&total.bar, bar),
            None => self.screen.add(bar),
        };
        bar.set_style(Self::style(
            "{percent:>5}% {bar:24.cyan/dim} {elapsed:>4} {wide_msg}",
        ));
        bar.set_message(printable(label));
        bar.enable_steady_tick(Duration::from_millis(500));
        state.jobs.insert(
            id.clone(),
            Running {
                bar,
                work,
                permille: 0,
            },
        );
    }

    fn job_ended(&self, state: &mut State, id: &SubmissionId) {
        let work = state.jobs.remove(id).map_or(0, |job| {
            job.bar.finish_and_clear();
            job.work
        });
        if let Some(total) = &mut state.total {
            total.jobs_finished += 1;
            total.work_finished += work;
        }
        self.tick(state);
    }

    fn tick(&self, state: &State) {
        let Some(total) = &state.total else { return };
        let running: f64 = state
            .jobs
            .values()
            .map(|job| job.work as f64 * job.permille as f64 / 1000.0)
            .sum();
        let share =
            ((total.work_finished as f64 + running) / total.work.max(1) as f64).clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 1000"
        )]
        total.bar.set_position((share * 1000.0) as u64);
        total
            .bar
            .set_message(format!("{}/{}", total.jobs_finished, total.jobs));
        total
            .bar
            .set_prefix(forecast(total.began.elapsed(), share, self.lang));
    }
}

/// The time that is left, by the time that has passed and the share that is done.
fn forecast(passed: Duration, share: f64, lang: Lang) -> String {
    if share < FORECAST_SHARE || (passed < FORECAST_AFTER && share < 0.5) {
        return lang.pick("正在估计时间", "estimating").to_owned();
    }
    let left = passed.as_secs_f64() * (1.0 - share).max(0.0) / share;
    let left = Duration::try_from_secs_f64(left).unwrap_or_default();
    let clock = Millis::from_secs(left.as_secs()).to_string();
    let clock = clock.trim_end_matches(".000");
    match lang {
        Lang::Zh => format!("还需约 {clock}"),
        Lang::En => format!("about {clock} left"),
    }
}

impl Listener for Bars {
    fn on_event(&self, event: &Event) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        match event {
            Event::InboxListed { submissions, .. } => self.survey_began(&mut state, *submissions),
            Event::Surveyed { .. } => {
                if let Some(bar) = &state.survey {
                    bar.inc(1);
                }
            }
            Event::Planned { to_make, work, .. } => self.planned(&mut state, *to_make, *work),
            Event::JobStarted {
                id, label, work, ..
            } => self.job_began(&mut state, id, label, *work),
            Event::JobProgressed { id, permille } => {
                if let Some(job) = state.jobs.get_mut(id) {
                    job.permille = *permille;
                    job.bar.set_position(*permille);
                }
                self.tick(&state);
            }
            Event::JobFinished { id, .. } => self.job_ended(&mut state, id),
            Event::RunFinished { .. } => {
                if let Some(total) = state.total.take() {
                    total.bar.finish_and_clear();
                }
            }
            Event::VerifyStarted { bytes, .. } => self.verify_began(&mut state, *bytes),
            Event::VerifyProgressed { bytes } => {
                if let Some(bar) = &state.verify {
                    bar.inc(*bytes);
                }
            }
            Event::VerifyFinished { .. } => {
                if let Some(bar) = state.verify.take() {
                    bar.finish_and_clear();
                }
            }
            Event::RunStarted { .. }
            | Event::Unpacking { .. }
            | Event::Unpacked { .. }
            | Event::EncoderRefused { .. }
            | Event::Programme { .. }
            | Event::WebsiteMade { .. }
            | Event::Stopping => {}
        }
        let spoken = matches!(
            event,
            Event::JobFinished { .. }
                | Event::EncoderRefused { .. }
                | Event::Stopping
                | Event::Programme { .. }
                | Event::Planned { .. }
                | Event::Unpacking { .. }
                | Event::WebsiteMade { .. }
        );
        if let Some(line) = text::line(event, self.lang).filter(|_| spoken) {
            // Where it cannot be printed above the bars, the bars themselves are gone too.
            let _ = self.screen.println(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_forecast_before_there_is_something_to_go_by() {
        assert_eq!(
            forecast(Duration::from_secs(1), 0.1, Lang::En),
            "estimating"
        );
        assert_eq!(
            forecast(Duration::from_secs(100), 0.0, Lang::En),
            "estimating"
        );
        assert_eq!(
            forecast(Duration::from_mins(1), 0.25, Lang::En),
            "about 3:00 left"
        );
        assert_eq!(
            forecast(Duration::from_mins(1), 0.25, Lang::Zh),
            "还需约 3:00"
        );
    }
}
