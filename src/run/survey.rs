//! The survey: every file listed, hashed, measured, judged. In: the inbox. Out: a [`Catalogue`]. Each file is measured
//! once, by as many threads as there are jobs; what an earlier run knows is not read again.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use rayon::prelude::*;

use super::documents::DocumentReader;
use super::hashing::Hashing;
use super::relate::{self, Relation};
use super::unpack::{self, Store};
use crate::catalogue::{Catalogue, Entry, SubtitleFile};
use crate::check::{self, Case, Dates, Repeated, Replacement, Verdict};
use crate::config::{Mode, RunConfig};
use crate::dedup::{self, version::Version};
use crate::error::RunError;
use crate::event::{Event, Listener};
use crate::id::{ContentHash, SubmissionId};
use crate::intake::{self, Companion, Inbox, Submission};
use crate::layout::Layout;
use crate::ledger::{Reading, Stamp, load_reading, save_reading};
use crate::library::{self, Volume, Work};
use crate::preset::{Confirm, Subject, decision};
use crate::probe::Unreadable;
use crate::probe::sampler::Looks;
use crate::report::model::{Confirmed, DuplicateOf, EarlierWork};
use crate::text::Text;
use crate::units::Bytes;

/// Lists the inbox, opens the archives in it, reads the documents, and gives everything its place.
pub(super) fn list(
    config: &RunConfig,
    hashing: &Hashing<'_>,
    listener: &dyn Listener,
) -> Result<(Inbox, Store), RunError> {
    let mut listing = intake::list(&config.inbox)?;
    let store = unpack::open_all(config, hashing, &mut listing, listener)?;
    let documents = DocumentReader::new(config, hashing);
    let inbox = intake::sort(listing, &config.rules, &documents);
    let bytes = inbox.submissions.iter().map(|s| s.bytes.0).sum();
    listener.on_event(&Event::InboxListed {
        submissions: inbox.submissions.len(),
        bytes: Bytes(bytes),
    });
    Ok((inbox, store))
}

/// Hashes, measures and judges everything in the inbox. `learnt` are the hashes that are known from opening archives.
pub(super) fn survey(
    config: &RunConfig,
    inbox: Inbox,
    hashing: &Hashing<'_>,
    tool: &str,
    listener: &dyn Listener,
) -> Result<Catalogue, RunError> {
    let reader = SurveyReader::new(config, hashing, tool, listener);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(config.jobs.get())
        .build();
    let all = &inbox.submissions;
    let read_all = || {
        let order = reading_order(all).into_iter().par_bridge();
        let mut read: Vec<_> = order.map(|nth| (nth, reader.read(&all[nth]))).collect();
        read.sort_by_key(|(nth, _)| *nth);
        read.into_iter().map(|(_, entry)| entry).collect()
    };
    let mut entries: Vec<Entry> = match pool {
        Ok(pool) => pool.install(read_all),
        // No threads to be had: one after the other is slower, not wrong.
        Err(_) => all.iter().map(|s| reader.read(s)).collect(),
    };
    hashing.remember()?;
    judge_all(&mut entries, config, &volumes(config)?);
    Ok(Catalogue {
        regions: inbox.regions,
        entries,
        other_files: inbox.other_files,
        roster: inbox.roster,
        ledger: inbox.ledger,
        links: inbox.links,
    })
}

/// Positions, the largest file first, so that no core is idle at the end. Those of one size may be the same film, which the
/// second thread would only wait for: of each size one comes first, and the others at the end.
fn reading_order(submissions: &[Submission]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..submissions.len()).collect();
    order.sort_by_key(|nth| std::cmp::Reverse(submissions[*nth].bytes));
    let mut last = None;
    let is_first =
        |nth: &usize| last.replace(submissions[*nth].bytes) != Some(submissions[*nth].bytes);
    let (mut firsts, others): (Vec<_>, Vec<_>) = order.into_iter().partition(is_first);
    firsts.extend(others);
    firsts
}

/// Judges everything anew by what is known now of these contents.
pub(super) fn judge_again(
    catalogue: &mut Catalogue,
    readings: &BTreeMap<ContentHash, Reading>,
    config: &RunConfig,
) -> Result<(), RunError> {
    for entry in &mut catalogue.entries {
        let reading = entry.hash.as_ref().and_then(|hash| readings.get(hash));
        if let Some(reading) = reading {
            entry.reading = reading.clone();
        }
    }
    judge_all(&mut catalogue.entries, config, &volumes(config)?);
    Ok(())
}

/// The verdict on a submission by itself, if this were its reading.
pub(super) fn verdict_by(reading: &Reading, entry: &Entry, config: &RunConfig) -> Verdict {
    let mut alone = Entry {
        reading: reading.clone(),
        duplicate_of: None,
        ..entry.clone()
    };
    judge(&mut alone, config, None, &Relation::default());
    alone.verdict
}

/// What is going to be made is looked at frame by frame then: until there, a short film gets no closer look than a long one.
fn looks(mode: Mode) -> Looks {
    match mode {
        Mode::Check => Looks::Closely,
        Mode::Execute | Mode::PlanOnly => Looks::InPassing,
    }
}

fn volumes(config: &RunConfig) -> Result<Vec<Volume>, RunError> {
    match &config.library {
        Some(folder) => Ok(library::load(folder)?),
        None => Ok(vec![]),
    }
}

struct SurveyReader<'a> {
    config: &'a RunConfig,
    tool: &'a str,
    listener: &'a dyn Listener,
    hashing: &'a Hashing<'a>,
    /// One lock a content: the same bytes are measured once, even where two threads meet them together.
    measured: Mutex<BTreeMap<ContentHash, std::sync::Arc<Mutex<Option<Reading>>>>>,
}

impl<'a> SurveyReader<'a> {
    fn new(
        config: &'a RunConfig,
        hashing: &'a Hashing<'a>,
        tool: &'a str,
        listener: &'a dyn Listener,
    ) -> Self {
        SurveyReader {
            config,
            tool,
            listener,
            hashing,
            measured: Mutex::default(),
        }
    }

    fn read(&self, submission: &Submission) -> Entry {
        let opened = self.open(submission);
        let (stamp, hash, reading, remembered) = match opened {
            Err(unreadable) => (None, None, Reading::Unreadable(unreadable), false),
            Ok((stamp, hash, file)) => {
                let (reading, remembered) = self.measure(&hash, file, &stamp);
                (Some(stamp), Some(hash), reading, remembered)
            }
        };
        self.listener.on_event(&Event::Surveyed {
            id: submission.id.clone(),
            source: submission.source.clone(),
            remembered,
        });
        Entry {
            submission: submission.clone(),
            stamp,
            hash,
            reading,
            subtitles: submission
                .subtitles
                .iter()
                .filter_map(|companion| self.subtitle(companion))
                .collect(),
            duplicate_of: None,
            superseded_by: None,
            confirmed: None,
            verdict: Verdict::Unreadable,
            findings: vec![],
            overridden: None,
        }
    }

    fn subtitle(&self, companion: &Companion) -> Option<SubtitleFile> {
        let name = companion
            .source
            .rsplit('/')
            .next()
            .unwrap_or(&companion.source)
            .to_owned();
        match self.hashing.hash(&companion.source, &companion.path) {
            Ok((_, hash, _)) => Some(SubtitleFile {
                name,
                path: companion.path.clone(),
                hash,
            }),
            Err(error) => {
                tracing::warn!(subtitle = %companion.source, %error, "a subtitle file that cannot be read is left out");
                None
            }
        }
    }

    fn open(&self, submission: &Submission) -> Result<(Stamp, ContentHash, File), Unreadable> {
        if let Some(what) = &submission.not_a_file {
            return Err(Unreadable::NotAFile { what: what.clone() });
        }
        self.hashing
            .hash(&submission.source, &submission.path)
            .map_err(|error| Unreadable::WorkerFailed {
                detail: Text::new(
                    format!("读不出来：{error}"),
                    format!("cannot be read: {error}"),
                ),
            })
    }

    /// The reading of a content, and whether it was known already.
    fn measure(&self, hash: &ContentHash, file: File, stamp: &Stamp) -> (Reading, bool) {
        let slot = match self.measured.lock() {
            Ok(mut slots) => slots.entry(hash.clone()).or_default().clone(),
            Err(_) => std::sync::Arc::default(),
        };
        let Ok(mut slot) = slot.lock() else {
            return (self.probe(file, stamp), false);
        };
        if let Some(reading) = slot.as_ref() {
            return (reading.clone(), true);
        }
        let remembered = self
            .config
            .layout
            .as_ref()
            .and_then(|layout| load_reading(layout, hash, self.tool));
        let known = remembered.is_some();
        let reading = remembered.unwrap_or_else(|| self.probe(file, stamp));
        if !known {
            self.save(hash, &reading);
        }
        *slot = Some(reading.clone());
        (reading, known)
    }

    fn probe(&self, file: File, stamp: &Stamp) -> Reading {
        let watched = file.try_clone();
        let reading = match self.config.workers.probe(file, looks(self.config.mode)) {
            Ok(Ok(measured)) => Reading::Measured(Box::new(measured)),
            Ok(Err(unreadable)) => Reading::Unreadable(unreadable),
            Err(error) => failed(error.text()),
        };
        // An upload that is still being written was hashed as one content and measured as another.
        match watched.and_then(|file| Stamp::of(&file)) {
            Ok(now) if now == *stamp => reading,
            _ => failed(Text::new(
                "文件在检查时还在变化（可能正在复制），请等复制完成后再运行一次",
                "the file was still changing (is it being copied?); run again when that is finished",
            )),
        }
    }

    // What a worker could not do once it may do next time: only its answers are remembered.
    fn save(&self, hash: &ContentHash, reading: &Reading) {
        let lasting = !matches!(
            reading,
            Reading::Unreadable(Unreadable::WorkerFailed { .. })
        );
        let Some(layout) = self
            .config
            .layout
            .as_ref()
            .filter(|_| lasting && self.hashing.writes())
        else {
            return;
        };
        if let Err(error) = save_reading(layout, hash, self.tool, reading) {
            tracing::warn!(%error, "a measurement could not be remembered; it will be done again");
        }
    }
}

fn failed(detail: Text) -> Reading {
    Reading::Unreadable(Unreadable::WorkerFailed { detail })
}

/// Judges every entry by itself, finds who repeats whom and who takes whose place, and judges those again.
fn judge_all(entries: &mut [Entry], config: &RunConfig, volumes: &[Volume]) {
    for entry in entries.iter_mut() {
        (entry.duplicate_of, entry.confirmed) = (None, None);
        judge(entry, config, None, &Relation::default());
    }
    let candidates: Vec<_> = entries
        .iter()
        .map(|entry| dedup::Candidate {
            id: &entry.submission.id,
            hash: entry.hash.as_ref().filter(|_| entry.media().is_ok()),
            essence: entry
                .measured()
                .and_then(|measured| measured.essence.as_ref()),
            signature: entry.measured().map(|measured| &measured.signature),
            accepted: entry.verdict.is_accepted(),
        })
        .collect();
    let works: Vec<_> = volumes
        .iter()
        .flat_map(|volume| volume.works.iter().map(|work| (volume.earlier(work), work)))
        .filter(|(earlier, work)| !is_of_this_run(earlier, work, config, entries))
        .collect();
    let earlier: Vec<_> = works
        .iter()
        .map(|(earlier, work)| dedup::Earlier {
            id: &work.id,
            work: earlier,
            hash: work.blake3.as_ref(),
            essence: work.essence.as_ref(),
            signature: Some(&work.signature),
        })
        .collect();
    let duplicates = dedup::repetitions(&candidates, &earlier);
    let labels: BTreeMap<_, _> = entries
        .iter()
        .map(|entry| {
            let region = &entry.submission.region;
            let label = entry.label();
            let label = if region.is_empty() {
                label
            } else {
                format!("{label}（{region}）")
            };
            (entry.submission.id.clone(), label)
        })
        .collect();
    let confirmed = confirmed(entries, &duplicates, config);
    for entry in entries.iter_mut() {
        let Some(of) = duplicates.get(&entry.submission.id) else {
            continue;
        };
        entry.duplicate_of = Some(of.clone());
        let confirm = confirmed.get(&entry.submission.id);
        entry.confirmed = confirm.map(|confirm| Confirmed {
            same: confirm.same,
            by: confirm.by.clone(),
            reason: confirm.reason.clone(),
        });
    }
    let relations = relate::relations(entries, |entry| written_ns(entry, &config.inbox));
    for entry in entries.iter_mut() {
        let id = entry.submission.id.clone();
        // Two versions of one work look alike: which of them counts is said already.
        entry
            .duplicate_of
            .take_if(|of| relate::are_versions(&relations, &id, &of.id));
        let label = entry.duplicate_of.as_ref().map(|of| match &of.earlier {
            Some(work) => work.label(),
            None => labels.get(&of.id).cloned().unwrap_or_default(),
        });
        let original = label.as_deref().map(|label| Original {
            label,
            confirmed: confirmed.get(&id).copied(),
        });
        let relation = relations.get(&id);
        if original.is_some() || relation.is_some() {
            judge(
                entry,
                config,
                original,
                &relation.cloned().unwrap_or_default(),
            );
        }
    }
}

/// When a delivery was last written: the file itself, or the archive in the inbox that holds it, because what we unpack
/// is as old as its unpacking.
fn written_ns(entry: &Entry, inbox: &Path) -> Option<i128> {
    let stamp = entry.stamp.as_ref()?;
    if entry.submission.path.starts_with(inbox) {
        return Some(stamp.modified_ns);
    }
    let around = Path::new(&entry.submission.source).ancestors().skip(1);
    let archive = around
        .filter_map(|part| std::fs::symlink_metadata(inbox.join(part)).ok())
        .find(std::fs::Metadata::is_file)?;
    Some(Stamp::from(&archive).modified_ns)
}

/// A showcase that was added to the library is no earlier one for itself, whatever year it was added as.
fn is_of_this_run(
    earlier: &EarlierWork,
    work: &Work,
    config: &RunConfig,
    entries: &[Entry],
) -> bool {
    let is_same = |entry: &Entry| entry.submission.id == work.id && entry.hash == work.blake3;
    earlier.showcase == config.title.zh && entries.iter().any(is_same)
}

/// The submission that another one repeats.
#[derive(Clone, Copy)]
struct Original<'a> {
    label: &'a str,
    confirmed: Option<&'a Confirm>,
}

/// What a person says about the pairs that were found.
fn confirmed<'a>(
    entries: &[Entry],
    duplicates: &BTreeMap<SubmissionId, DuplicateOf>,
    config: &'a RunConfig,
) -> BTreeMap<SubmissionId, &'a Confirm> {
    let subject = |id: &SubmissionId| {
        let entry = entries.iter().find(|entry| entry.submission.id == *id)?;
        Some(Subject::from(&entry.submission))
    };
    let found = duplicates.iter().filter_map(|(id, of)| {
        let (one, other) = (subject(id)?, subject(&of.id)?);
        let mut said = config.decisions.confirm.iter();
        let confirm = said.find(|confirm| confirm.is_about(&one, &other))?;
        Some((id.clone(), confirm))
    });
    found.collect()
}

fn judge(
    entry: &mut Entry,
    config: &RunConfig,
    original: Option<Original<'_>>,
    relation: &Relation,
) {
    let version = relation.version.as_ref();
    let repeated = entry.duplicate_of.as_ref().zip(original);
    let decisions = &config.decisions;
    let case = Case {
        submission: &entry.submission,
        media: entry.media(),
        duplicate: repeated.map(|(of, original)| Repeated {
            of,
            original: original.label,
            confirmed: original.confirmed,
        }),
        version: version.map(|(version, other)| Replacement { version, other }),
        others: &relation.others,
        waivers: &decisions.waive,
        overrules: &decisions.overrule,
        dates: Dates {
            window: config.rules.window.as_ref(),
            received: decision::received(&decisions.delivery, &Subject::from(&entry.submission)),
        },
    };
    let judgement = check::judge(&case, &config.rules);
    entry.superseded_by = match version {
        Some((Version::Superseded { by, .. }, _)) if judgement.verdict == Verdict::Duplicate => {
            Some(by.clone())
        }
        _ => None,
    };
    entry.verdict = judgement.verdict;
    entry.findings = judgement.findings;
    entry.overridden = judgement.overridden;
}

/// The tree's lock: held as long as the value lives, and let go by the system if we die.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes OUT for this run alone.
    pub(super) fn take(layout: &Layout) -> Result<Self, RunError> {
        let path = layout.lock();
        let failed = |source| RunError::write(&path, source);
        std::fs::create_dir_all(layout.work()).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                layout.sweep().map_err(failed)?;
                Ok(Lock { _file: file })
            }
            Err(std::fs::TryLockError::WouldBlock) => Err(RunError::Locked {
                folder: layout.root().to_owned(),
            }),
            Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    #[test]
    fn the_largest_come_first_and_what_may_be_the_same_film_last() {
        let sized = |bytes| Submission {
            bytes: Bytes(bytes),
            ..sample::submission()
        };
        let order = |sizes: &[u64]| {
            let submissions: Vec<_> = sizes.iter().map(|bytes| sized(*bytes)).collect();
            reading_order(&submissions)
        };
        assert_eq!(order(&[5, 9, 7]), [1, 2, 0]);
        assert_eq!(order(&[7, 5, 7, 9, 5]), [3, 0, 1, 2, 4]);
        assert!(order(&[]).is_empty());
    }
}
