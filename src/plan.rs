//! Deciding. In: what is known, what is wanted, what was made before. Out: a [`Plan`]: every job, and why it must run.
//! Pure: the plan that `zhanbo plan` prints is the plan that `zhanbo run` obeys.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Entry};
use crate::check::Verdict;
use crate::id::SubmissionId;
use crate::ledger::{Before, Inputs};
use crate::preset::Ladder;
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
    /// The ladder asks for something else.
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
            StaleReason::RecipeChanged => {
                Text::new("输出要求改了", "the ladder asks for something else")
            }
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
    let Some(recipe) = entry.media().ok().and_then(|media| recipe(media, ladder)) else {
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
