//! Deciding. In: what is known, what is wanted, what was made before. Out: a [`Plan`]: every job, and why it must run.
//! Pure: the plan that `zhanbo plan` prints is the plan that `zhanbo run` obeys.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Entry};
use crate::check::Verdict;
use crate::id::SubmissionId;
use crate::ledger::{Before, Inputs};
use crate::preset::Ladder;
use crate::subtitle::track::Carriage;
use crate::text::Text;
use crate::transcode::ladder::{HallPicture, Recipe, recipe};
use crate::units::Millis;

/// Everything that will be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Number of the plan's format.
    pub schema: String,
    /// One job a submission, in the order of the report.
    pub jobs: Vec<Job>,
}

/// Value of [`Plan::schema`].
pub const SCHEMA: &str = "zhanbo.plan/1";

/// What happens with one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Which submission.
    pub id: SubmissionId,
    /// Its name for people.
    pub label: String,
    /// What to do.
    pub action: Action,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Make it.
    Make {
        /// Why.
        reason: StaleReason,
        /// From what.
        inputs: Inputs,
        /// How.
        recipe: Box<Recipe>,
    },
    /// It is made and still right.
    UpToDate,
    /// It is not made, because of its verdict.
    Skip {
        /// The verdict.
        verdict: Verdict,
    },
}

/// Why something must be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum StaleReason {
    /// It was never made, or its record is gone.
    New,
    /// The upload has other bytes.
    SourceChanged,
    /// The subtitle files are others.
    SubtitlesChanged,
    /// The ladder asks for something else, or this program makes it in another way.
    RecipeChanged,
    /// This program or its libraries are others.
    ToolChanged {
        /// What made it.
        was: String,
        /// What would make it now.
        now: String,
    },
    /// An output is gone or has another size.
    OutputMissing {
        /// Which, inside OUT.
        path: String,
    },
}

impl StaleReason {
    /// In words for people.
    pub fn text(&self) -> Text {
        match self {
            StaleReason::New => Text::new("新的", "new"),
            StaleReason::SourceChanged => Text::new("原视频换过了", "the upload has changed"),
            StaleReason::SubtitlesChanged => Text::new("字幕换过了", "the subtitles have changed"),
            StaleReason::RecipeChanged => Text::new(
                "输出要求或制作方法改了",
                "the ladder asks for something else, or it is made in another way now",
            ),
            StaleReason::ToolChanged { was, now } => Text::new(
                format!("程序更新：{was} → {now}"),
                format!("made by {was}, now {now}"),
            ),
            StaleReason::OutputMissing { path } => Text::new(
                format!("输出文件缺失或被改动：{path}"),
                format!("an output is missing or changed: {path}"),
            ),
        }
    }
}

/// Decides for every entry; `before` is in the catalogue's order.
pub fn plan(catalogue: &Catalogue, ladder: &Ladder, tool: &str, before: &[Before]) -> Plan {
    let none = Before::default();
    let before = before.iter().chain(std::iter::repeat(&none));
    let jobs = catalogue
        .entries
        .iter()
        .zip(before)
        .map(|(entry, before)| Job {
            id: entry.submission.id.clone(),
            label: entry.label(),
            action: action(entry, ladder, tool, before),
        });
    Plan {
        schema: SCHEMA.into(),
        jobs: jobs.collect(),
    }
}

fn action(entry: &Entry, ladder: &Ladder, tool: &str, before: &Before) -> Action {
    let skip = Action::Skip {
        verdict: entry.verdict,
    };
    if !entry.verdict.is_accepted() {
        return skip;
    }
    let recipe = entry.measured().and_then(|measured| {
        let media = &measured.media;
        let recipe = recipe(media, measured.gops.as_ref(), ladder)?;
        let inside = media.subtitles.iter();
        let has_text = inside
            .map(|s| &s.codec)
            .any(|codec| Carriage::of(codec).is_some());
        Some(if has_text || !entry.subtitles.is_empty() {
            recipe.burning(media, ladder)
        } else {
            recipe
        })
    });
    let Some(recipe) = recipe else {
        return skip;
    };
    let Some(source_blake3) = entry.hash.clone() else {
        return skip;
    };
    let inputs = Inputs {
        source_blake3,
        subtitles: entry
            .subtitles
            .iter()
            .map(|s| (s.name.clone(), s.hash.clone()))
            .collect(),
        recipe: recipe.fingerprint(),
        tool: tool.to_owned(),
    };
    match stale(&inputs, before) {
        None => Action::UpToDate,
        Some(reason) => Action::Make {
            reason,
            inputs,
            recipe: Box::new(recipe),
        },
    }
}

fn stale(now: &Inputs, before: &Before) -> Option<StaleReason> {
    let Some(record) = &before.record else {
        return Some(StaleReason::New);
    };
    let was = &record.inputs;
    if was.source_blake3 != now.source_blake3 {
        Some(StaleReason::SourceChanged)
    } else if was.subtitles != now.subtitles {
        Some(StaleReason::SubtitlesChanged)
    } else if was.tool != now.tool {
        Some(StaleReason::ToolChanged {
            was: was.tool.clone(),
            now: now.tool.clone(),
        })
    } else if was.recipe != now.recipe {
        Some(StaleReason::RecipeChanged)
    } else {
        before
            .missing
            .clone()
            .map(|path| StaleReason::OutputMissing { path })
    }
}

impl Job {
    /// How much work it is: pixels that are encoded, in thousands; 0 where nothing is made.
    pub fn work(&self) -> u64 {
        let Action::Make { recipe, .. } = &self.action else {
            return 0;
        };
        let hall = match &recipe.hall {
            HallPicture::SameAsTop => None,
            HallPicture::Own(own) => Some(&own.rung),
        };
        let pixels: u64 = recipe
            .rungs
            .iter()
            .chain(hall)
            .map(|r| u64::from(r.width) * u64::from(r.height))
            .sum();
        (pixels.saturating_mul(recipe.frames) / 1000).max(1)
    }

    /// Length of the film that is made; zero where nothing is.
    pub fn film(&self) -> Millis {
        match &self.action {
            Action::Make { recipe, .. } => recipe.duration(),
            _ => Millis(0),
        }
    }
}

impl Plan {
    /// Positions of the jobs to be made, most work first, so that no core is idle at the end.
    pub fn making_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.jobs.len())
            .filter(|i| matches!(self.jobs[*i].action, Action::Make { .. }))
            .collect();
        order.sort_by_key(|i| std::cmp::Reverse(self.jobs[*i].work()));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::id::ContentHash;
    use crate::ledger::{OutputFile, Reading, Record};
    use crate::preset::{self, BurnSubtitles};
    use crate::probe::{EmbeddedSubtitle, Measured, MediaInfo};
    use crate::transcode::make::Made;

    fn hash(text: &str) -> ContentHash {
        blake3::hash(text.as_bytes()).into()
    }

    fn entry(media: MediaInfo, verdict: Verdict) -> Entry {
        let measured = Measured {
            media,
            thumbnail_jpeg: None,
            evidence: crate::probe::evidence::Evidence::default(),
            essence: None,
            signature: crate::probe::signature::Signature::default(),
            gops: None,
        };
        Entry {
            submission: sample::submission(),
            stamp: None,
            hash: Some(hash("upload")),
            reading: Reading::Measured(Box::new(measured)),
            subtitles: vec![],
            duplicate_of: None,
            superseded_by: None,
            confirmed: None,
            verdict,
            findings: vec![],
            overridden: None,
        }
    }

    fn ladder() -> Ladder {
        preset::ladder(preset::DEFAULT_LADDER).unwrap()
    }

    fn planned(entry: &Entry, before: Before) -> Job {
        let catalogue = Catalogue {
            regions: vec![],
            entries: vec![entry.clone()],
            other_files: vec![],
            roster: None,
            ledger: vec![],
            links: vec![],
        };
        let plan = plan(&catalogue, &ladder(), "zhanbo 1", &[before]);
        plan.jobs.into_iter().next().unwrap()
    }

    /// What a run that obeyed the plan would have left behind.
    fn made(job: &Job) -> Record {
        let Action::Make { inputs, .. } = &job.action else {
            panic!("nothing to make: {job:?}")
        };
        let file = OutputFile {
            path: "masters/x.mp4".into(),
            bytes: 1,
            blake3: hash("output"),
        };
        let made = Made {
            variants: vec![],
            subtitles: vec![],
            notes: vec![],
            loudness: crate::report::sample::loudness(),
            quality: None,
            duration_ms: Millis(1),
            look: None,
        };
        Record::new(inputs.clone(), vec![file], made)
    }

    fn reason(entry: &Entry, change: impl FnOnce(&mut Before)) -> Option<StaleReason> {
        let record = made(&planned(entry, Before::default()));
        let mut before = Before {
            record: Some(record),
            missing: None,
        };
        change(&mut before);
        match planned(entry, before).action {
            Action::Make { reason, .. } => Some(reason),
            Action::UpToDate => None,
            Action::Skip { verdict } => panic!("skipped as {verdict:?}"),
        }
    }

    #[test]
    fn subtitles_are_burnt_into_what_has_some_where_that_is_asked_for() {
        let mut ladder = ladder();
        ladder.hall.burn_subtitles = BurnSubtitles::Asked(true);
        let planned = |entry: &Entry| match action(entry, &ladder, "zhanbo 1", &Before::default()) {
            Action::Make { recipe, .. } => recipe,
            other => panic!("nothing to make: {other:?}"),
        };
        let mut media = sample::media();
        let without = planned(&entry(media.clone(), Verdict::Accepted));
        assert_eq!(without.burn, None);
        media.subtitles.push(EmbeddedSubtitle {
            codec: "mov_text".to_owned(),
            language: None,
        });
        let with = planned(&entry(media.clone(), Verdict::Accepted));
        assert!(with.burn.is_some() && matches!(with.hall, HallPicture::Own(_)));
        media.subtitles[0].codec = "hdmv_pgs_subtitle".to_owned();
        assert_eq!(planned(&entry(media, Verdict::Accepted)).burn, None);
    }

    #[test]
    fn what_was_made_from_the_same_is_up_to_date_and_every_change_says_why() {
        let good = entry(sample::media(), Verdict::Accepted);
        let inputs = |before: &mut Before, change: fn(&mut Inputs)| {
            change(&mut before.record.as_mut().unwrap().inputs);
        };
        assert_eq!(reason(&good, |_| {}), None);
        assert_eq!(reason(&good, |b| b.record = None), Some(StaleReason::New));
        let source = reason(&good, |b| inputs(b, |i| i.source_blake3 = hash("other")));
        assert_eq!(source, Some(StaleReason::SourceChanged));
        let subtitles = reason(&good, |b| {
            inputs(b, |i| i.subtitles = vec![("a.srt".into(), hash("s"))]);
        });
        assert_eq!(subtitles, Some(StaleReason::SubtitlesChanged));
        let recipe = reason(&good, |b| inputs(b, |i| i.recipe = "other".into()));
        assert_eq!(recipe, Some(StaleReason::RecipeChanged));
        let (was, now) = ("zhanbo 0".to_owned(), "zhanbo 1".to_owned());
        let tool = reason(&good, |b| inputs(b, |i| i.tool = "zhanbo 0".into()));
        assert_eq!(tool, Some(StaleReason::ToolChanged { was, now }));
        let path = "masters/x.mp4".to_owned();
        let missing = reason(&good, |b| b.missing = Some("masters/x.mp4".into()));
        assert_eq!(missing, Some(StaleReason::OutputMissing { path }));
    }

    #[test]
    fn reasons_read_well_in_both_languages() {
        let reasons = [
            StaleReason::New,
            StaleReason::SourceChanged,
            StaleReason::SubtitlesChanged,
            StaleReason::RecipeChanged,
            StaleReason::ToolChanged {
                was: "1".into(),
                now: "2".into(),
            },
            StaleReason::OutputMissing {
                path: "masters/x.mp4".into(),
            },
        ];
        let lines: Vec<_> = reasons
            .map(|r| r.text())
            .map(|t| format!("{} | {}", t.zh, t.en))
            .to_vec();
        insta::assert_snapshot!(lines.join("\n"), @r"
        新的 | new
        原视频换过了 | the upload has changed
        字幕换过了 | the subtitles have changed
        输出要求或制作方法改了 | the ladder asks for something else, or it is made in another way now
        程序更新：1 → 2 | made by 1, now 2
        输出文件缺失或被改动：masters/x.mp4 | an output is missing or changed: masters/x.mp4
        ");
    }

    #[test]
    fn what_is_returned_or_has_no_picture_is_not_made() {
        for verdict in [Verdict::Returned, Verdict::Unreadable, Verdict::Duplicate] {
            let job = planned(&entry(sample::media(), verdict), Before::default());
            assert_eq!(job.action, Action::Skip { verdict });
            assert_eq!((job.work(), job.film()), (0, Millis(0)));
        }
        let mut blind = sample::media();
        blind.video = None;
        let job = planned(&entry(blind, Verdict::Accepted), Before::default());
        assert!(matches!(job.action, Action::Skip { .. }));
    }

    #[test]
    fn the_most_work_comes_first_and_idle_jobs_do_not_count() {
        let mut long = entry(sample::media(), Verdict::Accepted);
        let Reading::Measured(measured) = &mut long.reading else {
            unreachable!("a sample is measured")
        };
        measured.media.duration_ms = Millis(240_000);
        let short = entry(sample::media(), Verdict::Accepted);
        let returned = entry(sample::media(), Verdict::Returned);
        let catalogue = Catalogue {
            regions: vec![],
            entries: vec![short, returned, long],
            other_files: vec![],
            roster: None,
            ledger: vec![],
            links: vec![],
        };
        let plan = plan(&catalogue, &ladder(), "zhanbo 1", &[]);
        assert_eq!(plan.making_order(), [2, 0]);
        assert_eq!(plan.jobs[2].film(), Millis(240_000));
    }

    #[test]
    fn a_plan_survives_its_own_json() {
        let entry = entry(sample::media(), Verdict::Accepted);
        let job = planned(&entry, Before::default());
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }
}
