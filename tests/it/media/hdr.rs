//! High dynamic range in, standard range out, against a reference that shares no code with ours: one scene of known light is
//! written as PQ and as HLG, and what is made of it is compared with what ITU-R BT.2390 makes of the same light.

use std::fs;
use std::path::{Path, PathBuf};

use crate::facts::Complaints;
use crate::media_maker::{Place, ffmpeg, film, has_encoder, needs};
use crate::program::{self, ended, submission};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;
/// A patch is so many pixels wide and high.
const PATCH: (usize, usize) = (20, 45);
/// Light of the patches from left to right, in cd/m².
const LIGHT: [f64; 16] = [
    0.5, 2.0, 5.0, 10.0, 18.0, 26.0, 40.0, 60.0, 80.0, 100.0, 150.0, 203.0, 300.0, 500.0, 800.0,
    1000.0,
];
/// Colours of the patches from top to bottom, as parts of that light: grey, skin, leaves, sky.
const COLOURS: [[f64; 3]; 4] = [
    [1.0, 1.0, 1.0],
    [1.0, 0.5, 0.4],
    [0.4, 0.8, 0.5],
    [0.4, 0.5, 1.0],
];
/// Diffuse white in cd/m² (BT.2408), which standard range shows as its white.
const WHITE: f64 = 203.0;
/// The brightest light of the scene, in cd/m².
const PEAK: f64 = 1000.0;
/// Luma of R'G'B' (BT.709).
const LUMA_709: [f64; 3] = [0.2126, 0.7152, 0.0722];
/// Luminance of RGB (BT.2020).
const LUMINANCE_2020: [f64; 3] = [0.2627, 0.6780, 0.0593];
/// BT.2020 to BT.709 primaries (BT.2407 §2).
const TO_709: [[f64; 3]; 3] = [
    [1.6605, -0.5876, -0.0728],
    [-0.1246, 1.1329, -0.0083],
    [-0.0182, -0.1006, 1.1187],
];

type Rgb = [f64; 3];

fn light(patch: (usize, usize)) -> Rgb {
    COLOURS[patch.1].map(|part| part * LIGHT[patch.0])
}

fn weighed(rgb: Rgb, weights: Rgb) -> f64 {
    rgb.iter()
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum()
}

/// SMPTE ST 2084.
mod pq {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;

    pub(super) fn signal(light: f64) -> f64 {
        let y = (light / 10_000.0).powf(M1);
        ((C1 + C2 * y) / (1.0 + C3 * y)).powf(M2)
    }

    pub(super) fn light(signal: f64) -> f64 {
        let e = signal.powf(1.0 / M2);
        10_000.0 * ((e - C1).max(0.0) / (C2 - C3 * e)).powf(1.0 / M1)
    }
}

/// BT.2100: the inverse OOTF for a display of 1000 cd/m², then the OETF.
fn hlg_signal(rgb: Rgb) -> Rgb {
    const A: f64 = 0.178_832_77;
    const B: f64 = 0.284_668_92;
    const C: f64 = 0.559_910_73;
    let shown = weighed(rgb, LUMINANCE_2020) / 1000.0;
    let scene = shown.powf(1.0 / 1.2);
    rgb.map(|value| {
        let e = value / 1000.0 * scene.powf(1.0 - 1.2);
        if e <= 1.0 / 12.0 {
            (3.0 * e).sqrt()
        } else {
            A * (12.0 * e - B).ln() + C
        }
    })
}

/// The reference, in R'G'B' of BT.709: the EETF of BT.2390 from the scene's peak to diffuse white on the largest of the
/// three, so that hues stay, for a display of BT.1886.
fn reference(rgb: Rgb) -> Rgb {
    let narrow = TO_709.map(|row| weighed(rgb, row));
    let most = narrow.into_iter().fold(0.0, f64::max);
    let scale = eetf(most) / most;
    narrow.map(|value| (value * scale / WHITE).clamp(0.0, 1.0).powf(1.0 / 2.4))
}

fn eetf(light: f64) -> f64 {
    let full = pq::signal(PEAK);
    let (signal, top) = (pq::signal(light.min(PEAK)) / full, pq::signal(WHITE) / full);
    let knee = 1.5 * top - 0.5;
    if signal <= knee {
        return light;
    }
    let t = (signal - knee) / (1.0 - knee);
    let (t2, t3) = (t * t, t * t * t);
    let bent = (2.0 * t3 - 3.0 * t2 + 1.0) * knee
        + (t3 - 2.0 * t2 + t) * (1.0 - knee)
        + (-2.0 * t3 + 3.0 * t2) * top;
    pq::light(bent * full)
}

/// The scene as a film of a second with this transfer.
fn scene(name: &str, transfer: &str, signal: fn(Rgb) -> Rgb) -> PathBuf {
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 6);
    for at in 0..WIDTH * HEIGHT {
        let (x, y) = (at % WIDTH, at / WIDTH);
        for value in signal(light((x / PATCH.0, y / PATCH.1))) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 0 to 65535"
            )]
            let value = (value.clamp(0.0, 1.0) * 65535.0).round() as u16;
            pixels.extend(value.to_le_bytes());
        }
    }
    let hash = &blake3::hash(&pixels).to_hex()[..12];
    let raw = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{hash}-{name}.rgb"));
    fs::write(&raw, pixels).unwrap();
    let matrix = format!(
        "zscale=matrixin=gbr:rangein=full:transferin={transfer}:primariesin=2020:\
         matrix=2020_ncl:range=limited:transfer={transfer}:primaries=2020,format=yuv420p10le"
    );
    let x265 =
        format!("log-level=error:crf=4:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc");
    let (size, raw) = (format!("{WIDTH}x{HEIGHT}"), raw.to_str().unwrap());
    let input = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb48le",
        "-s",
        &size,
        "-r",
        "25",
        "-stream_loop",
        "24",
        "-i",
        raw,
    ];
    let tags = [
        "-color_primaries",
        "bt2020",
        "-color_trc",
        transfer,
        "-colorspace",
        "bt2020nc",
        "-tag:v",
        "hvc1",
    ];
    let encoder = [
        "-vf",
        &matrix,
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        &x265,
    ];
    film(name, &[&input[..], &encoder, &tags].concat())
}

/// What is made of a film for the web: R'G'B' of each patch's middle.
fn made_of(film: &Path, hdr: &str) -> Vec<Rgb> {
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", film);
    ended(&mut program::run(&place)).with(0);
    let report = program::report(&place.out());
    let record = submission(&report, "甲大学《一》.mp4");
    assert_eq!(record["media"]["video"]["hdr"], hdr);
    let made = place
        .out()
        .join(record["outputs"]["web_mp4"].as_str().unwrap());
    let picture = tempfile::NamedTempFile::with_suffix(".rgb").unwrap();
    let to_rgb = "scale=in_color_matrix=bt709:in_range=limited:flags=accurate_rnd+full_chroma_int,format=rgb24";
    let frame = ["-frames:v", "1", "-f", "rawvideo", "-vf", to_rgb];
    ffmpeg(
        &[&["-ss", "0.4", "-i", made.to_str().unwrap()][..], &frame].concat(),
        picture.path(),
    );
    let pixels = fs::read(picture.path()).unwrap();
    patches()
        .map(|(column, row)| {
            let at = (row * PATCH.1 + PATCH.1 / 2) * WIDTH + column * PATCH.0 + PATCH.0 / 2;
            [0, 1, 2].map(|channel| f64::from(pixels[at * 3 + channel]) / 255.0)
        })
        .collect()
}

fn patches() -> impl Iterator<Item = (usize, usize)> {
    (0..COLOURS.len()).flat_map(|row| (0..LIGHT.len()).map(move |column| (column, row)))
}

fn mean_luma(pixels: &[Rgb]) -> f64 {
    let sum: f64 = pixels.iter().map(|rgb| weighed(*rgb, LUMA_709)).sum();
    sum / pixels.iter().map(|_| 1.0).sum::<f64>()
}

#[test]
fn pq_and_hlg_of_one_scene_come_out_as_bt_2390_shows_it() {
    needs!("ffmpeg");
    if !has_encoder("libx265") {
        return;
    }
    let wanted: Vec<Rgb> = patches().map(|patch| reference(light(patch))).collect();
    let films = [
        (
            "pq",
            scene("pq.mp4", "smpte2084", |rgb| rgb.map(pq::signal)),
        ),
        ("hlg", scene("hlg.mp4", "arib-std-b67", hlg_signal)),
    ];
    let mut complaints = Complaints::default();
    let reference = mean_luma(&wanted);
    let mut means = Vec::new();
    for (name, film) in films {
        let made = made_of(&film, name);
        let mean = mean_luma(&made);
        complaints.near(
            &format!("{name}: the mean luma"),
            mean / reference,
            1.0,
            0.05,
        );
        means.push(mean);
        for (at, (made, wanted)) in made.iter().zip(&wanted).enumerate() {
            for (made, wanted) in made.iter().zip(wanted) {
                let what = format!("{name}: patch {at}: {made:.3} where {wanted:.3} is wanted");
                complaints.unless((made - wanted).abs() < 0.05, what.clone());
                complaints.unless(*made < 0.995 || *wanted > 0.98, format!("{what}: clipped"));
            }
        }
    }
    complaints.near("HLG beside PQ", means[1] / means[0], 1.0, 0.03);
    complaints.none();
}
