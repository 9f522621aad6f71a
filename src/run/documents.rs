//! Office documents for intake. In: files. Out: what a worker says of each, or what an earlier run remembers of the same
//! content. Several at once; a worker that dies costs one document.

use std::fs::File;

use rayon::prelude::*;

use super::hashing::Hashing;
use crate::config::RunConfig;
use crate::document::{Document, DocumentFault};
use crate::id::ContentHash;
use crate::intake::{Companion, ReadDocuments};
use crate::ledger::{DocumentReading, load_document, save_document};

/// Reads documents in workers.
pub(super) struct DocumentReader<'a> {
    config: &'a RunConfig,
    hashing: &'a Hashing<'a>,
}

impl<'a> DocumentReader<'a> {
    /// A reader that remembers under the run's OUT, if it has one.
    pub(super) fn new(config: &'a RunConfig, hashing: &'a Hashing<'a>) -> Self {
        DocumentReader { config, hashing }
    }

    fn read(&self, file: &Companion) -> DocumentReading {
        let (_, hash, opened) = self
            .hashing
            .hash(&file.source, &file.path)
            .map_err(|error| DocumentFault::Closed {
                detail: error.to_string(),
            })?;
        let remembered = self
            .config
            .layout
            .as_ref()
            .and_then(|layout| load_document(layout, &hash));
        remembered.unwrap_or_else(|| self.read_anew(&hash, opened))
    }

    fn read_anew(&self, hash: &ContentHash, file: File) -> DocumentReading {
        let reading = match self.config.workers.read_document(file) {
            Ok(reading) => reading,
            Err(error) => Err(DocumentFault::ReaderFailed {
                detail: error.text(),
            }),
        };
        // What a worker could not do once it may do next time: only its answers are remembered.
        let lasts = reading.as_ref().err().is_none_or(DocumentFault::is_lasting);
        let layout = self.config.layout.as_ref();
        if let Some(layout) = layout.filter(|_| lasts && self.hashing.writes())
            && let Err(error) = save_document(layout, hash, &reading)
        {
            tracing::warn!(%error, "a document could not be remembered; it will be read again");
        }
        reading
    }
}

impl ReadDocuments for DocumentReader<'_> {
    fn read_all(&self, files: &[&Companion]) -> Vec<Result<Document, DocumentFault>> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.config.jobs.get())
            .build();
        match pool {
            Ok(pool) => pool.install(|| files.par_iter().map(|file| self.read(file)).collect()),
            // No threads to be had: one after the other is slower, not wrong.
            Err(_) => files.iter().map(|file| self.read(file)).collect(),
        }
    }
}
