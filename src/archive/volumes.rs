//! Several volumes as one. In: open files in their order. Out: one reader over all their bytes. Never opens a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Files one after the other.
#[derive(Debug)]
pub(super) struct Volumes {
    files: Vec<File>,
    /// Where each file starts, and where the last one ends.
    starts: Vec<u64>,
    at: u64,
}

impl Volumes {
    pub(super) fn new(files: Vec<File>) -> io::Result<Self> {
        let mut starts = vec![0_u64];
        let mut end = 0_u64;
        for file in &files {
            end = end.saturating_add(file.metadata()?.len());
            starts.push(end);
        }
        Ok(Volumes {
            files,
            starts,
            at: 0,
        })
    }

    /// Bytes in all volumes.
    pub(super) fn len(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// How many volumes.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// Where volume `number`, counted from 0, starts.
    pub(super) fn start(&self, number: usize) -> Option<u64> {
        (number < self.files.len())
            .then(|| self.starts.get(number).copied())
            .flatten()
    }

    /// Up to `length` bytes from a place.
    pub(super) fn peek(&mut self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        self.at = at;
        let mut bytes = Vec::new();
        self.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Volumes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.len() {
            return Ok(0);
        }
        let index = self.starts.partition_point(|start| *start <= self.at) - 1;
        let within = self.at - self.starts[index];
        let left = usize::try_from(self.starts[index + 1] - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut file = &self.files[index];
        file.seek(SeekFrom::Start(within))?;
        let read = file.read(&mut buffer[..wanted])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Volumes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = place(to, self.at, self.len())?;
        Ok(self.at)
    }
}

/// Where a seek leads in something of this length.
pub(super) fn place(to: SeekFrom, at: u64, length: u64) -> io::Result<u64> {
    let target = match to {
        SeekFrom::Start(at) => Some(at),
        SeekFrom::Current(by) => at.checked_add_signed(by),
        SeekFrom::End(by) => length.checked_add_signed(by),
    };
    target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the start"))
}
