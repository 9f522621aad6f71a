//! H.264 byte streams. In: Annex B access units from the encoder. Out: the length-prefixed form and the `avcC` record
//! that MP4 wants (ISO/IEC 14496-15 §5). Never re-encodes.

/// NAL unit types that belong in the sample entry and not in the samples (ITU-T H.264 table 7-1).
const SPS: u8 = 7;
const PPS: u8 = 8;
const ACCESS_UNIT_DELIMITER: u8 = 9;
/// A slice of an IDR picture.
const IDR: u8 = 5;

/// Parameter sets of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvcConfig {
    /// Sequence parameter set, without start code.
    pub sps: Vec<u8>,
    /// Picture parameter set, without start code.
    pub pps: Vec<u8>,
}

impl AvcConfig {
    /// From the encoder's headers (Annex B); none where a parameter set is missing or too short.
    pub fn from_annex_b(headers: &[u8]) -> Option<Self> {
        let find = |kind| {
            nal_units(headers)
                .into_iter()
                .find(|nal| nal_type(nal) == Some(kind))
                .map(<[u8]>::to_vec)
        };
        let config = AvcConfig {
            sps: find(SPS)?,
            pps: find(PPS)?,
        };
        (config.sps.len() >= 4).then_some(config)
    }

    /// From an `AVCDecoderConfigurationRecord` (§5.3.3.1); none where it is cut short or has not one set of each kind.
    pub fn from_record(record: &[u8]) -> Option<Self> {
        let set = |at: usize| -> Option<(&[u8], usize)> {
            let length = record.get(at..at + 2)?;
            let end = at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            Some((record.get(at + 2..end)?, end))
        };
        if *record.get(5)? & 0x1f != 1 {
            return None;
        }
        let (sps, end) = set(6)?;
        if *record.get(end)? != 1 {
            return None;
        }
        let (pps, _) = set(end + 1)?;
        let config = AvcConfig {
            sps: sps.to_vec(),
            pps: pps.to_vec(),
        };
        (config.sps.len() >= 4).then_some(config)
    }

    /// `AVCDecoderConfigurationRecord` (§5.3.3.1.2) with four-byte lengths, for 8-bit 4:2:0.
    pub fn to_record(&self) -> Vec<u8> {
        let length = |set: &[u8]| u16::try_from(set.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut record = vec![1, self.sps[1], self.sps[2], self.sps[3], 0xff, 0xe1];
        record.extend(length(&self.sps));
        record.extend(&self.sps);
        record.push(1);
        record.extend(length(&self.pps));
        record.extend(&self.pps);
        if self.sps[1] >= 100 {
            // chroma_format 1 (4:2:0), 8 bits luma and chroma, no SPS extensions.
            record.extend([0xfd, 0xf8, 0xf8, 0]);
        }
        record
    }

    /// The `codecs` parameter (RFC 6381 §3.3): profile, constraints and level in hexadecimal.
    pub fn codecs(&self) -> String {
        format!(
            "avc1.{:02x}{:02x}{:02x}",
            self.sps[1], self.sps[2], self.sps[3]
        )
    }
}

/// An access unit with a four-byte length before each NAL unit. Parameter sets stay in the sample entry (`avc1`).
pub fn length_prefixed(annex_b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(annex_b.len() + 8);
    for nal in nal_units(annex_b) {
        if matches!(
            nal_type(nal),
            None | Some(SPS | PPS | ACCESS_UNIT_DELIMITER)
        ) {
            continue;
        }
        out.extend(u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(nal);
    }
    out
}

/// Whether an access unit holds an IDR picture.
pub(super) fn has_idr(annex_b: &[u8]) -> bool {
    nal_units(annex_b)
        .into_iter()
        .any(|nal| nal_type(nal) == Some(IDR))
}

fn nal_type(nal: &[u8]) -> Option<u8> {
    nal.first().map(|byte| byte & 0x1f)
}

/// The NAL units between start codes `00 00 01`; a zero before a start code belongs to it (Annex B.1.1).
fn nal_units(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= bytes.len() {
        // Most bytes are not zero: skip by the last of the three.
        match bytes[at + 2] {
            1 if bytes[at] == 0 && bytes[at + 1] == 0 => {
                starts.push(at);
                at += 3;
            }
            0 => at += 1,
            _ => at += 3,
        }
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| trim_zeros(&bytes[start + 3..end]))
        .collect()
}

fn trim_zeros(nal: &[u8]) -> &[u8] {
    let end = nal
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    &nal[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = &[
        0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0xac, 0, 0, 1, 0x68, 0xee, 0, 0, 0, 1, 0x65, 0x88, 0, 3,
        0, 0, 1, 0x41, 9,
    ];

    #[test]
    fn parameter_sets_become_a_record_and_a_codecs_text() {
        let config = AvcConfig::from_annex_b(STREAM).unwrap();
        assert_eq!(config.codecs(), "avc1.640028");
        let record = config.to_record();
        assert_eq!(AvcConfig::from_record(&record), Some(config));
        assert_eq!(AvcConfig::from_record(&record[..12]), None);
        assert_eq!(&record[..8], [1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 5]);
        assert_eq!(&record[record.len() - 4..], [0xfd, 0xf8, 0xf8, 0]);
    }

    #[test]
    fn samples_hold_slices_only_with_their_lengths() {
        assert_eq!(
            length_prefixed(STREAM),
            [0, 0, 0, 4, 0x65, 0x88, 0, 3, 0, 0, 0, 2, 0x41, 9]
        );
    }

    #[test]
    fn headers_without_parameter_sets_are_refused() {
        assert_eq!(AvcConfig::from_annex_b(&[0, 0, 1, 0x65, 1]), None);
        assert_eq!(AvcConfig::from_annex_b(&[]), None);
    }
}
