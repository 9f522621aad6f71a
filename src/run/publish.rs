//! Writing what people open: `report/` and `index.html`. In: a [`Report`], and what the last run left. Out: files that are
//! whole or not there. A run that finds nothing new leaves every file as it is, down to its time; files of earlier runs
//! that are no longer true are taken away, and nobody else's.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::evidence::EvidenceFile;
use super::survey::Lock;
use crate::error::RunError;
use crate::event::{Event, Listener};
use crate::gallery::{self, Shown};
use crate::id::{ContentHash, SubmissionId};
use crate::layout::{Layout, open_regular};
use crate::ledger::{Pages, Record, Stamp};
use crate::preset::Date;
use crate::report::changes::{changes, keep_acceptance, same_but_for_time};
use crate::report::html::Links;
use crate::report::model::Report;
use crate::report::{self, notice};
use crate::serve::snippets;
use crate::text::Lang;
use crate::verify::list;

/// A `report.json` of more bytes than this is not ours: a thousand submissions need a tenth of it.
const MAX_REPORT: u64 = 256 << 20;

/// Writes the report of a run, and notes in it what is different from the last one. Where nothing is, the last one
/// stays: its time is that of the last run in which anything happened. `beside` is done while the pages are written.
pub(super) fn publish(
    layout: &Layout,
    report: &mut Report,
    evidence: &[EvidenceFile],
    lang: Lang,
    beside: impl FnOnce(&Report) -> Result<(), RunError> + Send,
) -> Result<(), RunError> {
    // A report that cannot be read, or is another program's, is compared with nothing and replaced.
    let previous = read(&layout.report_json()).ok();
    keep_acceptance(previous.as_ref(), report);
    report.changes = previous.as_ref().map(|previous| changes(previous, report));
    let kept = previous
        .as_ref()
        .filter(|previous| same_but_for_time(previous, report));
    let shown = kept.unwrap_or(report);
    write_evidence(layout, evidence, shown)?;
    let text = report::json::to_json(shown);
    let key = key(&text, lang);
    let are_there = key
        .as_ref()
        .is_some_and(|key| Pages::are_there(layout, key));
    // Before the last report goes: it alone says which notices were ours.
    if let Some(previous) = previous.as_ref().filter(|_| !are_there) {
        remove_stale_notices(layout, previous, shown, lang)?;
    }
    write(layout, &layout.report_json(), text.as_bytes())?;
    let write_again = || {
        if are_there {
            return Ok(());
        }
        let pages = write_pages(layout, shown, lang)?;
        if let Some(key) = key {
            Pages::remember(layout, key, &pages);
        }
        Ok(())
    };
    let report = &*report;
    let (pages, other) = rayon::join(write_again, || beside(report));
    pages.and(other)
}

/// What the pages of a report depend on: what it says, the language, and this program. None where it does not know itself.
fn key(text: &str, lang: Lang) -> Option<ContentHash> {
    let program = Stamp::from(&std::env::current_exe().ok()?.metadata().ok()?);
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{lang:?} {program:?} ").as_bytes());
    Some(hasher.update(text.as_bytes()).finalize().into())
}

/// Makes everything that people open again, from `report.json` alone.
pub fn rebuild(layout: &Layout, lang: Lang) -> Result<Report, RunError> {
    let path = layout.report_json();
    let report = read(&path).map_err(|source| RunError::NoReport { path, source })?;
    let _lock = Lock::take(layout)?;
    remove_stale_notices(layout, &report, &report, lang)?;
    write_pages(layout, &report, lang)?;
    Ok(report)
}

/// Makes the website again, from `report.json` and the films that are there.
pub fn site(
    layout: &Layout,
    today: &Date,
    lang: Lang,
    listener: &dyn Listener,
) -> Result<Report, RunError> {
    let path = layout.report_json();
    let mut report = read(&path).map_err(|source| RunError::NoReport { path, source })?;
    let _lock = Lock::take(layout)?;
    let (shown, moved) = decide(layout, &mut report, today);
    // The day of the reveal has come, or was put off: the report says where its films lie now.
    if moved {
        write(
            layout,
            &layout.report_json(),
            report::json::to_json(&report).as_bytes(),
        )?;
        write_pages(layout, &report, lang)?;
    }
    publish_site(layout, &report, &shown, lang, listener)?;
    Ok(report)
}

/// What the website will show. The report then says of every film where it will lie; whether that is news comes back.
pub(super) fn decide(layout: &Layout, report: &mut Report, today: &Date) -> (Shown, bool) {
    let shown = gallery::shown(report, today, |id| gallery::is_there(layout, id));
    let moved = gallery::place(report, |id| shown.ids.contains(id));
    (shown, moved)
}

/// Writes the website and says what is on it.
pub(super) fn publish_site(
    layout: &Layout,
    report: &Report,
    shown: &Shown,
    lang: Lang,
    listener: &dyn Listener,
) -> Result<(), RunError> {
    gallery::publish(layout, report, shown, lang)?;
    listener.on_event(&Event::WebsiteMade {
        films: shown.ids.len(),
        withheld: shown.withheld.len(),
        remarks: gallery::remarks(report, shown),
    });
    Ok(())
}

pub(super) fn read(path: &Path) -> io::Result<Report> {
    let mut text = Vec::new();
    open_regular(path)?
        .take(MAX_REPORT + 1)
        .read_to_end(&mut text)?;
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    if text.len() as u64 > MAX_REPORT {
        return Err(invalid(format!("more than {MAX_REPORT} bytes")));
    }
    let report: Report = serde_json::from_slice(&text).map_err(|e| invalid(e.to_string()))?;
    if report.schema == report::model::SCHEMA {
        Ok(report)
    } else {
        let (found, known) = (&report.schema, report::model::SCHEMA);
        Err(invalid(format!("its schema is {found:?}, not {known:?}")))
    }
}

/// Writes a report whose programme was made again, and its pages.
pub(super) fn rewrite(layout: &Layout, report: &Report, lang: Lang) -> Result<(), RunError> {
    let text = report::json::to_json(report);
    write(layout, &layout.report_json(), text.as_bytes())?;
    write_pages(layout, report, lang).map(drop)
}

/// Writes them, and says which.
fn write_pages(layout: &Layout, report: &Report, lang: Lang) -> Result<Vec<PathBuf>, RunError> {
    let (pages, (sheets, notices)) = rayon::join(
        || write_html(layout, report, lang),
        || {
            rayon::join(
                || write_sheets(layout, report, lang),
                || write_notices(layout, report, lang),
            )
        },
    );
    Ok([pages?, sheets?, notices?].concat())
}

fn write_html(layout: &Layout, report: &Report, lang: Lang) -> Result<Vec<PathBuf>, RunError> {
    let html = report::html::to_html(report, lang, Links::InOutputFolder);
    let html = html.map_err(|e| unrendered("report.html", &e))?;
    let path = layout.report().join("report.html");
    write(layout, &path, html.as_bytes())?;
    let index = report::index::to_index(report, lang).map_err(|e| unrendered("index.html", &e))?;
    write(layout, &layout.index(), index.as_bytes())?;
    Ok(vec![path, layout.index()])
}

fn write_sheets(layout: &Layout, report: &Report, lang: Lang) -> Result<Vec<PathBuf>, RunError> {
    let sheets = report::spreadsheet::to_xlsx(report, lang);
    let sheets = sheets.map_err(|e| unrendered(report::SPREADSHEET, &e))?;
    let path = layout.report().join(report::SPREADSHEET);
    write(layout, &path, &sheets)?;
    Ok(vec![path])
}

fn write_notices(layout: &Layout, report: &Report, lang: Lang) -> Result<Vec<PathBuf>, RunError> {
    let stems = notice::stems(report, lang).into_par_iter();
    let written = stems.map(|(region, stem)| {
        let mut written = Vec::new();
        let document = notice::to_docx(report, region, lang);
        if let Some(document) = document.transpose().map_err(|e| unrendered("notice", &e))? {
            let path = layout.notices().join(format!("{stem}.docx"));
            write(layout, &path, &document)?;
            written.push(path);
        }
        if let Some(words) = notice::to_markdown(report, region, lang) {
            let path = layout.notices().join(format!("{stem}.md"));
            write(layout, &path, words.as_bytes())?;
            written.push(path);
        }
        Ok(written)
    });
    let written: Vec<_> = written.collect::<Result<_, RunError>>()?;
    Ok(written.concat())
}

/// A region that was told something last time and has nothing to do now gets no notice: the old one would mislead. The
/// last report says which notices were ours, in whatever language they were written.
fn remove_stale_notices(
    layout: &Layout,
    previous: &Report,
    now: &Report,
    lang: Lang,
) -> Result<(), RunError> {
    let lists = [(now, lang), (previous, Lang::Zh), (previous, Lang::En)];
    let lists = lists.into_par_iter();
    let lists: Vec<_> = lists
        .map(|(report, lang)| notice_files(layout, report, lang))
        .collect();
    let (wanted, written) = (&lists[0], &lists[1..]);
    let mut stale = written
        .iter()
        .flatten()
        .filter(|path| !wanted.contains(*path));
    stale.try_for_each(|path| remove(path))
}

fn notice_files(layout: &Layout, report: &Report, lang: Lang) -> BTreeSet<PathBuf> {
    let stems = notice::stems(report, lang).into_values();
    let files = stems.flat_map(|stem| [format!("{stem}.docx"), format!("{stem}.md")]);
    files.map(|name| layout.notices().join(name)).collect()
}

/// Puts the pictures in their places and takes away those that the report no longer names.
fn write_evidence(
    layout: &Layout,
    evidence: &[EvidenceFile],
    report: &Report,
) -> Result<(), RunError> {
    let files: Vec<_> = evidence
        .iter()
        .map(|file| (layout.root().join(&file.path), file.jpeg.clone()))
        .collect();
    layout
        .publish_files(&files)
        .map_err(|source| RunError::write(&layout.evidence(), source))?;
    let named: BTreeSet<_> = report
        .submissions
        .iter()
        .filter_map(|s| s.evidence.as_ref())
        .flat_map(|e| [&e.contact_sheet, &e.subtitle_strip, &e.side_by_side])
        .flatten()
        .map(|path| layout.root().join(path))
        .collect();
    let Ok(there) = std::fs::read_dir(layout.evidence()) else {
        return Ok(());
    };
    for entry in there.filter_map(Result::ok) {
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(Layout::is_evidence_name);
        if is_ours && !named.contains(&entry.path()) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Writes what real web servers need to know, beside the site.
pub(super) fn server_snippets(layout: &Layout) -> Result<(), RunError> {
    for (name, text) in snippets::files() {
        write(layout, &layout.site_server().join(name), text.as_bytes())?;
    }
    Ok(())
}

/// Writes beside what was made what it must contain, for `verify` and for `b3sum --check`: it goes where the files go, and
/// stays when `work/` does not.
pub(super) fn checksums(
    layout: &Layout,
    id: &SubmissionId,
    record: &Record,
) -> Result<(), RunError> {
    let media = format!("{}/", Layout::media_name(id));
    let inside = record.files.iter().filter_map(|file| {
        let path = file.path.strip_prefix(&media)?;
        Some((path, &file.blake3))
    });
    write(
        layout,
        &layout.media_now(id).join(list::LIST),
        list::write(inside).as_bytes(),
    )?;
    let master = Layout::master_name(id);
    let of_master = record.files.iter().filter(|file| file.path == master);
    let of_master = of_master.filter_map(|file| {
        let name = file.path.strip_prefix("masters/")?;
        Some((name, &file.blake3))
    });
    let text = list::write(of_master);
    let path = layout.root().join(Layout::master_list_name(id));
    write(layout, &path, text.as_bytes())
}

pub(super) fn unrendered(what: &'static str, error: &dyn std::error::Error) -> RunError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    RunError::Render { what, reason }
}

fn write(layout: &Layout, path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    layout
        .publish_file(path, bytes)
        .map_err(|source| RunError::write(path, source))
}

fn remove(path: &Path) -> Result<(), RunError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::write(path, error)),
        _ => Ok(()),
    }
}
