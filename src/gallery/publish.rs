//! The website on the disk. In: a [`Report`] and what was decided to be shown. Out: `site/`, in which every page leads to what
//! is there. Takes away pages of ours that no longer belong, and leaves files of others alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::feed::MARK;
use super::{Facts, Shown, files};
use crate::error::RunError;
use crate::id::SubmissionId;
use crate::layout::{Layout, open_regular};
use crate::report::model::Report;
use crate::text::Lang;

/// What tells our pages from somebody's own; it stands in every page's head.
const PAGE_MARK: &str = r#"<meta name="generator" content="zhanbo">"#;
/// How far into a file its mark is looked for.
const HEAD: u64 = 2048;

/// Puts the website in its place. First what must not be seen any more goes, then films come, then pages that lead to them.
pub fn publish(
    layout: &Layout,
    report: &Report,
    shown: &Shown,
    lang: Lang,
) -> Result<(), RunError> {
    let site = layout.site();
    layout
        .show_only(&shown.ids)
        .map_err(|source| RunError::write(&site.join("media"), source))?;
    let files =
        files(report, &facts(layout, report, shown), lang).map_err(|error| unrendered(&error))?;
    let wanted: Vec<(PathBuf, Vec<u8>)> = files
        .into_iter()
        .map(|file| (site.join(file.path), file.bytes))
        .filter(|(path, _)| !is_somebody_elses(path))
        .collect();
    let write = |source| RunError::write(&site, source);
    layout.publish_files(&wanted).map_err(write)?;
    let paths = wanted.into_iter().map(|(path, _)| path).collect();
    remove_stale(&site, &paths).map_err(write)
}

fn facts(layout: &Layout, report: &Report, shown: &Shown) -> BTreeMap<SubmissionId, Facts> {
    let films = report
        .submissions
        .par_iter()
        .filter(|s| shown.ids.contains(&s.id));
    films
        .filter_map(|film| {
            let facts = Facts::read(layout, &film.id, film.outputs.as_ref()?)?;
            Some((film.id.clone(), facts))
        })
        .collect()
}

fn unrendered(error: &super::GalleryError) -> RunError {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    RunError::Render {
        what: "site",
        reason: format!("{error}{}", cause.unwrap_or_default()),
    }
}

/// Where a website stands already, its robots.txt is its own.
fn is_somebody_elses(path: &Path) -> bool {
    path.ends_with("robots.txt") && path.exists() && !is_ours(path)
}

fn remove_stale(site: &Path, wanted: &BTreeSet<PathBuf>) -> io::Result<()> {
    let pages = ["v", "region"].map(|folder| site.join(folder));
    for folder in pages.iter().flat_map(|folder| entries(folder)) {
        let page = folder.join("index.html");
        if !wanted.contains(&page) && is_ours(&page) {
            fs::remove_file(&page)?;
            // One that holds somebody's own file stays.
            let _ = fs::remove_dir(&folder);
        }
    }
    let is_cues = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        stem.is_some_and(|stem| stem.parse::<SubmissionId>().is_ok())
    };
    let cues = entries(&site.join("assets/cues"))
        .into_iter()
        .filter(is_cues);
    let named = ["sitemap.xml", "feed.xml"].map(|name| site.join(name));
    for path in cues.chain(named.into_iter().filter(|path| is_ours(path))) {
        if !wanted.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let there = fs::read_dir(folder).into_iter().flatten();
    there
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect()
}

/// Whether a file carries our mark near its beginning.
fn is_ours(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = open_regular(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let has = |mark: &str| {
        let mut places = head.windows(mark.len());
        places.any(|window| window == mark.as_bytes())
    };
    read.is_ok() && (has(MARK) || has(PAGE_MARK))
}
