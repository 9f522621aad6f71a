//! Whether every file is still what it was when it was made. In: an output folder, its `site` or `programme` alone, or a copy of
//! them on a stick. Out: a [`Verification`]: how many files are right, and what is wrong with the others. Reads every byte;
//! never writes, never follows a link.
//!
//! What the files must be is said by `work/ledger/` (with sizes), by `programme/programme.json`, and by the lists
//! `checksums.b3` that lie beside the files and so survive copying and the loss of `work/`.

pub mod claims;
pub mod compare;
pub mod list;
pub mod page;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use crate::event::{Event, Listener};
use crate::layout::open_regular;
use crate::text::Text;
use claims::{Claims, gather};
use compare::{Claim, Problem, Seen, compare};

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Files that a manifest names.
    pub files: usize,
    /// Those of them that are right.
    pub good: usize,
    /// Bytes that were read.
    pub bytes: u64,
    /// Everything that is wrong, by path.
    pub problems: Vec<Problem>,
}

/// Why nothing can be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not there.
    #[error("{} cannot be opened", path.display())]
    Unopened {
        /// What was named.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Nothing says what the files must be.
    #[error("nothing in {} says what its files must contain", path.display())]
    NoManifest {
        /// What was named.
        path: PathBuf,
    },
    /// It is no output folder, so nothing can be made again in it.
    #[error("{} is no output folder: nothing can be made again there", path.display())]
    NotRepairable {
        /// What was named.
        path: PathBuf,
    },
    /// The operator stopped it.
    #[error("stopped before every file was read")]
    Stopped,
}

impl VerifyError {
    /// What to do next.
    pub fn hint(&self) -> Text {
        match self {
            VerifyError::Unopened { .. } => Text::new(
                "请给出输出文件夹，或者 U 盘上的 programme 文件夹",
                "give an output folder, or the folder `programme` on a stick",
            ),
            VerifyError::NoManifest { .. } => Text::new(
                "这里没有 checksums.b3、programme.json 或 work/ledger：请给出输出文件夹或里面的 programme、site；\
                 旧版本制作的，先再运行一次 zhanbo run",
                "there is no checksums.b3, programme.json or work/ledger: give an output folder, or programme or site in it; run \
                 `zhanbo run` once more where an older version has made it",
            ),
            VerifyError::NotRepairable { .. } => Text::new(
                "--repair 只用于输出文件夹；U 盘或服务器上的副本请重新复制",
                "--repair is for the output folder; copy a stick's or a server's files again",
            ),
            VerifyError::Stopped => Text::new(
                "再运行一次即可，什么都没有改动",
                "run it again; nothing was changed",
            ),
        }
    }
}

/// Reads everything and compares.
pub fn verify(
    path: &Path,
    listener: &dyn Listener,
    cancelled: &AtomicBool,
) -> Result<Verification, VerifyError> {
    std::fs::read_dir(path).map_err(|source| VerifyError::Unopened {
        path: path.to_owned(),
        source,
    })?;
    let Claims {
        files,
        mut problems,
        ..
    } = gather(path);
    if files.is_empty() && problems.is_empty() {
        let path = path.to_owned();
        return Err(VerifyError::NoManifest { path });
    }
    listener.on_event(&Event::VerifyStarted {
        files: files.len(),
        bytes: files.keys().map(|name| size(&path.join(name))).sum(),
    });
    let reader = Reader {
        root: path,
        listener,
        cancelled,
    };
    // A stick and a disk are one head each: more readers than two only make it jump.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    let compare_all = || {
        let seen = files.par_iter().map(|(name, claim)| {
            let seen = reader.look(name, claim)?;
            Some((compare(name, claim, &seen), read_bytes(&seen)))
        });
        seen.collect::<Option<Vec<_>>>()
    };
    let compared = match pool {
        Ok(pool) => pool.install(compare_all),
        Err(_) => compare_all(),
    };
    let compared = compared.ok_or(VerifyError::Stopped)?;
    let bytes = compared.iter().map(|(_, bytes)| bytes).sum();
    let wrong: Vec<_> = compared
        .into_iter()
        .filter_map(|(problem, _)| problem)
        .collect();
    let good = files.len() - wrong.len();
    problems.extend(wrong);
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    listener.on_event(&Event::VerifyFinished {
        files: files.len(),
        problems: problems.len(),
    });
    Ok(Verification {
        files: files.len(),
        good,
        bytes,
        problems,
    })
}

fn size(file: &Path) -> u64 {
    std::fs::symlink_metadata(file).map_or(0, |meta| meta.len())
}

fn read_bytes(seen: &Seen) -> u64 {
    match seen {
        Seen::Content { bytes, .. } => *bytes,
        _ => 0,
    }
}

struct Reader<'a> {
    root: &'a Path,
    listener: &'a dyn Listener,
    cancelled: &'a AtomicBool,
}

impl Reader<'_> {
    /// None where the operator wants to stop.
    fn look(&self, name: &str, claim: &Claim) -> Option<Seen> {
        match self.content(name, claim) {
            Ok(seen) => Some(seen),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            Err(error) => Some(Seen::Unreadable(error.to_string())),
        }
    }

    fn content(&self, name: &str, claim: &Claim) -> io::Result<Seen> {
        let Some(meta) = plain(self.root, name)? else {
            return Ok(Seen::Missing);
        };
        if !meta.is_file() {
            return Ok(Seen::NoFile);
        }
        if claim.bytes.is_some_and(|bytes| bytes != meta.len()) {
            return Ok(Seen::OtherSize(meta.len()));
        }
        let mut file = open_regular(&self.root.join(name))?;
        let (mut hasher, mut piece, mut bytes) = (blake3::Hasher::new(), vec![0; PIECE], 0);
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let read = match file.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                break;
            }
            hasher.update(&piece[..read]);
            bytes += read as u64;
            self.listener
                .on_event(&Event::VerifyProgressed { bytes: read as u64 });
        }
        let blake3 = hasher.finalize().into();
        Ok(Seen::Content { bytes, blake3 })
    }
}

/// What stands at a path, if no step on the way is a link: what lies behind one belongs to somebody else.
fn plain(root: &Path, name: &str) -> io::Result<Option<std::fs::Metadata>> {
    let mut path = root.to_owned();
    let mut last = None;
    for step in name.split('/') {
        path.push(step);
        match std::fs::symlink_metadata(&path) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
            Ok(meta) if meta.is_symlink() => return Ok(Some(meta)),
            Ok(meta) => last = Some(meta),
        }
    }
    Ok(last)
}
