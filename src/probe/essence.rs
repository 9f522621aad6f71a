//! What is inside a file, whatever it is wrapped in. In: the packets of picture and sound in the order of the file. Out:
//! an [`Essence`], equal for the same encoded data in another container or with other metadata. Never decodes.
//!
//! Rewrapping changes more than the container: H.264 and HEVC have their units behind lengths in MP4 and behind start codes in
//! transport streams, parameter sets move between header and packets, delimiters and fill come and go, AAC gets an ADTS
//! header. All of that is left out of the hash; what is left is what the encoder wrote.

use serde::{Deserialize, Serialize};

use crate::id::ContentHash;

/// The hashes of the encoded data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Essence {
    /// BLAKE3 of the picture's data.
    pub video: ContentHash,
    /// BLAKE3 of the sound's data; none where there is no sound.
    pub audio: Option<ContentHash>,
}

/// Hashes the packets of one stream.
#[derive(Debug)]
pub struct StreamHasher {
    hasher: blake3::Hasher,
    form: Form,
}

/// What must be taken apart before it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Units behind start codes (ITU-T H.264 annex B).
    StartCodes(Units),
    /// Units behind a length of so many bytes (ISO/IEC 14496-15).
    Lengths(Units, usize),
    /// AAC, perhaps behind ADTS headers.
    Aac,
    /// Equal in every container, if perhaps cut in other places.
    Plain,
}

/// Whose units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Units {
    H264,
    Hevc,
}

impl StreamHasher {
    /// For a codec (FFmpeg's name) with its configuration as the container keeps it.
    pub fn new(codec: &str, configuration: &[u8]) -> Self {
        let form = match codec {
            "h264" => Form::of_units(Units::H264, configuration, 4),
            "hevc" => Form::of_units(Units::Hevc, configuration, 21),
            "aac" => Form::Aac,
            _ => Form::Plain,
        };
        StreamHasher {
            hasher: blake3::Hasher::new(),
            form,
        }
    }

    /// Takes the next packet's payload.
    pub fn update(&mut self, packet: &[u8]) {
        match self.form {
            Form::StartCodes(units) => {
                for unit in between_start_codes(packet) {
                    self.unit(units, unit);
                }
            }
            Form::Lengths(units, size) => {
                for unit in behind_lengths(packet, size) {
                    self.unit(units, unit);
                }
            }
            Form::Aac => {
                self.hasher.update(without_adts(packet));
            }
            Form::Plain => {
                self.hasher.update(packet);
            }
        }
    }

    /// The hash of everything taken.
    pub fn finish(&self) -> ContentHash {
        self.hasher.finalize().into()
    }

    fn unit(&mut self, units: Units, unit: &[u8]) {
        // Zeros behind a unit belong to the next start code, or are stuffing.
        let end = unit
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at + 1);
        let unit = &unit[..end];
        if units.is_picture(unit) {
            self.hasher.update(&(unit.len() as u64).to_le_bytes());
            self.hasher.update(unit);
        }
    }
}

impl Form {
    /// The size of the lengths is in the configuration's byte `at`; one that begins with a start code, or none, means
    /// start codes in the packets as well.
    fn of_units(units: Units, configuration: &[u8], at: usize) -> Self {
        match (configuration.first(), configuration.get(at)) {
            (Some(1), Some(byte)) => Form::Lengths(units, usize::from(byte & 3) + 1),
            _ => Form::StartCodes(units),
        }
    }
}

impl Units {
    /// Whether a unit carries picture: no parameter set, delimiter, end mark, fill or supplemental information.
    fn is_picture(self, unit: &[u8]) -> bool {
        let Some(first) = unit.first() else {
            return false;
        };
        match self {
            Units::H264 => !matches!(first & 0x1f, 6..=13 | 15),
            Units::Hevc => !matches!(first >> 1 & 0x3f, 32..=40),
        }
    }
}

/// The units between start codes `00 00 01`.
fn between_start_codes(packet: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= packet.len() {
        match packet[at..at + 3] {
            [0, 0, 1] => {
                starts.push(at);
                at += 3;
            }
            [_, _, last] if last > 1 => at += 3,
            _ => at += 1,
        }
    }
    let ends = starts.iter().skip(1).copied().chain([packet.len()]);
    let units = starts.iter().zip(ends);
    units.map(|(start, end)| &packet[start + 3..end]).collect()
}

/// The units behind their lengths; a length beyond the packet ends it.
fn behind_lengths(mut packet: &[u8], size: usize) -> Vec<&[u8]> {
    let mut units = Vec::new();
    while let Some((length, rest)) = packet.split_at_checked(size) {
        let length = length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let Some((unit, rest)) = rest.split_at_checked(length) else {
            units.push(rest);
            break;
        };
        units.push(unit);
        packet = rest;
    }
    units
}

/// An AAC frame without the header that transport streams put before it (ISO/IEC 14496-3, 1.A.3.2.1).
fn without_adts(packet: &[u8]) -> &[u8] {
    let [0xff, flags, _, _, _, _, _, ..] = packet else {
        return packet;
    };
    if flags & 0xf6 != 0xf0 {
        return packet;
    }
    let length = usize::from(packet[3] & 3) << 11
        | usize::from(packet[4]) << 3
        | usize::from(packet[5]) >> 5;
    let header = if flags & 1 == 1 { 7 } else { 9 };
    // Two bytes may look like a header by chance; the length tells.
    if length == packet.len() {
        packet.get(header..).unwrap_or_default()
    } else {
        packet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICE: &[u8] = &[0x65, 1, 2, 3];
    const PARAMETERS: &[u8] = &[0x67, 9, 9];
    const DELIMITER: &[u8] = &[0x09, 0xf0];

    fn lengths(units: &[&[u8]]) -> Vec<u8> {
        let bytes =
            |unit: &&[u8]| [&u32::try_from(unit.len()).unwrap().to_be_bytes(), *unit].concat();
        units.iter().flat_map(bytes).collect()
    }

    fn start_codes(units: &[&[u8]]) -> Vec<u8> {
        units
            .iter()
            .flat_map(|unit| [&[0, 0, 0, 1], *unit].concat())
            .collect()
    }

    fn hash(codec: &str, configuration: &[u8], packets: &[Vec<u8>]) -> ContentHash {
        let mut hasher = StreamHasher::new(codec, configuration);
        for packet in packets {
            hasher.update(packet);
        }
        hasher.finish()
    }

    const AVCC: &[u8] = &[1, 100, 0, 40, 0xff, 0xe1];

    #[test]
    fn the_same_units_behind_lengths_and_start_codes_are_equal() {
        let mp4 = hash("h264", AVCC, &[lengths(&[SLICE]), lengths(&[&[0x41, 7]])]);
        let ts = hash(
            "h264",
            &[],
            &[
                start_codes(&[DELIMITER, PARAMETERS, SLICE]),
                start_codes(&[DELIMITER, &[0x41, 7]]),
            ],
        );
        assert_eq!(mp4, ts);
        let other = hash("h264", AVCC, &[lengths(&[SLICE]), lengths(&[&[0x41, 8]])]);
        assert_ne!(mp4, other);
    }

    #[test]
    fn an_order_or_a_border_of_units_that_differs_is_another_film() {
        let one = hash("h264", AVCC, &[lengths(&[&[0x41, 1], &[0x41, 2]])]);
        assert_ne!(
            one,
            hash("h264", AVCC, &[lengths(&[&[0x41, 2], &[0x41, 1]])])
        );
        assert_ne!(one, hash("h264", AVCC, &[lengths(&[&[0x41, 1, 0x41, 2]])]));
    }

    #[test]
    fn adts_headers_do_not_count_and_chance_is_not_taken_for_one() {
        let adts = vec![0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 1, 2];
        assert_eq!(
            hash("aac", &[], &[adts]),
            hash("aac", &[0x12, 0x10], &[vec![1, 2]])
        );
        let alike = vec![0xff, 0xf1, 0, 0, 0, 0, 0, 1];
        assert_eq!(without_adts(&alike), alike);
    }

    #[test]
    fn spoilt_lengths_end_a_packet_and_lose_no_byte() {
        assert_eq!(behind_lengths(&[0, 0, 0, 9, 1, 2], 4), [&[1, 2]]);
        assert_eq!(behind_lengths(&[0, 0], 4), [] as [&[u8]; 0]);
        assert!(between_start_codes(&[0, 0]).is_empty());
    }
}
