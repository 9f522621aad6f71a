//! Pictures that are not what their pixels say: an edge that is not meant to be seen, parts that let through what is behind,
//! colours of old television; and films that end at odd times.

use std::fs;
use std::path::{Path, PathBuf};

use super::several::Made;
use crate::facts::{Complaints, decoded_sound, halves, mediainfo, number, probe};
use crate::media_maker::{SMALL_LADDER, ffmpeg, film, find, from_sources, needs};

/// The same film with a clean aperture, in place of boxes that nobody needs.
fn with_clean_aperture(whole: &Path, [width, height]: [u32; 2]) -> PathBuf {
    let path = whole.with_file_name("clean-aperture.mp4");
    let mut bytes = fs::read(whole).unwrap();
    let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let start = find(&bytes, b"colr").unwrap() - 4;
    let mut end = start;
    while [b"colr", b"pasp", b"btrt"]
        .iter()
        .any(|kind| &bytes[end + 4..end + 8] == *kind)
    {
        end += length(end);
    }
    let numbers = [
        40,
        u32::from_be_bytes(*b"clap"),
        width,
        1,
        height,
        1,
        0,
        1,
        0,
        1,
    ];
    let free = u32::try_from(end - start - 40).unwrap();
    let mut boxes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    boxes.extend(free.to_be_bytes());
    boxes.extend(*b"free");
    bytes[start..start + boxes.len()].copy_from_slice(&boxes);
    fs::write(&path, bytes).unwrap();
    path
}

/// A blue picture with a red frame around it that is not meant to be seen.
fn framed() -> PathBuf {
    let picture = "color=0x2040C0:s=360x200:r=25:d=1,drawbox=x=0:y=0:w=iw:h=ih:t=20:color=red,noise=alls=4:allf=t";
    let tags = [
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-colorspace",
        "bt709",
    ];
    let film = from_sources("framed.mp4", picture, Some("sine=f=300:r=48000:d=1"), &tags);
    with_clean_aperture(&film, [320, 160])
}

/// White, half transparent on the left.
fn transparent() -> PathBuf {
    let picture = "nullsrc=s=320x180:r=25:d=1,format=yuva444p10le,\
                   geq=lum=940:cb=512:cr=512:a='if(lt(X\\,W/2)\\,512\\,1023)'";
    let sound = "sine=f=500:r=48000:d=1";
    let inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound];
    let prores = [
        "-c:v",
        "prores_ks",
        "-profile:v",
        "4444",
        "-alpha_bits",
        "16",
        "-c:a",
        "aac",
    ];
    film("transparent.mov", &[&inputs[..], &prores].concat())
}

/// Strong colours, red and green, in the primaries of American television.
fn television() -> PathBuf {
    let picture = "color=0xC02020:s=160x180:r=25:d=1[a];color=0x20C020:s=160x180:r=25:d=1[b];[a][b]hstack,\
                   scale=out_color_matrix=bt601,format=yuv420p";
    let tags = [
        "-color_primaries",
        "smpte170m",
        "-color_trc",
        "smpte170m",
        "-colorspace",
        "smpte170m",
    ];
    from_sources(
        "television.mp4",
        picture,
        Some("sine=f=700:r=48000:d=1"),
        &tags,
    )
}

/// The colours of a film's halves as zimg converts them.
fn by_zimg(film: &Path) -> [[u8; 3]; 2] {
    let converted = tempfile::NamedTempFile::with_suffix(".mkv").unwrap();
    let zscale = "zscale=matrixin=170m:primariesin=170m:transferin=601:rangein=limited:\
                  matrix=gbr:primaries=709:transfer=709:range=full,format=gbrp";
    let encoder = ["-an", "-vf", zscale, "-c:v", "ffv1"];
    ffmpeg(
        &[&["-i", film.to_str().unwrap()][..], &encoder].concat(),
        converted.path(),
    );
    halves(converted.path(), "0.4")
}

#[test]
fn edges_transparency_and_old_colours_come_out_as_they_are_meant() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let (framed, television) = (framed(), television());
    let films = [
        ("边框", framed.clone()),
        ("透明", transparent()),
        ("电视", television.clone()),
    ];
    let made = Made::of(SMALL_LADDER, &films);
    let mut complaints = Complaints::default();

    let tracks = mediainfo(&framed);
    let judged = tracks
        .iter()
        .find(|track| track["@type"] == "Video")
        .unwrap();
    complaints.equal(
        "MediaInfo's clean aperture",
        judged["Width_CleanAperture"].as_str(),
        Some("320"),
    );
    let shown = probe(&made.output("边框", "web_mp4"));
    let shown = shown.of("video").unwrap();
    complaints.equal(
        "the size",
        (&shown["width"], &shown["height"]),
        (&320.into(), &160.into()),
    );
    for [red, green, blue] in halves(&made.output("边框", "web_mp4"), "0.4") {
        complaints.near("red of what is meant to be seen", f64::from(red), 32.0, 8.0);
        complaints.near("its green", f64::from(green), 64.0, 8.0);
        complaints.near("its blue", f64::from(blue), 192.0, 8.0);
    }

    let [half, white] = halves(&made.output("透明", "web_mp4"), "0.4");
    for (channel, (half, white)) in half.into_iter().zip(white).enumerate() {
        complaints.near(
            &format!("channel {channel} of half of white"),
            f64::from(half),
            128.0,
            4.0,
        );
        complaints.unless(
            white >= 248,
            format!("channel {channel} of white is {white}"),
        );
    }

    let wanted = by_zimg(&television);
    let made = halves(&made.output("电视", "web_mp4"), "0.4");
    for (made, wanted) in made.iter().flatten().zip(wanted.iter().flatten()) {
        complaints.near(
            "a colour of television",
            f64::from(*made),
            f64::from(*wanted),
            4.0,
        );
    }
    complaints.unless(
        wanted[0] != [192, 32, 32],
        "the colours are the same anyway",
    );
    complaints.none();
}

/// Frames at odd times, red from `red` seconds to the end; the sound is a tone from there to the end.
fn odd_times(name: &str, times: &str, (red, end): (f64, f64), sound_end: f64) -> PathBuf {
    let picture = format!(
        "testsrc2=s=320x180:r=120:d={end},drawbox=color=red:t=fill:enable='gte(t\\,{red})',\
         select='{times}',settb=1/90000"
    );
    let sound =
        format!("aevalsrc='if(gte(t\\,{red})\\,0.5*sin(2*PI*800*t)\\,0)':s=44100:d={sound_end}");
    let rest = [
        "-vsync",
        "passthrough",
        "-enc_time_base",
        "1:90000",
        "-video_track_timescale",
        "90000",
    ];
    from_sources(name, &picture, Some(&sound), &rest)
}

#[test]
fn odd_frame_times_keep_the_last_picture_and_the_last_sample() {
    needs!("ffmpeg", "ffprobe");
    // Frames come as they like, but for the last: it begins 0.1 s before the end.
    let phone = "not(mod(n\\,5))*lt(n\\,216)+not(mod(n\\,7))*lt(n\\,216)+eq(n\\,228)";
    let films = [
        ("手机", odd_times("phone.mp4", phone, (1.9, 2.0), 2.0)),
        (
            "慢拍",
            odd_times("slow.mp4", "not(mod(n\\,8))", (1.6, 2.0), 2.0),
        ),
        ("高速", odd_times("fast.mp4", "1", (1.9, 2.0), 2.0)),
        (
            "声短",
            odd_times("short-sound.mp4", "not(mod(n\\,4))", (1.5, 2.0), 1.75),
        ),
    ];
    let made = Made::of(SMALL_LADDER, &films);
    let mut complaints = Complaints::default();
    for ((title, _), (red, sound_end)) in
        films
            .iter()
            .zip([(1.9, 2.0), (1.6, 2.0), (1.9, 2.0), (1.5, 1.75)])
    {
        for output in ["web_mp4", "master"] {
            let path = made.output(title, output);
            let facts = probe(&path);
            let picture = facts.of("video").unwrap();
            let frames = number(&picture["nb_frames"]);
            let length = number(&picture["duration"]);
            let frame = length / frames;
            complaints.near(
                &format!("{title}: {output}: the length"),
                length,
                2.0,
                frame + 0.001,
            );
            let [left, _] = halves(&path, &format!("{:.3}", length - frame * 1.5));
            complaints.unless(
                left[0] > 200 && left[1] < 60,
                format!("{title}: {output}: ends with {left:?}"),
            );
            let sound = decoded_sound(&path);
            let loud = |sample: &f64| sample.abs() > 0.02;
            let first = sound.iter().position(loud).unwrap() as f64 / 48_000.0;
            let last = sound.iter().rposition(loud).unwrap() as f64 / 48_000.0;
            complaints.near(
                &format!("{title}: {output}: the first sample"),
                first,
                red,
                0.020,
            );
            complaints.near(
                &format!("{title}: {output}: the last sample"),
                last,
                sound_end,
                frame,
            );
        }
    }
    complaints.none();
}
