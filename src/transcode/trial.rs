//! Whether an encoder works on this computer: a short film is really encoded on every rung at once, as a job does. In: which encoder,
//! and the rungs. Out: nothing, or why not. Runs in the worker, since drivers may crash; writes nothing.

use serde::{Deserialize, Serialize};

use super::h264::{AvcConfig, has_idr};
use super::make::MakeError;
use crate::av::{EncodedPacket, Encoder, Frame, H264Encoder, VideoSettings};
use crate::preset::Rung;
use crate::units::FrameRate;

/// Frames that are encoded: two groups and a little.
const FRAMES: u32 = 60;
/// An IDR picture is asked for at each of so many frames.
const GOP: u32 = 25;

/// What is tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialOrder {
    /// Which encoder.
    pub encoder: H264Encoder,
    /// What it is to make at the same time.
    pub rungs: Vec<Rung>,
}

/// Encodes a short film on each rung, all open at once: hardware has a limit of that.
pub fn trial(order: &TrialOrder) -> Result<(), MakeError> {
    let mut open = Vec::new();
    for rung in &order.rungs {
        open.push((rung, Encoder::h264(&settings(order.encoder, rung))?));
    }
    for (rung, encoder) in &mut open {
        let packets = encode(encoder, rung)?;
        prove(order.encoder, encoder, &packets)?;
    }
    Ok(())
}

fn settings(encoder: H264Encoder, rung: &Rung) -> VideoSettings {
    VideoSettings {
        encoder,
        width: rung.width,
        height: rung.height,
        frame_rate: FrameRate { num: 25, den: 1 },
        crf: rung.crf,
        max_bit_rate: rung.max_bit_rate,
        buffer_bits: rung.buffer.0,
        gop_frames: GOP,
        preset: "veryfast".into(),
        options: vec![],
        threads: 1,
    }
}

fn encode(encoder: &mut Encoder, rung: &Rung) -> Result<Vec<EncodedPacket>, MakeError> {
    let mut packets = Vec::new();
    for index in 0..FRAMES {
        let mut frame = picture(rung, index)?;
        frame.set_pts(i64::from(index));
        if index.is_multiple_of(GOP) {
            frame.ask_for_idr();
        }
        encoder.send(&frame)?;
        while let Some(packet) = encoder.receive()? {
            packets.push(packet);
        }
    }
    encoder.finish()?;
    while let Some(packet) = encoder.receive()? {
        packets.push(packet);
    }
    Ok(packets)
}

/// A gradient that moves.
fn picture(rung: &Rung, index: u32) -> Result<Frame, MakeError> {
    let (width, height) = (rung.width as usize, rung.height as usize);
    let step = |at: usize| (at % width + at / width + index as usize * 4) / 8 % 220;
    let luma: Vec<u8> = (0..width * height)
        .map(|at| u8::try_from(16 + step(at)).unwrap_or(u8::MAX))
        .collect();
    let chroma = vec![128; width / 2 * (height / 2)];
    Ok(Frame::from_planes(
        rung.width,
        rung.height,
        [&luma, &chroma, &chroma],
    )?)
}

/// As many pictures as went in, each once, with an IDR picture wherever one was asked for, and each of them told.
fn prove(name: H264Encoder, encoder: &Encoder, packets: &[EncodedPacket]) -> Result<(), MakeError> {
    let wrong = |what: &str| Err(MakeError::Mismatch(format!("{} {what}", name.name())));
    if AvcConfig::from_annex_b(&encoder.headers()).is_none() {
        return wrong("gives no parameter sets");
    }
    let mut times: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
    times.sort_unstable();
    if times != (0..i64::from(FRAMES)).collect::<Vec<_>>() {
        return wrong("loses pictures or their times");
    }
    let right = packets.iter().all(|packet| {
        let is_asked_for = packet.pts % i64::from(GOP) == 0;
        let is_idr = has_idr(&packet.data);
        is_idr == packet.key && (is_idr || !is_asked_for)
    });
    if right {
        Ok(())
    } else {
        wrong("puts no key frame where one is asked for, or does not tell of it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset;

    fn order(encoder: H264Encoder) -> TrialOrder {
        let mut rungs = preset::ladder("balanced").unwrap().rungs;
        rungs.drain(..2);
        TrialOrder { encoder, rungs }
    }

    #[test]
    fn x264_passes_the_trial() {
        trial(&order(H264Encoder::X264)).unwrap();
    }

    #[test]
    fn an_encoder_of_another_system_says_that_it_is_not_there() {
        let error = trial(&order(H264Encoder::Videotoolbox)).unwrap_err();
        assert!(error.to_string().contains("h264_videotoolbox"), "{error}");
    }

    #[test]
    fn what_loses_a_picture_or_moves_a_key_frame_does_not_pass() {
        let order = order(H264Encoder::X264);
        let rung = &order.rungs[1];
        let mut encoder = Encoder::h264(&settings(H264Encoder::X264, rung)).unwrap();
        let packets = encode(&mut encoder, rung).unwrap();
        prove(H264Encoder::X264, &encoder, &packets).unwrap();
        let lost = &packets[..packets.len() - 1];
        let told = |packets: &[EncodedPacket]| {
            let error = prove(H264Encoder::X264, &encoder, packets).unwrap_err();
            error.to_string()
        };
        assert!(told(lost).contains("loses pictures"), "{}", told(lost));
        let mut moved = packets.clone();
        moved[3].key = true;
        assert!(told(&moved).contains("key frame"), "{}", told(&moved));
    }
}
