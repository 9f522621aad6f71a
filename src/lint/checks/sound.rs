//! The sound's coding (Apple 2; ISO/IEC 14496-3).

use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::fmp4::Entry;
use crate::lint::package::Rendition;

/// Apple 2.9, in bit/s, for stereo.
const BIT_RATES: std::ops::RangeInclusive<u32> = 96_000..=160_000;
/// AAC-LC (ISO/IEC 14496-3, table 1.17).
const AAC_LC: u32 = 2;

pub(super) fn check(rendition: &Rendition, findings: &mut Findings) {
    for (map, init) in rendition.media.maps.iter().zip(&rendition.inits) {
        for track in init.iter().flat_map(|init| &init.tracks) {
            entry(&rendition.file, map.line, &track.entry, findings);
        }
    }
}

fn entry(file: &str, line: usize, entry: &Entry, findings: &mut Findings) {
    let Entry::Aac {
        object,
        sample_rate,
        channels,
        bit_rate,
    } = *entry
    else {
        return;
    };
    let mut tell = |clause, zh: String, en: String| findings.add(clause, file, line, zh, en);
    if object != AAC_LC {
        tell(
            Clause::SoundCodec,
            format!("声音是 mp4a.40.{object}"),
            format!("the sound is mp4a.40.{object}"),
        );
    }
    if channels != 2 {
        tell(
            Clause::SoundStereo,
            format!("声音有 {channels} 个声道"),
            format!("the sound has {channels} channels"),
        );
    }
    if sample_rate != 48_000 {
        tell(
            Clause::SoundSampleRate,
            format!("采样率是 {sample_rate}"),
            format!("the sampling rate is {sample_rate}"),
        );
    }
    // Zero says that the writer does not know.
    if channels == 2 && bit_rate > 0 && !BIT_RATES.contains(&bit_rate) {
        tell(
            Clause::SoundBitRate,
            format!("声音 {} kb/s", bit_rate / 1000),
            format!("the sound has {} kb/s", bit_rate / 1000),
        );
    }
}
