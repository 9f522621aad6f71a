//! Works of earlier years. In: the report and the measurements of a finished output folder. Out: one JSON file a year
//! and showcase in a library folder, and all of them as [`Work`]s to compare with. Never decodes, never touches an
//! upload; a file under its final name is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::id::{ContentHash, SubmissionId};
use crate::layout::{Layout, open_regular};
use crate::ledger::{self, Reading};
use crate::probe::essence::Essence;
use crate::probe::signature::Signature;
use crate::report::model::{self, EarlierWork, Report, SubmissionReport};
use crate::text::Text;

/// The value of the field `schema`.
pub const SCHEMA: &str = "zhanbo.library/1";
/// Bytes of a report or a library file that are read: some ten thousand works.
const MAX_FILE: u64 = 1 << 30;
/// Files in a library folder that are looked at.
const MAX_FILES: usize = 10_000;
/// Hexadecimal digits of the showcase's title in a file's name.
const DIGITS: usize = 8;

/// One work and how to recognise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Which submission it was.
    pub id: SubmissionId,
    /// The unit; empty where its name did not say.
    pub unit: String,
    /// The work's title, or the file's name where that did not say.
    pub title: String,
    /// The file's content.
    pub blake3: Option<ContentHash>,
    /// What is in it, whatever it is wrapped in.
    pub essence: Option<Essence>,
    /// What it looks and sounds like.
    pub signature: Signature,
}

/// One file: a year's showcase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Always `zhanbo.library/1`.
    pub schema: String,
    /// The year.
    pub year: u16,
    /// The showcase's title.
    pub showcase: Text,
    /// Its works, by id.
    pub works: Vec<Work>,
}

impl Volume {
    /// A work as reports name it.
    pub fn earlier(&self, work: &Work) -> EarlierWork {
        EarlierWork {
            year: self.year,
            unit: work.unit.clone(),
            title: work.title.clone(),
            showcase: self.showcase.zh.clone(),
        }
    }
}

/// What adding came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The file.
    pub file: PathBuf,
    /// The year.
    pub year: u16,
    /// Works of the output folder that are in it now.
    pub works: usize,
    /// Of these, works that were not in it before, or were different.
    pub new: usize,
}

/// The library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is no {expected}", path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
        /// Its schema, as it should be.
        expected: &'static str,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// A file is of another version.
    #[error("{} is a {actual}, but this version reads {expected}", path.display())]
    Version {
        /// Which.
        path: PathBuf,
        /// Its schema.
        actual: String,
        /// The one that is known.
        expected: &'static str,
    },
    /// A file is too large, or there are too many.
    #[error("{} has {actual}, more than the limit of {limit}", path.display())]
    BeyondLimit {
        /// Which.
        path: PathBuf,
        /// How much.
        actual: u64,
        /// How much there may be.
        limit: u64,
    },
    /// Nothing was accepted, so there is nothing to keep.
    #[error("{} has no accepted work that was measured", path.display())]
    Nothing {
        /// The output folder.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl LibraryError {
    /// What to do next.
    pub fn hint(&self) -> Text {
        match self {
            LibraryError::Read { .. } => Text::new(
                "请检查路径：zhanbo index add 后面写 run 或 check -o 的输出文件夹；--library 写作品库文件夹",
                "check the path: `zhanbo index add` wants the output folder of `run` or `check -o`, `--library` the \
                 library's folder",
            ),
            LibraryError::Foreign { .. } | LibraryError::Version { .. } => Text::new(
                "请把这个文件移出作品库，再用 zhanbo index add 重新加入那一年",
                "move this file out of the library and add that year again with `zhanbo index add`",
            ),
            LibraryError::BeyondLimit { .. } => Text::new(
                "这不像作品库里的文件，请把它移走",
                "this does not look like a library's file: move it away",
            ),
            LibraryError::Nothing { .. } => Text::new(
                "请先用 zhanbo run 或 check -o 检查那一年的收件夹，并保留 work 文件夹",
                "first `zhanbo run` or `check -o` that year's inbox, and keep the work folder",
            ),
            LibraryError::Write { .. } => Text::new(
                "请检查这个文件夹是否允许写入，或用 --library 换一个",
                "check that you may write in this folder, or choose another with --library",
            ),
        }
    }
}

/// All volumes of a library, by file name. A folder that is not there is an error: whoever names one means it.
pub fn load(folder: &Path) -> Result<Vec<Volume>, LibraryError> {
    let unreadable = |source| LibraryError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == "json") {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(LibraryError::BeyondLimit {
                path: folder.to_owned(),
                actual: files.len() as u64,
                limit: MAX_FILES as u64,
            });
        }
    }
    files.sort_unstable();
    files.iter().map(|path| volume(path)).collect()
}

fn volume(path: &Path) -> Result<Volume, LibraryError> {
    let volume: Volume = read(path, SCHEMA)?;
    if volume.schema == SCHEMA {
        return Ok(volume);
    }
    Err(LibraryError::Version {
        path: path.to_owned(),
        actual: volume.schema,
        expected: SCHEMA,
    })
}

fn read<T: serde::de::DeserializeOwned>(
    path: &Path,
    expected: &'static str,
) -> Result<T, LibraryError> {
    let unreadable = |source| LibraryError::Read {
        path: path.to_owned(),
        source,
    };
    let file = open_regular(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > MAX_FILE {
        return Err(LibraryError::BeyondLimit {
            path: path.to_owned(),
            actual: bytes,
            limit: MAX_FILE,
        });
    }
    serde_json::from_reader(io::BufReader::new(file)).map_err(|source| LibraryError::Foreign {
        path: path.to_owned(),
        expected,
        source,
    })
}

/// Adds the accepted works of an output folder. `tool` is the version that measured them; `year` the run's own where
/// none is given. Adding the same folder twice changes nothing; a work that was handed in anew takes its old one's place.
pub fn add(
    folder: &Path,
    layout: &Layout,
    year: Option<u16>,
    tool: &str,
) -> Result<Added, LibraryError> {
    let path = layout.report().join("report.json");
    let report: Report = read(&path, model::SCHEMA)?;
    let year = year.or_else(|| year_of(&report.started_at)).unwrap_or(0);
    let works: Vec<Work> = report
        .submissions
        .iter()
        .filter(|submission| submission.verdict.is_accepted())
        .filter_map(|submission| work(submission, layout, tool))
        .collect();
    if works.is_empty() {
        return Err(LibraryError::Nothing {
            path: layout.root().to_owned(),
        });
    }
    let file = folder.join(file_name(year, &report.showcase.title));
    let mut volume = if file.exists() {
        volume(&file)?
    } else {
        Volume {
            schema: SCHEMA.into(),
            year,
            showcase: report.showcase.title.clone(),
            works: vec![],
        }
    };
    let new = works
        .iter()
        .filter(|work| !volume.works.contains(work))
        .count();
    let count = works.len();
    volume
        .works
        .retain(|old| works.iter().all(|work| work.id != old.id));
    volume.works.extend(works);
    volume.works.sort_by(|a, b| a.id.cmp(&b.id));
    publish(&file, &volume).map_err(|source| LibraryError::Write {
        path: file.clone(),
        source,
    })?;
    Ok(Added {
        file,
        year,
        works: count,
        new,
    })
}

/// The year in an RFC 3339 time.
pub fn year_of(time: &str) -> Option<u16> {
    time.get(..4)?.parse().ok()
}

fn work(submission: &SubmissionReport, layout: &Layout, tool: &str) -> Option<Work> {
    let hash = submission.source_blake3.as_ref()?;
    let Some(Reading::Measured(measured)) = ledger::load_reading(layout, hash, tool) else {
        return None;
    };
    let title = submission.title.as_ref();
    Some(Work {
        id: submission.id.clone(),
        unit: submission.unit.clone().unwrap_or_default(),
        title: title.unwrap_or(&submission.original_name).clone(),
        blake3: Some(hash.clone()),
        essence: measured.essence,
        signature: measured.signature,
    })
}

fn file_name(year: u16, showcase: &Text) -> String {
    let title = blake3::hash(showcase.zh.as_bytes()).to_hex();
    format!("{year:04}-{}.json", &title[..DIGITS])
}

// Beside its place, synced, renamed; an equal file is left alone.
fn publish(path: &Path, volume: &Volume) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(volume)?;
    bytes.push(b'\n');
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut partial = tempfile::NamedTempFile::new_in(folder)?;
    partial.write_all(&bytes)?;
    partial.as_file().sync_all()?;
    partial.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write yesterday's files")]
mod tests {
    use super::*;

    const YESTERDAY: &str = r#"{"schema":"zhanbo.library/1","year":2021,"showcase":{"zh":"展播","en":"Showcase"},
        "works":[{"id":"0123456789ab","unit":"西南科技大学","title":"猫","blake3":null,"essence":null,
        "signature":{"version":1,"duration_ms":1000,"times":"AAAAAA==","views":["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw=="],"sound":""}}]}"#;

    #[test]
    fn yesterdays_file_is_read_and_another_version_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("2021-00000000.json");
        fs::write(&file, YESTERDAY).unwrap();
        let volumes = load(folder.path()).unwrap();
        let work = &volumes[0].works[0];
        assert_eq!(work.signature.times.len(), 1);
        assert_eq!(work.signature.views[0][0].signs[0], 0x0706_0504_0302_0100);
        let earlier = volumes[0].earlier(work);
        assert_eq!((earlier.year, earlier.title.as_str()), (2021, "猫"));
        fs::write(&file, YESTERDAY.replace("library/1", "library/2")).unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(matches!(error, LibraryError::Version { .. }), "{error}");
        fs::write(&file, "{").unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(matches!(error, LibraryError::Foreign { .. }), "{error}");
    }

    #[test]
    fn what_is_published_is_read_back_and_an_equal_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let volume: Volume = serde_json::from_str(YESTERDAY).unwrap();
        let file = folder.path().join(file_name(volume.year, &volume.showcase));
        publish(&file, &volume).unwrap();
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        publish(&file, &volume).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
        assert_eq!(load(folder.path()).unwrap(), [volume]);
    }
}
