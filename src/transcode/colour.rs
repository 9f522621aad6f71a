//! Colours that standard range does not have. In: what a picture's red, green and blue mean. Out: those of bt709, by the
//! standards' formulas. Pure; `recolour` tabulates them.
//!
//! HDR becomes what a display of standard range can show by one curve for PQ and HLG, so that both come out alike: up to about
//! 100 cd/m² light is kept as it is, so that faces and grey cards look as they did; above it is rolled off, smoothly, up
//! to the brightest that PQ can say. The roll-off goes by the largest of the three and takes all three down alike: hues
//! stay, and nothing is cut off. It is within a percent or so of the mean that BT.2390 gives for material of 1000 cd/m².

use super::ladder::{Primaries, Treatment};
use crate::probe::Hdr;

/// The light that SDR shows as its white: diffuse white of HDR (BT.2408), in cd/m².
const DIFFUSE_WHITE: f64 = 203.0;
/// The brightest light that PQ can say, in cd/m².
const BRIGHTEST: f64 = 10_000.0;
/// Up to this part of diffuse white light is kept as it is.
const KNEE: f64 = 0.5;
/// Peak of the display that HLG is shown on, in cd/m², and its system gamma (BT.2100).
const HLG_PEAK: f64 = 1000.0;
const HLG_GAMMA: f64 = 1.2;
/// Gamma of a display of standard range (BT.1886).
const GAMMA: f64 = 2.4;
/// D65, x and y.
const WHITE_POINT: [f64; 2] = [0.3127, 0.3290];

/// Red, green and blue.
pub type Rgb = [f64; 3];
type Matrix = [[f64; 3]; 3];

/// How the red, green and blue of a source become those of bt709.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    hdr: Option<Hdr>,
    narrow: Matrix,
}

impl Change {
    /// What a picture's colours need; none where they are bt709's.
    pub fn of(treatment: &Treatment) -> Option<Change> {
        let needed = treatment.hdr.is_some() || treatment.primaries != Primaries::Bt709;
        needed.then(|| Change {
            hdr: treatment.hdr,
            narrow: matrix(treatment.primaries),
        })
    }

    /// R'G'B' of the source to that of bt709, both from 0 to 1.
    pub fn apply(&self, signal: Rgb) -> Rgb {
        converted(self.hdr, &self.narrow, signal)
    }
}

/// R'G'B' of the source to that of bt709, both from 0 to 1.
fn converted(hdr: Option<Hdr>, narrow: &Matrix, signal: Rgb) -> Rgb {
    let light = apply(narrow, light(hdr, signal));
    let light = if hdr.is_some() {
        rolled_off(light)
    } else {
        light
    };
    light.map(|value| value.clamp(0.0, 1.0).powf(1.0 / GAMMA))
}

/// Light on the display; 1 is diffuse white.
fn light(hdr: Option<Hdr>, signal: Rgb) -> Rgb {
    match hdr {
        Some(Hdr::Pq) => signal.map(|value| pq(value) / DIFFUSE_WHITE),
        Some(Hdr::Hlg) => {
            let scene = signal.map(hlg_scene);
            let luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2];
            let gain = HLG_PEAK / DIFFUSE_WHITE * luminance.powf(HLG_GAMMA - 1.0);
            scene.map(|value| value * gain)
        }
        None => signal.map(|value| value.powf(GAMMA)),
    }
}

/// The EOTF of SMPTE ST 2084, in cd/m².
fn pq(signal: f64) -> f64 {
    const M1: f64 = 1305.0 / 8192.0;
    const M2: f64 = 2523.0 / 32.0;
    const C1: f64 = 107.0 / 128.0;
    const C2: f64 = 2413.0 / 128.0;
    const C3: f64 = 2392.0 / 128.0;
    let root = signal.powf(1.0 / M2);
    BRIGHTEST * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// The inverse OETF of hybrid log-gamma (BT.2100), from 0 to 1.
fn hlg_scene(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    const C: f64 = 0.559_910_73;
    if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    }
}

/// Straight up to the knee, then a hyperbola that leaves it without a bend and ends at 1 for the brightest light.
fn rolled_off(light: Rgb) -> Rgb {
    let most = light.into_iter().fold(0.0, f64::max);
    if most <= KNEE {
        return light;
    }
    // Both lengths beyond the knee: x / (1 + bend * x) has a slope of 1 where it begins.
    let (beyond, room) = (BRIGHTEST / DIFFUSE_WHITE - KNEE, 1.0 - KNEE);
    let bend = 1.0 / room - 1.0 / beyond;
    let over = most - KNEE;
    let scale = (KNEE + over / (1.0 + bend * over)) / most;
    light.map(|value| value * scale)
}

/// From the light of these primaries to that of bt709.
fn matrix(from: Primaries) -> Matrix {
    product(&inverse(&to_xyz(Primaries::Bt709)), &to_xyz(from))
}

/// x and y of red, green and blue (ITU-T H.273).
fn chromaticities(of: Primaries) -> [[f64; 2]; 3] {
    match of {
        Primaries::Bt709 => [[0.640, 0.330], [0.300, 0.600], [0.150, 0.060]],
        Primaries::Bt2020 => [[0.708, 0.292], [0.170, 0.797], [0.131, 0.046]],
        Primaries::Bt601Lines525 => [[0.630, 0.340], [0.310, 0.595], [0.155, 0.070]],
        Primaries::Bt601Lines625 => [[0.640, 0.330], [0.290, 0.600], [0.150, 0.060]],
    }
}

/// SMPTE RP 177: each primary as strong as it takes for all three to make white.
fn to_xyz(of: Primaries) -> Matrix {
    let xyz = |[x, y]: [f64; 2]| [x / y, 1.0, (1.0 - x - y) / y];
    let columns = chromaticities(of).map(xyz);
    let plain = [0, 1, 2].map(|row| [0, 1, 2].map(|column| columns[column][row]));
    let strength = apply(&inverse(&plain), xyz(WHITE_POINT));
    plain.map(|row| [0, 1, 2].map(|column| row[column] * strength[column]))
}

fn apply(matrix: &Matrix, vector: Rgb) -> Rgb {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| {
        [0, 1, 2]
            .map(|column| row[0] * b[0][column] + row[1] * b[1][column] + row[2] * b[2][column])
    })
}

fn inverse(m: &Matrix) -> Matrix {
    // Cofactors go round: indexes modulo three have the signs right by themselves.
    let cofactor = |row: usize, column: usize| {
        let (r1, r2) = ((row + 1) % 3, (row + 2) % 3);
        let (c1, c2) = ((column + 1) % 3, (column + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3)
        .map(|column| m[0][column] * cofactor(0, column))
        .sum();
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| cofactor(column, row) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(actual: f64, wanted: f64) -> bool {
        (actual - wanted).abs() < 0.0006
    }

    fn shown(hdr: Option<Hdr>, primaries: Primaries, signal: Rgb) -> Rgb {
        converted(hdr, &matrix(primaries), signal)
    }

    #[test]
    fn primaries_are_converted_as_published() {
        // BT.2407 §2.
        let published = [
            [1.6605, -0.5876, -0.0728],
            [-0.1246, 1.1329, -0.0083],
            [-0.0182, -0.1006, 1.1187],
        ];
        let computed = matrix(Primaries::Bt2020);
        for (computed, published) in computed.iter().flatten().zip(published.iter().flatten()) {
            assert!(near(*computed, *published), "{computed} is not {published}");
        }
        for primaries in [
            Primaries::Bt709,
            Primaries::Bt601Lines525,
            Primaries::Bt601Lines625,
        ] {
            let white = shown(None, primaries, [1.0; 3]);
            assert!(white.into_iter().all(|value| near(value, 1.0)), "{white:?}");
        }
        // The green of PAL is a little redder than it can be in bt709; its red is the same but for the strength.
        let red = shown(None, Primaries::Bt601Lines625, [0.5, 0.0, 0.0]);
        assert!(near(red[0], 0.509) && red[1] < 0.001, "{red:?}");
    }

    #[test]
    fn pq_and_hlg_say_the_light_that_the_standards_say() {
        assert!((pq(0.5081) - 100.0).abs() < 0.1 && (pq(0.5807) - 203.0).abs() < 0.2);
        assert!((pq(1.0) - 10_000.0).abs() < 0.001 && pq(0.0) < 0.001);
        // BT.2408: HLG of 75 % is 203 cd/m² as PQ of 58 % is, 38 % is 26 cd/m².
        let hlg = |signal: f64| light(Some(Hdr::Hlg), [signal; 3])[0] * DIFFUSE_WHITE;
        assert!((hlg(0.75) - 203.0).abs() < 1.0, "{}", hlg(0.75));
        assert!((hlg(0.38) - 26.0).abs() < 0.5, "{}", hlg(0.38));
        assert!((hlg(1.0) - 1000.0).abs() < 0.1, "{}", hlg(1.0));
    }

    #[test]
    fn the_roll_off_keeps_what_is_dark_and_cuts_nothing_off() {
        let dark = [0.4, 0.2, 0.1];
        let kept = rolled_off(dark);
        assert!(kept.iter().zip(dark).all(|(kept, dark)| near(*kept, dark)));
        let bright = rolled_off([10.0, 5.0, 1.0]);
        assert!(
            bright[0] < 1.0 && near(bright[1] / bright[0], 0.5) && near(bright[2] / bright[0], 0.1)
        );
        let steps = (0..=4926).map(|step| rolled_off([f64::from(step) / 100.0; 3])[0]);
        let steps: Vec<f64> = steps.collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(steps[4926] <= 1.0 && steps[4926] > 0.999);
    }

    #[test]
    fn only_other_colours_need_a_change() {
        let plain = Treatment::NONE;
        assert_eq!(Change::of(&plain), None);
        let wide = Treatment {
            primaries: Primaries::Bt2020,
            ..plain
        };
        let change = Change::of(&wide).unwrap();
        assert!(
            change
                .apply([0.0; 3])
                .into_iter()
                .all(|value| value < 0.001)
        );
        assert!(
            change
                .apply([1.0; 3])
                .into_iter()
                .all(|value| value > 0.999)
        );
        let red = change.apply([0.5, 0.0, 0.0]);
        assert!(red[0] > 0.5 && red[1] < 0.001, "{red:?}");
    }
}
