//! `zhanbo hls-lint`: any HLS package, judged clause by clause. In: the path of a playlist or folder. Out: [`Lint`], every
//! place where a clause of RFC 8216, its draft successor, Apple's HLS Authoring Specification, WebVTT or ISO/IEC 14496 is
//! not kept. Never goes to the network, never opens a file outside of the package, never decodes a picture, and trusts no
//! number of a file: the readers are our own, without C.
//!
//! ```text
//!   path ─▶ package ──▶ playlist, attributes   what is written, strictly        ─┐
//!                   └─▶ fmp4, sps, webvtt      what the segments really are      ├─▶ checks ─▶ Lint ─▶ page
//!           clause: what is asked, and how to mend it ──────────────────────────┘
//! ```

mod attributes;
mod checks;
pub mod clause;
mod finding;
mod fmp4;
mod package;
pub mod page;
mod playlist;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod webvtt;

use std::io;
use std::path::{Path, PathBuf};

pub use clause::{Clause, Level};
pub use finding::{Finding, Findings};

use crate::text::Text;

/// What was found in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// What was asked about.
    pub path: PathBuf,
    /// How many playlists and segments were opened.
    pub files: usize,
    /// By file and line.
    pub findings: Vec<Finding>,
}

impl Lint {
    /// How many findings of a level there are, those that were only counted included.
    pub fn count(&self, level: Level) -> usize {
        let of_level = |f: &&Finding| f.clause.about().level == level;
        self.findings
            .iter()
            .filter(of_level)
            .map(|f| 1 + f.more)
            .sum()
    }

    /// No error and no warning.
    pub fn is_clean(&self) -> bool {
        self.count(Level::Error) + self.count(Level::Warning) == 0
    }
}

/// Why nothing could be judged.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// The playlist cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is no text.
    #[error("{} is not a playlist", path.display())]
    NotAPlaylist {
        /// Which.
        path: PathBuf,
    },
    /// A folder with no playlist, or with several.
    #[error("{} holds {found} playlists, and none of them is the one multivariant playlist", path.display())]
    WhichPlaylist {
        /// The folder.
        path: PathBuf,
        /// How many.
        found: usize,
    },
}

impl LintError {
    /// What to do next.
    pub fn hint(&self) -> Text {
        Text::new(
            "请写出播放列表的路径，例如 zhanbo hls-lint OUT/site/media/<id>/hls/master.m3u8",
            "name the playlist, as in zhanbo hls-lint OUT/site/media/<id>/hls/master.m3u8",
        )
    }
}

/// Judges the package of a playlist, or the one in a folder.
pub fn lint(path: &Path) -> Result<Lint, LintError> {
    let mut findings = Findings::default();
    let package = package::load(path, &mut findings)?;
    checks::all(&package, &mut findings);
    Ok(Lint {
        path: path.to_owned(),
        files: package.files,
        findings: findings.sorted(),
    })
}
