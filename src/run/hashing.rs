//! What a file's content is. In: paths of plain files. Out: their content hashes. A file that still looks as it did when
//! an earlier run hashed it is not read again; others are read once, in pieces of fixed size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use crate::config::{Mode, RunConfig};
use crate::error::RunError;
use crate::id::ContentHash;
use crate::layout::open_regular;
use crate::ledger::{Hashes, Stamp};

/// Bytes read at once while hashing; with the number of jobs this bounds the memory.
const PIECE: usize = 1 << 20;

/// Hashes that are known, and those that were learnt in this run.
pub(super) struct Hashing<'a> {
    config: &'a RunConfig,
    known: Hashes,
    learnt: Mutex<Hashes>,
}

impl<'a> Hashing<'a> {
    /// With what earlier runs know.
    pub(super) fn new(config: &'a RunConfig) -> Self {
        Hashing {
            config,
            known: config.layout.as_ref().map(Hashes::load).unwrap_or_default(),
            learnt: Mutex::default(),
        }
    }

    /// Whether this run may write anything down.
    pub(super) fn writes(&self) -> bool {
        writes(self.config)
    }

    /// Opens a file and tells its content.
    pub(super) fn hash(&self, source: &str, path: &Path) -> io::Result<(Stamp, ContentHash, File)> {
        let file = open_regular(path)?;
        let stamp = Stamp::of(&file)?;
        let hash = match self.known.get(source, &stamp) {
            Some(hash) => hash.clone(),
            None => self.hash_content(&file)?,
        };
        if let Ok(mut learnt) = self.learnt.lock() {
            learnt.insert(source.to_owned(), stamp, hash.clone());
        }
        Ok((stamp, hash, file))
    }

    fn hash_content(&self, file: &File) -> io::Result<ContentHash> {
        let mut reader = file;
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; PIECE];
        loop {
            if self.config.workers.cancelled.load(Ordering::Relaxed) {
                return Err(io::Error::new(
                    io::ErrorKind::Interrupted,
                    "stopped by the operator",
                ));
            }
            match reader.read(&mut piece)? {
                0 => break,
                read => hasher.update(&piece[..read]),
            };
        }
        io::Seek::rewind(&mut reader)?;
        Ok(hasher.finalize().into())
    }

    /// Writes down what was learnt.
    pub(super) fn remember(&self) -> Result<(), RunError> {
        let Some(layout) = self.config.layout.as_ref().filter(|_| self.writes()) else {
            return Ok(());
        };
        let Ok(mut learnt) = self.learnt.lock() else {
            return Ok(());
        };
        learnt
            .save(layout)
            .map_err(|source| RunError::write(&layout.survey(), source))
    }
}

/// Whether this run may write anything down.
pub(super) fn writes(config: &RunConfig) -> bool {
    config.mode != Mode::PlanOnly
}
