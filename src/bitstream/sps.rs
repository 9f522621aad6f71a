//! The sequence parameter set of H.264 (ITU-T H.264 §7.3.2.1.1 and annex E). In: the NAL unit from `avcC`. Out: [`Sps`].
//! Reads what clauses ask about, and nothing of a damaged one.

use super::bits::Bits;

/// Profiles whose parameter sets say how chroma is sampled.
const WITH_CHROMA: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// `aspect_ratio_idc` that writes the ratio out, and the table of the others (table E-1).
const EXTENDED_SAR: u32 = 255;
const SAR: [(u32, u32); 17] = [
    (1, 1),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];
/// Sides beyond this are nobody's video.
const MAX_SIDE: u64 = 65_535;

/// What a parameter set says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sps {
    pub(crate) profile: u32,
    pub(crate) level: u32,
    /// 1 is 4:2:0.
    pub(crate) chroma: u32,
    pub(crate) bit_depth: u32,
    /// In pixels, cropped.
    pub(crate) width: u64,
    /// In pixels, cropped.
    pub(crate) height: u64,
    /// Macroblocks of a frame.
    pub(crate) macroblocks: u64,
    pub(crate) frames_only: bool,
    pub(crate) reference_frames: u32,
    pub(crate) sar: (u32, u32),
    /// Primaries, transfer, matrix (ISO/IEC 23091-2), where they are tagged.
    pub(crate) colour: Option<(u32, u32, u32)>,
    pub(crate) decoding_frames: Option<u32>,
}

/// Reads a parameter set with its NAL header.
pub(crate) fn read(nal: &[u8]) -> Option<Sps> {
    if nal.first()? & 0x1f != 7 {
        return None;
    }
    let payload = without_emulation(nal.get(1..)?);
    let mut bits = Bits::new(&payload);
    let profile = bits.bits(8)?;
    bits.bits(8)?;
    let level = bits.bits(8)?;
    bits.unsigned()?;
    let (mut chroma, mut bit_depth) = (1, 8);
    if WITH_CHROMA.contains(&profile) {
        chroma = bits.unsigned()?;
        if chroma == 3 {
            bits.bit()?;
        }
        bit_depth = bits.unsigned()?.checked_add(8)?;
        bits.unsigned()?;
        bits.bit()?;
        if bits.bit()? {
            scaling_lists(&mut bits, if chroma == 3 { 12 } else { 8 })?;
        }
    }
    bits.unsigned()?;
    order_count(&mut bits)?;
    let reference_frames = bits.unsigned()?;
    bits.bit()?;
    let columns = u64::from(bits.unsigned()?) + 1;
    let map_rows = u64::from(bits.unsigned()?) + 1;
    let frames_only = bits.bit()?;
    if !frames_only {
        bits.bit()?;
    }
    bits.bit()?;
    let rows = map_rows * if frames_only { 1 } else { 2 };
    let crop = cropping(&mut bits, chroma, frames_only)?;
    let size = |macroblocks: u64, crop: u64| {
        let side = macroblocks.checked_mul(16)?.checked_sub(crop)?;
        (1..=MAX_SIDE).contains(&side).then_some(side)
    };
    let mut sps = Sps {
        profile,
        level,
        chroma,
        bit_depth,
        width: size(columns, crop.0)?,
        height: size(rows, crop.1)?,
        macroblocks: columns * rows,
        frames_only,
        reference_frames,
        sar: (1, 1),
        colour: None,
        decoding_frames: None,
    };
    if bits.bit()? {
        usability(&mut bits, &mut sps)?;
    }
    Some(sps)
}

/// Takes out the 3 of `00 00 03` (§7.4.1.1).
fn without_emulation(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for &byte in nal {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

fn scaling_lists(bits: &mut Bits<'_>, lists: usize) -> Option<()> {
    for list in 0..lists {
        if !bits.bit()? {
            continue;
        }
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + bits.signed()?).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

fn order_count(bits: &mut Bits<'_>) -> Option<()> {
    match bits.unsigned()? {
        0 => drop(bits.unsigned()?),
        1 => {
            bits.bit()?;
            bits.signed()?;
            bits.signed()?;
            // num_ref_frames_in_pic_order_cnt_cycle: 0 to 255.
            for _ in 0..bits.unsigned().filter(|count| *count <= 255)? {
                bits.signed()?;
            }
        }
        _ => {}
    }
    Some(())
}

fn cropping(bits: &mut Bits<'_>, chroma: u32, frames_only: bool) -> Option<(u64, u64)> {
    if !bits.bit()? {
        return Some((0, 0));
    }
    let sides = [
        bits.unsigned()?,
        bits.unsigned()?,
        bits.unsigned()?,
        bits.unsigned()?,
    ];
    let [left, right, top, bottom] = sides.map(u64::from);
    let across = if matches!(chroma, 1 | 2) { 2 } else { 1 };
    let down = if chroma == 1 { 2 } else { 1 } * if frames_only { 1 } else { 2 };
    Some(((left + right) * across, (top + bottom) * down))
}

fn usability(bits: &mut Bits<'_>, sps: &mut Sps) -> Option<()> {
    if bits.bit()? {
        let ratio = bits.bits(8)?;
        sps.sar = if ratio == EXTENDED_SAR {
            (bits.bits(16)?, bits.bits(16)?)
        } else {
            SAR.get(ratio as usize).copied().unwrap_or((1, 1))
        };
    }
    if bits.bit()? {
        bits.bit()?;
    }
    if bits.bit()? {
        bits.bits(4)?;
        if bits.bit()? {
            sps.colour = Some((bits.bits(8)?, bits.bits(8)?, bits.bits(8)?));
        }
    }
    if bits.bit()? {
        bits.unsigned()?;
        bits.unsigned()?;
    }
    if bits.bit()? {
        bits.bits(32)?;
        bits.bits(32)?;
        bits.bit()?;
    }
    let nal_hrd = bits.bit()?;
    if nal_hrd {
        reference_decoder(bits)?;
    }
    let vcl_hrd = bits.bit()?;
    if vcl_hrd {
        reference_decoder(bits)?;
    }
    if nal_hrd || vcl_hrd {
        bits.bit()?;
    }
    bits.bit()?;
    if bits.bit()? {
        bits.bit()?;
        for _ in 0..5 {
            bits.unsigned()?;
        }
        sps.decoding_frames = Some(bits.unsigned()?);
    }
    Some(())
}

fn reference_decoder(bits: &mut Bits<'_>) -> Option<()> {
    let schedules = bits.unsigned().filter(|count| *count <= 31)? + 1;
    bits.bits(8)?;
    for _ in 0..schedules {
        bits.unsigned()?;
        bits.unsigned()?;
        bits.bit()?;
    }
    bits.bits(20)?;
    Some(())
}

/// What a level allows H.264 High (tables ).
struct Level {
    /// `level_idc`: 11 for level 1.1.
    idc: u32,
    /// Macroblocks a second, of a frame, and of all decoded frames.
    rate: u64,
    frame: u64,
    decoded: u64,
    /// Bits a second, and of the buffer, in units of 1250 bits.
    bits: u64,
    buffer: u64,
}

const fn level(idc: u32, [rate, frame, decoded]: [u64; 3], [bits, buffer]: [u64; 2]) -> Level {
    Level {
        idc,
        rate,
        frame,
        decoded,
        bits,
        buffer,
    }
}

const LEVELS: [Level; 17] = [
    level(10, [1485, 99, 396], [64, 175]),
    level(11, [3000, 396, 900], [192, 500]),
    level(12, [6000, 396, 2376], [384, 1000]),
    level(13, [11_880, 396, 2376], [768, 2000]),
    level(20, [11_880, 396, 2376], [2000, 2000]),
    level(21, [19_800, 792, 4752], [4000, 4000]),
    level(22, [20_250, 1620, 8100], [4000, 4000]),
    level(30, [40_500, 1620, 8100], [10_000, 10_000]),
    level(31, [108_000, 3600, 18_000], [14_000, 14_000]),
    level(32, [216_000, 5120, 20_480], [20_000, 20_000]),
    level(40, [245_760, 8192, 32_768], [20_000, 25_000]),
    level(41, [245_760, 8192, 32_768], [50_000, 62_500]),
    level(42, [522_240, 8704, 34_816], [50_000, 62_500]),
    level(50, [589_824, 22_080, 110_400], [135_000, 135_000]),
    level(51, [983_040, 36_864, 184_320], [240_000, 240_000]),
    level(52, [2_073_600, 36_864, 184_320], [240_000, 240_000]),
    level(60, [4_177_920, 139_264, 696_320], [240_000, 240_000]),
];

/// The lowest level for H.264 High that holds such a picture, as `level_idc`.
pub(crate) fn lowest_level(sps: &Sps, frame_rate: f64, peak: f64) -> u32 {
    let frames = sps.decoding_frames.unwrap_or(sps.reference_frames).max(1);
    let mut fits = LEVELS.iter().filter(|level| {
        sps.macroblocks <= level.frame
            && sps.macroblocks.saturating_mul(u64::from(frames)) <= level.decoded
            && sps.macroblocks as f64 * frame_rate <= level.rate as f64 + 0.5
            && peak <= level.bits as f64 * 1250.0
    });
    fits.next().map_or(62, |level| level.idc)
}

/// Bits a second and of the buffer that pictures of this size and rate may have before they need a higher level than their size does.
pub(crate) fn bits_of_its_level((width, height): (u32, u32), frame_rate: f64) -> (u64, u64) {
    let macroblocks = u64::from(width.div_ceil(16)) * u64::from(height.div_ceil(16));
    let holds = |level: &&Level| {
        macroblocks <= level.frame && macroblocks as f64 * frame_rate <= level.rate as f64 + 0.5
    };
    let level = LEVELS.iter().find(holds).unwrap_or(&LEVELS[16]);
    (level.bits * 1250, level.buffer * 1250)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264's own, 1920x1080 at 25 fps, High, level 4.0, bt709.
    const X264: &[u8] = &[
        0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0x9a, 0x80, 0x80, 0x80,
        0xa0, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x06, 0x51, 0xe3, 0x06, 0x32, 0xc0,
    ];

    #[test]
    fn a_small_picture_has_few_bits_in_its_level() {
        assert_eq!(bits_of_its_level((176, 144), 15.0), (80_000, 218_750));
        assert_eq!(bits_of_its_level((320, 180), 25.0), (480_000, 1_250_000));
        assert_eq!(bits_of_its_level((1920, 1080), 30.0).0, 25_000_000);
    }

    #[test]
    fn what_x264_writes_is_understood() {
        let sps = read(X264).unwrap();
        assert_eq!((sps.width, sps.height, sps.level), (1920, 1080, 40));
        assert_eq!(sps.macroblocks, 120 * 68);
        assert!(sps.frames_only);
        assert_eq!((sps.profile, sps.chroma, sps.bit_depth), (100, 1, 8));
    }

    #[test]
    fn a_cut_off_one_is_nothing_and_never_a_panic() {
        for length in 0..X264.len() - 2 {
            let _ = read(&X264[..length]);
        }
        assert_eq!(read(&X264[..8]), None);
        assert_eq!(read(&[0x68, 1, 2]), None);
    }

    #[test]
    fn full_hd_at_30_needs_level_4_and_at_60_4_2() {
        let sps = read(X264).unwrap();
        assert_eq!(lowest_level(&sps, 30.0, 6e6), 40);
        assert_eq!(lowest_level(&sps, 60.0, 6e6), 42);
        assert_eq!(lowest_level(&sps, 30.0, 40e6), 41);
    }
}
