//! A fresh inbox. In: a rule set. Out: a commented showcase.toml, a folder for each region, a roster to fill in. Never
//! overwrites: what is there already stays as it is.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::config::SHOWCASE_FILE;
use crate::preset::{self, PresetKind};

/// The list of units, for a spreadsheet.
pub const ROSTER_FILE: &str = "roster.csv";

/// The columns of the roster. Excel takes UTF-8 for what it is only behind a byte-order mark.
const ROSTER: &str = "\u{feff}片区,单位,别名,曾用名\r\n";

/// One thing in a fresh inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A region's folder.
    Folder(String),
    /// A file with its text.
    File {
        /// Its name.
        name: &'static str,
        /// What is in it.
        text: String,
    },
}

impl Piece {
    /// The name of the folder or file.
    pub fn name(&self) -> &str {
        match self {
            Piece::Folder(name) => name,
            Piece::File { name, .. } => name,
        }
    }
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It was made.
    Made,
    /// Something of this name was there and stays.
    Kept,
}

/// What lies in a fresh inbox for that rule set, called so in showcase.toml.
pub fn pieces(regions: &[String], preset: &str) -> Vec<Piece> {
    let files = [
        (SHOWCASE_FILE, showcase(preset)),
        (ROSTER_FILE, ROSTER.to_owned()),
    ];
    let files = files
        .into_iter()
        .map(|(name, text)| Piece::File { name, text });
    files
        .chain(regions.iter().cloned().map(Piece::Folder))
        .collect()
}

/// The template with every setting as a remark, but for the rule set.
fn showcase(preset: &str) -> String {
    let mut text = String::new();
    for line in preset::template(PresetKind::Showcase).lines() {
        let line = match line.split_once(" = ") {
            Some(("schema", _)) => line.to_owned(),
            Some(("preset", _)) => format!("preset = {}", toml::Value::from(preset)),
            _ if line.is_empty() || line.starts_with('#') => line.to_owned(),
            _ => format!("# {line}"),
        };
        text += &line;
        text.push('\n');
    }
    text
}

/// Puts the pieces into a folder, which is made if it is not there.
pub fn place(folder: &Path, pieces: &[Piece]) -> Result<Vec<Placed>, (PathBuf, io::Error)> {
    fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    let put = |piece: &Piece| {
        let path = folder.join(piece.name());
        put(folder, &path, piece).map_err(|error| (path, error))
    };
    pieces.iter().map(put).collect()
}

fn put(folder: &Path, path: &Path, piece: &Piece) -> io::Result<Placed> {
    let made = match piece {
        Piece::Folder(_) => fs::create_dir(path),
        // Whole or not there, and never over another one.
        Piece::File { text, .. } => tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.as_file().sync_all()?;
                Ok(file.persist_noclobber(path).map(drop)?)
            }),
    };
    match made {
        Ok(()) => Ok(Placed::Made),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::Kept),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_showcase_names_the_rules_and_nothing_else() {
        let text = showcase("./我的\"规则\".toml");
        let folder = tempfile::tempdir().unwrap();
        let piece = Piece::File {
            name: SHOWCASE_FILE,
            text,
        };
        place(folder.path(), std::slice::from_ref(&piece)).unwrap();
        let read = preset::showcase(&folder.path().join(SHOWCASE_FILE)).unwrap();
        let expected = preset::ShowcaseFile {
            schema: Some("zhanbo.showcase/1".to_owned()),
            preset: Some("./我的\"规则\".toml".to_owned()),
            ..preset::ShowcaseFile::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_remark_that_is_taken_away_is_a_setting() {
        let text = showcase("plain").replace("# resubmit_by", "resubmit_by");
        assert!(
            toml::from_str::<preset::ShowcaseFile>(&text)
                .unwrap()
                .resubmit_by
                .is_some()
        );
    }

    #[test]
    fn nothing_that_is_there_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = folder.path().join("a/inbox");
        let pieces = pieces(&["川北片区".to_owned()], "plain");
        assert_eq!(place(&inbox, &pieces).unwrap(), [Placed::Made; 3]);
        fs::remove_file(inbox.join(ROSTER_FILE)).unwrap();
        fs::create_dir(inbox.join(ROSTER_FILE)).unwrap();
        fs::File::create(inbox.join(SHOWCASE_FILE)).unwrap();
        assert_eq!(place(&inbox, &pieces).unwrap(), [Placed::Kept; 3]);
        assert_eq!(fs::read(inbox.join(SHOWCASE_FILE)).unwrap(), b"");
    }

    #[test]
    fn the_roster_opens_in_a_spreadsheet() {
        let pieces = pieces(&[], "plain");
        assert_eq!(
            pieces[1],
            Piece::File {
                name: ROSTER_FILE,
                text: "\u{feff}片区,单位,别名,曾用名\r\n".to_owned()
            }
        );
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::File::create(folder.path().join("inbox")).unwrap();
        let (path, _) = place(&folder.path().join("inbox"), &[]).unwrap_err();
        assert_eq!(path, folder.path().join("inbox"));
    }
}
