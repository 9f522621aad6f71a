//! The website: everything that is shown, as a folder of files that any web server, a school's intranet or a USB stick can
//! hold. In: a [`Report`], and the [`Facts`] that lie in each film's folder. Out: [`File`]s, always the same bytes for the
//! same report. Never shows what is not accepted, what is withheld until a day, or how to reach a person. Pure, but for
//! `facts`, which reads, and `publish`, which writes.

mod address;
mod facts;
mod feed;
mod film;
mod introduction;
mod page;
mod player;
mod publish;
mod search;
mod shown;
mod structured;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

pub use facts::{Facts, is_there};
pub use page::GalleryError;
pub use publish::publish;
pub use shown::{Shown, place, remarks, shown};

use crate::id::SubmissionId;
use crate::report::model::Report;
use crate::text::Lang;
use film::films;

/// One file of the website.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path inside `site/`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        File {
            path: path.into(),
            bytes: bytes.into(),
        }
    }
}

/// All files of the website but the films' own: pages, the player, what search engines read. A film is shown where there
/// are facts of it.
pub fn files(
    report: &Report,
    facts: &BTreeMap<SubmissionId, Facts>,
    lang: Lang,
) -> Result<Vec<File>, GalleryError> {
    let shown = films(report, facts, lang);
    let assets = player::assets(&shown);
    let mut files = page::pages(report, &shown, &assets, lang)?;
    files.extend(feed::files(report, &shown, lang));
    files.extend(assets);
    Ok(files)
}
