//! Could the picture's packets be packaged as they are? In: the H.264 packets of a film and the times they are shown. Out:
//! [`ClosedGops`]: where an IDR picture lies on a constant frame rate, and what each group weighs; nothing where packets
//! cannot be put into segments without decoding them. Never judges sizes or rates: that is `transcode`'s.

use serde::{Deserialize, Serialize};

use crate::bitstream::sps;
use crate::units::FrameRate;

/// IDR pictures that are remembered: an hour and a half of two a second.
const MAX_IDRS: usize = 10_000;
/// Pictures may be reordered by so many (`max_num_reorder_frames`, ITU-T H.264 E.2.1).
const MAX_REORDERED: i64 = 16;
/// A frame belongs to a slot of the constant rate if it is off by at most this share of a frame.
const OFF_THE_GRID: f64 = 0.25;

/// NAL unit types (ITU-T H.264 table 7-1).
const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;

/// A stream that can be cut without being decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedGops {
    /// The constant rate on which every frame lies.
    pub frame_rate: FrameRate,
    /// Frames of the stream.
    pub frames: u64,
    /// Frames by which reordering delays the picture.
    pub delay: u32,
    /// Its groups in order, the first at frame 0; each begins with an IDR picture.
    pub gops: Vec<Gop>,
}

/// From one IDR picture to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gop {
    /// Number of its first frame, which is first in decoding order and in display order.
    pub frame: u64,
    /// Bytes of its packets.
    pub bytes: u64,
}

/// Looks at the packets as they pass.
#[derive(Debug)]
pub(super) struct GopWatch {
    // None once something was found that cannot be packaged as it is.
    stream: Option<Stream>,
}

#[derive(Debug)]
struct Stream {
    length_size: usize,
    sps: Vec<u8>,
    pps: Vec<u8>,
    /// In pixels, by the parameter set: a decoder may round what is cropped.
    size: (u64, u64),
    packets: u64,
    gops: Vec<Gop>,
}

impl GopWatch {
    /// For a stream of this codec (FFmpeg's name) with its configuration as the container keeps it.
    pub(super) fn new(codec: &str, configuration: &[u8]) -> Self {
        let stream = (codec == "h264").then(|| Stream::new(configuration));
        GopWatch {
            stream: stream.flatten(),
        }
    }

    /// Takes the next packet in decoding order. `whole` says that it is shown, and that nothing of it is missing.
    pub(super) fn offer(&mut self, packet: &[u8], whole: bool) {
        if let Some(stream) = &mut self.stream
            && (!whole || stream.add(packet).is_none())
        {
            self.stream = None;
        }
    }

    /// What was found. `times` are those of all packets, in microseconds and in decoding order; `size` is what the decoder
    /// gave, in pixels.
    pub(super) fn finish(
        self,
        times: &[i64],
        rate: FrameRate,
        size: (u32, u32),
    ) -> Option<ClosedGops> {
        let stream = self.stream?;
        if stream.size != (u64::from(size.0), u64::from(size.1)) {
            return None;
        }
        let frame_rate = FrameRate::nearest_standard(rate.as_f64());
        let slots = slots(times, frame_rate)?;
        let delay = delay(&slots)?;
        // An IDR picture is first in both orders: what was decoded before it is shown before it.
        let is_first = |gop: &Gop| {
            let at = usize::try_from(gop.frame).unwrap_or(usize::MAX);
            slots.get(at) == Some(&gop.frame)
        };
        let fits = stream.packets == slots.len() as u64
            && stream.gops.first().is_some_and(|gop| gop.frame == 0)
            && stream.gops.iter().all(is_first);
        fits.then_some(ClosedGops {
            frame_rate,
            frames: stream.packets,
            delay,
            gops: stream.gops,
        })
    }
}

impl Stream {
    /// From an `avcC` record (ISO/IEC 14496-15 §5.3.3.1.2) with one parameter set of each kind (a sample entry of ours holds
    /// no more) and whole frames only.
    fn new(configuration: &[u8]) -> Option<Self> {
        if *configuration.first()? != 1 {
            return None;
        }
        let length_size = usize::from(configuration.get(4)? & 3) + 1;
        let (sps, rest) = only_set(configuration.get(5)? & 0x1f, configuration.get(6..)?)?;
        let (pps, _) = only_set(*rest.first()?, rest.get(1..)?)?;
        let facts = sps::read(sps)?;
        // Fields are allowed even where all pictures are whole: players that look at the parameter set would deinterlace.
        if !facts.frames_only {
            return None;
        }
        Some(Stream {
            size: (facts.width, facts.height),
            length_size,
            sps: sps.to_vec(),
            pps: pps.to_vec(),
            packets: 0,
            gops: vec![],
        })
    }

    fn add(&mut self, packet: &[u8]) -> Option<()> {
        let mut is_idr = false;
        let mut rest = packet;
        while !rest.is_empty() {
            let (length, behind) = rest.split_at_checked(self.length_size)?;
            let length = length
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            let (unit, behind) = behind.split_at_checked(length)?;
            rest = behind;
            match unit.first().map(|byte| byte & 0x1f) {
                Some(IDR) => is_idr = true,
                // The same again is left out; another one would change the picture in the middle.
                Some(SPS) if unit != self.sps => return None,
                Some(PPS) if unit != self.pps => return None,
                _ => {}
            }
        }
        if is_idr {
            if self.gops.len() >= MAX_IDRS {
                return None;
            }
            self.gops.push(Gop {
                frame: self.packets,
                bytes: 0,
            });
        }
        self.gops.last_mut()?.bytes += packet.len() as u64;
        self.packets += 1;
        Some(())
    }
}

/// The only parameter set of a list of `count`, and what follows.
fn only_set(count: u8, list: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = list.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    rest.split_at_checked(length).filter(|_| count == 1)
}

/// The frame numbers of all packets in decoding order; none where they do not lie on the rate's grid, each slot once.
fn slots(times: &[i64], rate: FrameRate) -> Option<Vec<u64>> {
    let mut taken = vec![false; times.len()];
    let mut slots = Vec::with_capacity(times.len());
    for time in times {
        let exact = *time as f64 / 1e6 * rate.as_f64();
        if exact < -OFF_THE_GRID || (exact - exact.round()).abs() > OFF_THE_GRID {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least -0.25 before it is rounded; too large is no slot"
        )]
        let slot = exact.round().max(0.0) as usize;
        let free = taken.get_mut(slot)?;
        if std::mem::replace(free, true) {
            return None;
        }
        slots.push(slot as u64);
    }
    Some(slots)
}

/// The most by which a picture is decoded later than its number would have it.
fn delay(slots: &[u64]) -> Option<u32> {
    let late = slots.iter().enumerate().map(|(decoded, slot)| {
        i64::try_from(decoded).unwrap_or(i64::MAX) - i64::try_from(*slot).unwrap_or(0)
    });
    let most = late.max()?.max(0);
    u32::try_from(most).ok().filter(|_| most <= MAX_REORDERED)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264's own for a film of 64x36, High profile.
    const SPS_UNIT: [u8; 25] = [
        0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x44, 0x7f, 0x9f, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
        0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x59, 0x60,
    ];
    /// The same with `fake-interlaced`: fields are allowed.
    const WITH_FIELDS: [u8; 25] = [
        0x67, 0x64, 0x00, 0x15, 0xac, 0xd9, 0x44, 0x47, 0xc4, 0x60, 0x22, 0x00, 0x00, 0x03, 0x00,
        0x02, 0x00, 0x00, 0x03, 0x00, 0x64, 0x1e, 0x2c, 0x5b, 0x2c,
    ];
    const SIZE: (u32, u32) = (64, 36);
    const PPS_UNIT: [u8; 2] = [0x68, 0xee];

    fn configuration() -> Vec<u8> {
        with_sps(&SPS_UNIT)
    }

    fn with_sps(sps: &[u8]) -> Vec<u8> {
        let length = u8::try_from(sps.len()).unwrap();
        let mut record = vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, length];
        record.extend(sps);
        record.extend([1, 0, 2]);
        record.extend(PPS_UNIT);
        record
    }

    fn packet(units: &[&[u8]]) -> Vec<u8> {
        let mut packet = Vec::new();
        for unit in units {
            packet.extend(u32::try_from(unit.len()).unwrap().to_be_bytes());
            packet.extend(*unit);
        }
        packet
    }

    const RATE: FrameRate = FrameRate { num: 25, den: 1 };

    /// Frames as they are decoded: whether each is an IDR picture, and its number in display order.
    fn watched(frames: &[(bool, i64)]) -> Option<ClosedGops> {
        let mut watch = GopWatch::new("h264", &configuration());
        for (idr, _) in frames {
            let unit: &[u8] = if *idr { &[0x65, 1, 2] } else { &[0x41, 3] };
            watch.offer(&packet(&[unit]), true);
        }
        let times: Vec<i64> = frames.iter().map(|(_, slot)| slot * 40_000).collect();
        watch.finish(&times, RATE, SIZE)
    }

    const IDR_HERE: bool = true;
    const NO_IDR: bool = false;

    #[test]
    fn groups_and_the_delay_of_reordering_are_found() {
        let frames = [
            (IDR_HERE, 0),
            (NO_IDR, 2),
            (NO_IDR, 1),
            (IDR_HERE, 3),
            (NO_IDR, 4),
        ];
        let found = watched(&frames).unwrap();
        assert_eq!((found.frames, found.delay), (5, 1));
        assert_eq!(
            found.gops,
            [
                Gop {
                    frame: 0,
                    bytes: 7 + 6 + 6
                },
                Gop {
                    frame: 3,
                    bytes: 7 + 6
                }
            ]
        );
    }

    #[test]
    fn an_open_group_is_none() {
        // Frame 1 is decoded behind the second key frame and shown before it.
        assert_eq!(watched(&[(IDR_HERE, 0), (IDR_HERE, 2), (NO_IDR, 1)]), None);
        assert_eq!(watched(&[(NO_IDR, 0), (IDR_HERE, 1)]), None);
    }

    #[test]
    fn holes_and_frames_beside_the_grid_are_none() {
        assert_eq!(watched(&[(IDR_HERE, 0), (NO_IDR, 2)]), None);
        assert_eq!(watched(&[(IDR_HERE, 0), (NO_IDR, 0)]), None);
        let mut watch = GopWatch::new("h264", &configuration());
        watch.offer(&packet(&[&[0x65, 1]]), true);
        watch.offer(&packet(&[&[0x41, 1]]), true);
        assert_eq!(watch.finish(&[0, 55_000], RATE, SIZE), None);
    }

    #[test]
    fn parameter_sets_may_be_repeated_but_not_changed() {
        let with = |set: &[u8]| {
            let mut watch = GopWatch::new("h264", &configuration());
            watch.offer(&packet(&[set, &[0x65, 1]]), true);
            watch.finish(&[0], RATE, SIZE).is_some()
        };
        assert!(with(&SPS_UNIT) && with(&PPS_UNIT));
        assert!(!with(&[0x67, 0x64, 0, 0x29, 0xac]) && !with(&[0x68, 0xef]));
    }

    #[test]
    fn streams_that_allow_fields_and_sizes_that_a_decoder_rounds_are_none() {
        let found = |sps: &[u8], size| {
            let mut watch = GopWatch::new("h264", &with_sps(sps));
            watch.offer(&packet(&[&[0x65, 1]]), true);
            watch.finish(&[0], RATE, size).is_some()
        };
        assert!(found(&SPS_UNIT, SIZE));
        assert!(!found(&SPS_UNIT, (60, 36)));
        assert!(!found(&WITH_FIELDS, SIZE));
    }

    #[test]
    fn cut_and_hidden_packets_and_other_streams_are_none() {
        let fresh = || GopWatch::new("h264", &configuration());
        let offered = |packet: &[u8], whole| {
            let mut watch = fresh();
            watch.offer(packet, whole);
            watch.finish(&[0], RATE, SIZE).is_some()
        };
        assert!(offered(&packet(&[&[0x65, 1]]), true));
        assert!(!offered(&packet(&[&[0x65, 1]]), false), "hidden");
        assert!(!offered(&[0, 0, 0, 9, 0x65], true), "cut");
        assert!(!offered(&[], true), "empty");
        let other = |codec, configuration: &[u8]| {
            let mut watch = GopWatch::new(codec, configuration);
            watch.offer(&packet(&[&[0x65, 1]]), true);
            watch.finish(&[0], RATE, SIZE)
        };
        assert_eq!(other("hevc", &configuration()), None);
        assert_eq!(other("h264", &[0, 0, 1, 0x67]), None, "start codes");
        assert_eq!(other("h264", &configuration()[..9]), None, "cut record");
    }
}
