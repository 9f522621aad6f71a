//! The film's sound between decoder and encoder. In: stereo samples on the film's clock. Out: the same samples, as often
//! as wanted, and what they measure: the gain must be known before the first sample is encoded. Lies in the staging
//! folder, 23 MB a minute, and is removed when the sound is encoded; never holds more than a second in memory.

use std::fs::File;
use std::io::{BufWriter, Read, Write};

use super::loudness::{Levels, Meter};
use super::make::MakeError;
use crate::av::AudioSamples;
use crate::layout::Staging;

/// Name inside the staging folder.
const NAME: &str = "sound.pcm";
/// Two 32-bit floats: more than full scale is kept, as folded sound may have it.
const BYTES_A_SAMPLE: usize = 8;

fn failed(source: std::io::Error) -> MakeError {
    MakeError::Write {
        name: NAME.into(),
        source,
    }
}

/// A spool that is being filled.
pub(super) struct PcmWriter {
    name: &'static str,
    file: BufWriter<File>,
    meter: Meter,
}

impl PcmWriter {
    pub(super) fn new(staging: &Staging, sample_rate: u32) -> Result<Self, MakeError> {
        let file = staging.create(NAME).map_err(failed)?;
        Ok(PcmWriter {
            name: NAME,
            file: BufWriter::with_capacity(1 << 20, file),
            meter: Meter::new(sample_rate)?,
        })
    }

    pub(super) fn add(&mut self, run: &AudioSamples) -> Result<(), MakeError> {
        self.meter.add(run)?;
        let mut bytes = Vec::with_capacity(run.left.len() * BYTES_A_SAMPLE);
        for (left, right) in run.left.iter().zip(&run.right) {
            bytes.extend_from_slice(&left.to_le_bytes());
            bytes.extend_from_slice(&right.to_le_bytes());
        }
        self.file.write_all(&bytes).map_err(failed)
    }

    pub(super) fn finish(mut self) -> Result<Pcm, MakeError> {
        self.file.flush().map_err(failed)?;
        Ok(Pcm {
            name: self.name,
            levels: self.meter.levels(),
        })
    }
}

/// A spool that is complete.
pub(super) struct Pcm {
    name: &'static str,
    /// What the sound measures.
    pub(super) levels: Levels,
}

impl Pcm {
    /// The samples from the start, at most `most` at a time.
    pub(super) fn read(
        &self,
        staging: &Staging,
        most: usize,
        mut each: impl FnMut(&AudioSamples) -> Result<(), MakeError>,
    ) -> Result<(), MakeError> {
        let mut file = staging.open(self.name).map_err(failed)?;
        let mut bytes = vec![0; most * BYTES_A_SAMPLE];
        loop {
            let filled = fill(&mut file, &mut bytes).map_err(failed)?;
            if filled == 0 {
                return Ok(());
            }
            let mut run = AudioSamples::default();
            for pair in bytes[..filled].chunks_exact(BYTES_A_SAMPLE) {
                let sample = |at: usize| {
                    f32::from_le_bytes([pair[at], pair[at + 1], pair[at + 2], pair[at + 3]])
                };
                run.left.push(sample(0));
                run.right.push(sample(4));
            }
            each(&run)?;
        }
    }

    pub(super) fn remove(self, staging: &Staging) -> Result<(), MakeError> {
        staging.remove(self.name).map_err(failed)
    }
}

fn fill(file: &mut File, bytes: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_pieces_and_as_often_as_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::new(File::open(folder.path()).unwrap().into());
        let sound = AudioSamples {
            left: (0..1000).map(|i| i as f32 / 300.0).collect(),
            right: (0..1000).map(|i| -(i as f32) / 300.0).collect(),
        };
        let mut writer = PcmWriter::new(&staging, 48_000).unwrap();
        writer.add(&AudioSamples::default()).unwrap();
        writer.add(&sound).unwrap();
        let pcm = writer.finish().unwrap();
        assert!(pcm.levels.true_peak.unwrap() > 10.0);
        for _ in 0..2 {
            let (mut again, mut pieces) = (AudioSamples::default(), vec![]);
            let each = |run: &AudioSamples| {
                pieces.push(run.left.len());
                again.left.extend_from_slice(&run.left);
                again.right.extend_from_slice(&run.right);
                Ok(())
            };
            pcm.read(&staging, 300, each).unwrap();
            assert_eq!((again, pieces), (sound.clone(), vec![300, 300, 300, 100]));
        }
        pcm.remove(&staging).unwrap();
        assert!(staging.open(NAME).is_err());
    }
}
