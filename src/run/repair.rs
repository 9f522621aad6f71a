//! Making damaged outputs again. In: what a verification found in an output folder. Out: records that are forgotten and files that
//! are taken away, so that the next run makes exactly these again. Nothing that is right is touched, and nothing that is
//! not ours.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::survey::Lock;
use crate::config::RunConfig;
use crate::error::RunError;
use crate::event::Listener;
use crate::id::SubmissionId;
use crate::layout::Layout;
use crate::ledger::Record;
use crate::plan::{Action, StaleReason};
use crate::verify::compare::ProblemKind;
use crate::verify::{Verification, VerifyError};

/// What the next run makes again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Submissions of which an output is damaged.
    pub submissions: BTreeSet<SubmissionId>,
    /// Damaged files of the programme, relative to OUT.
    pub programme: BTreeSet<String>,
}

/// Forgets what is damaged.
pub fn forget(layout: &Layout, found: &Verification) -> Result<Forgotten, RunError> {
    // A stick has the same folders: nothing may be taken away there, because nothing would be made again.
    if !layout.report_json().is_file() {
        let path = layout.root().to_owned();
        return Err(VerifyError::NotRepairable { path }.into());
    }
    let forgotten = damaged(found);
    let _lock = Lock::take(layout)?;
    for id in &forgotten.submissions {
        Record::forget(layout, id).map_err(|source| RunError::write(&layout.record(id), source))?;
    }
    for file in &forgotten.programme {
        let path = layout.root().join(file);
        // What the programme keeps to make it from is the same file under another name, damaged likewise.
        let names = other_names(&path, &layout.hall());
        for path in names.iter().chain([&path]) {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(RunError::write(path, error));
                }
                _ => {}
            }
        }
    }
    Ok(forgotten)
}

/// Files of a folder that are one and the same as a file; where there are no hard links, those of its size.
fn other_names(file: &Path, folder: &Path) -> Vec<PathBuf> {
    let Ok(meta) = std::fs::symlink_metadata(file) else {
        return vec![];
    };
    let is_same = |other: &std::fs::Metadata| {
        let linked = (meta.dev(), meta.ino()) == (other.dev(), other.ino());
        other.is_file() && (linked || (meta.nlink() == 1 && meta.len() == other.len()))
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let same = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        is_same(&entry.metadata().ok()?).then(|| entry.path())
    });
    same.collect()
}

fn damaged(found: &Verification) -> Forgotten {
    // What is too much is somebody's own; a folder in the way is not ours to take.
    let ours = found
        .problems
        .iter()
        .filter(|problem| !matches!(problem.kind, ProblemKind::Extra | ProblemKind::NoFile));
    let mut forgotten = Forgotten::default();
    for problem in ours {
        if let Some(id) = &problem.submission {
            forgotten.submissions.insert(id.clone());
        } else if problem.path.starts_with("programme/") {
            forgotten.programme.insert(problem.path.clone());
        }
    }
    forgotten
}

/// How many films a run with these settings would make again though nothing is wrong with them. They may be other settings
/// than those of the run that made them: hours of work that nobody asked for.
pub fn others_made_too(config: &RunConfig, listener: &dyn Listener) -> Result<usize, RunError> {
    let (_, plan) = super::plan_only(config, listener)?;
    let changed = |action: &Action| {
        matches!(
            action,
            Action::Make {
                reason: StaleReason::RecipeChanged | StaleReason::ToolChanged { .. },
                ..
            }
        )
    };
    Ok(plan.jobs.iter().filter(|job| changed(&job.action)).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;
    use crate::verify::compare::Problem;

    #[test]
    fn only_what_is_ours_and_damaged_is_forgotten() {
        let id = SubmissionId::of("a");
        let problem = |path: &str, kind, submission: Option<&SubmissionId>| Problem {
            path: path.into(),
            kind,
            expected: Text::default(),
            found: Text::default(),
            remedy: Text::default(),
            submission: submission.cloned(),
        };
        let found = Verification {
            files: 9,
            good: 5,
            bytes: 0,
            problems: vec![
                problem("masters/a.mp4", ProblemKind::Content, Some(&id)),
                problem("site/media/a/web.mp4", ProblemKind::Missing, Some(&id)),
                problem("programme/01.mp4", ProblemKind::Size, None),
                problem("programme/holiday.mp4", ProblemKind::Extra, None),
                problem("programme/02.mp4", ProblemKind::NoFile, None),
                problem("elsewhere.mp4", ProblemKind::Content, None),
            ],
        };
        let forgotten = damaged(&found);
        assert_eq!(forgotten.submissions, BTreeSet::from([id]));
        assert_eq!(
            forgotten.programme,
            BTreeSet::from(["programme/01.mp4".to_owned()])
        );
    }
}
