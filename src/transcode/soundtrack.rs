//! The film's sound into its outputs. In: runs of samples from the reader. Out: encoded tracks for web and hall, one for
//! both where both want the same, and what was done to them. The sound is spooled and measured first; then a gain, and the
//! limiter where it is needed, bring it to each target. What was encoded is decoded and measured at once, and made again
//! where it missed, a few times at most.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;

use super::ladder::Recipe;
use super::limiter::{Limited, Limiter};
use super::loudness::{self, Aim, Levels, Meter, Target};
use super::make::{MakeError, Note, NoteKind, joined};
use super::sound::{Timeline, both_from};
use super::spool::{Pcm, PcmWriter};
use super::track::{Purpose, SoundTrack};
use super::verify::Heard;
use crate::av::{AudioSamples, AudioSettings, Encoder};
use crate::layout::{MASTER, Staging, WEB_MP4};
use crate::preset::Loudness;
use crate::probe::quality::Side;
use crate::report::model::{LimiterReport, OutputLoudness, SoundLevel};
use crate::text::Text;

/// A limiter that took off less did nothing.
const WORTH_SAYING_DB: f64 = 0.05;
/// How often an output is encoded, at most.
const TRIES: u32 = 3;
/// How often the gain of a limited sound is tried before it is encoded, at most.
const GAINS: u32 = 5;

/// The encoded sound.
pub(super) struct Sounds {
    pub(super) web: SoundTrack,
    /// None where the hall wants the same as the web.
    pub(super) hall: Option<SoundTrack>,
    pub(super) history: History,
}

/// How the sounds came about.
pub(super) struct History {
    /// What the film's sound measures before anything is done to it.
    source: Levels,
    web: Treatment,
    hall: Treatment,
}

/// What was done to one sound.
#[derive(Clone, Copy)]
struct Treatment {
    aim: Aim,
    /// What the limiter did; none where it did nothing.
    limited: Option<Limited>,
}

/// Encodes the sound that comes from the queue; `tick` is told the part that is done, in thousandths.
pub(super) fn encode(
    staging: &Staging,
    recipe: &Recipe,
    runs: Receiver<(Option<i64>, AudioSamples)>,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Sounds, MakeError> {
    let pcm = spool(staging, recipe, runs)?;
    let source = pcm.levels;
    let work = Work {
        staging,
        recipe,
        pcm: &pcm,
        steps: Steps {
            done: AtomicU64::new(0),
            all: recipe.samples().max(1),
            tick,
        },
    };
    let (web, hall) = (&recipe.audio.web, &recipe.audio.hall);
    let (web_aim, hall_aim) = (work.first_aim(web), work.first_aim(hall));
    let ((web, as_web), own) = if web_aim == hall_aim {
        (work.settle(Purpose::Web, web, web_aim)?, None)
    } else {
        thread::scope(|scope| {
            let own = scope.spawn(|| work.settle(Purpose::Hall, hall, hall_aim));
            let web = work.settle(Purpose::Web, web, web_aim);
            let own = joined(own)?;
            Ok::<_, MakeError>((web?, Some(own)))
        })?
    };
    pcm.remove(staging)?;
    let (hall, as_hall) = own.unzip();
    let history = History {
        source,
        web: as_web,
        hall: as_hall.unwrap_or(as_web),
    };
    Ok(Sounds { web, hall, history })
}

/// What is to be said of the sounds that were written, given what they measure now.
pub(super) fn account(
    recipe: &Recipe,
    history: &History,
    heard: &Heard,
) -> Result<(OutputLoudness, Vec<Note>), MakeError> {
    let mut notes: Vec<Note> = recipe.audio.one_ear.map(repaired).into_iter().collect();
    let mut judged = |name: &str, place: Text, target: &Target, done: &Treatment, is: &Levels| {
        if loudness::too_high(target, is) {
            return Err(MakeError::TooHigh {
                name: name.to_owned(),
                peak: is.true_peak.unwrap_or_default(),
                limit: target.true_peak_max,
            });
        }
        let text = loudness::shortfall(&place, &history.source, target, &done.aim, is);
        notes.extend(text.map(|text| Note {
            kind: NoteKind::LoudnessMissed,
            text,
        }));
        Ok(sound_level(target, done, is))
    };
    let (web, hall) = (&recipe.audio.web, &recipe.audio.hall);
    let place = Text::new("网站视频", "web video");
    let web = judged(WEB_MP4, place, web, &history.web, &heard.web)?;
    let place = Text::new("会场母版", "hall's master");
    let hall = judged(MASTER, place, hall, &history.hall, &heard.hall)?;
    Ok((OutputLoudness { web, hall }, notes))
}

fn repaired(side: Side) -> Note {
    let text = match side {
        Side::Left => Text::new(
            "原片只有左边有声音，成品里已放到两边。",
            "The film has sound on the left only; in the outputs it is on both sides.",
        ),
        Side::Right => Text::new(
            "原片只有右边有声音，成品里已放到两边。",
            "The film has sound on the right only; in the outputs it is on both sides.",
        ),
    };
    Note {
        kind: NoteKind::OneEarRepaired,
        text,
    }
}

fn sound_level(target: &Target, done: &Treatment, is: &Levels) -> SoundLevel {
    // Hundredths: more is below what two meters agree on.
    let hundredths = |value: f64| (value * 100.0).round() / 100.0;
    let (target_lufs, true_peak_max_dbtp) = match target.loudness {
        Loudness::Lufs(lufs) => (Some(lufs), Some(target.true_peak_max)),
        Loudness::Keep => (None, None),
    };
    SoundLevel {
        target_lufs,
        true_peak_max_dbtp,
        integrated_lufs: is.integrated.map(hundredths),
        loudness_range_lu: is.range.map(hundredths),
        true_peak_dbtp: is.true_peak.map(hundredths),
        gain_db: hundredths(done.aim.gain_db),
        limiter: done.limited.map(|limited| LimiterReport {
            deepest_db: hundredths(limited.deepest_db),
            time_ms: limited.time,
        }),
    }
}

fn spool(
    staging: &Staging,
    recipe: &Recipe,
    runs: Receiver<(Option<i64>, AudioSamples)>,
) -> Result<Pcm, MakeError> {
    let sample_rate = recipe.audio.sample_rate;
    let mut spool = PcmWriter::new(staging, sample_rate)?;
    let mut film = Timeline::new(recipe.samples());
    for (at, run) in runs {
        let run = match recipe.audio.one_ear {
            Some(side) => both_from(side, run),
            None => run,
        };
        spool.add(&film.place(at, run))?;
    }
    loop {
        let silence = film.silence(sample_rate as usize);
        if silence.left.is_empty() {
            return spool.finish();
        }
        spool.add(&silence)?;
    }
}

/// How far it is, as nobody knows beforehand how often something is made again: always further, never at the end.
struct Steps<'a> {
    done: AtomicU64,
    all: u64,
    tick: &'a (dyn Fn(u64) + Sync),
}

impl Steps<'_> {
    fn add(&self, samples: usize) {
        let done = self.done.fetch_add(samples as u64, Ordering::Relaxed) + samples as u64;
        (self.tick)(done.saturating_mul(1000) / (done + 2 * self.all));
    }
}

/// What both outputs are made from.
struct Work<'a> {
    staging: &'a Staging,
    recipe: &'a Recipe,
    pcm: &'a Pcm,
    steps: Steps<'a>,
}

impl Work<'_> {
    fn first_aim(&self, target: &Target) -> Aim {
        loudness::first_aim(&self.pcm.levels, target, self.recipe.audio.folded)
    }

    /// Encodes until the output is as it should be, or as near as can be.
    fn settle(
        &self,
        purpose: Purpose,
        target: &Target,
        first: Aim,
    ) -> Result<(SoundTrack, Treatment), MakeError> {
        let source = &self.pcm.levels;
        let mut aim = self.made_up(target, first)?;
        let mut tries = 1;
        loop {
            let (track, limited) = self.encode(purpose, &aim)?;
            let treatment = Treatment { aim, limited };
            if first == Aim::AS_IT_IS {
                // Silence, or to be left alone: there is nothing to be missed.
                return Ok((track, treatment));
            }
            let written = track.listen(self.staging, self.recipe)?;
            let last = tries + 1 >= TRIES;
            match loudness::next_aim(source, target, &aim, &written, last) {
                Some(next) if tries < TRIES => aim = self.made_up_again(target, &aim, next)?,
                _ => return Ok((track, treatment)),
            }
            tries += 1;
        }
    }

    /// With what the limiter takes off added again, tried without encoding.
    fn made_up(&self, target: &Target, mut aim: Aim) -> Result<Aim, MakeError> {
        if aim.ceiling_dbtp.is_none() {
            return Ok(aim);
        }
        for _ in 0..GAINS {
            let mut meter = Meter::of_loudness(self.recipe.audio.sample_rate)?;
            self.render(&aim, |run| Ok(meter.add(run)?))?;
            let limited = meter.levels().integrated;
            match loudness::next_gain(&self.pcm.levels, target, &aim, limited) {
                Some(gain_db) => aim.gain_db = gain_db,
                None => break,
            }
        }
        Ok(aim)
    }

    /// A lower ceiling takes off more; a gain that was lowered on purpose stays.
    fn made_up_again(&self, target: &Target, before: &Aim, next: Aim) -> Result<Aim, MakeError> {
        if next.gain_db < before.gain_db {
            return Ok(next);
        }
        self.made_up(target, next)
    }

    fn encode(
        &self,
        purpose: Purpose,
        aim: &Aim,
    ) -> Result<(SoundTrack, Option<Limited>), MakeError> {
        let settings = AudioSettings {
            bit_rate: self.recipe.audio.bit_rate,
            sample_rate: self.recipe.audio.sample_rate,
        };
        let encoder = Encoder::aac(&settings)?;
        let mut track = SoundTrack::new(self.staging, self.recipe, encoder, purpose)?;
        let limited = self.render(aim, |run| track.add(self.staging, run))?;
        track.finish(self.staging)?;
        Ok((
            track,
            limited.filter(|did| did.deepest_db >= WORTH_SAYING_DB),
        ))
    }

    /// The sound with the gain, and limited if it has to be.
    fn render(
        &self,
        aim: &Aim,
        mut each: impl FnMut(&AudioSamples) -> Result<(), MakeError>,
    ) -> Result<Option<Limited>, MakeError> {
        let sample_rate = self.recipe.audio.sample_rate;
        let mut limiter = aim
            .ceiling_dbtp
            .map(|ceiling| Limiter::new(sample_rate, ceiling));
        self.pcm.read(self.staging, sample_rate as usize, |run| {
            self.steps.add(run.left.len());
            let louder = amplified(run, aim.gain_db);
            match &mut limiter {
                Some(limiter) => each(&limiter.push(&louder)),
                None => each(&louder),
            }
        })?;
        let Some(limiter) = limiter else {
            return Ok(None);
        };
        let (rest, did) = limiter.finish();
        each(&rest)?;
        Ok(Some(did))
    }
}

fn amplified(run: &AudioSamples, gain_db: f64) -> AudioSamples {
    #[expect(clippy::cast_possible_truncation, reason = "samples are f32")]
    let gain = 10_f64.powf(gain_db / 20.0) as f32;
    let louder = |plane: &[f32]| plane.iter().map(|s| s * gain).collect();
    AudioSamples {
        left: louder(&run.left),
        right: louder(&run.right),
    }
}
