//! Sound on its way into the outputs: how loud it comes out, what is folded, filled and repaired, and that lips and voice
//! stay together. Several films lie in one inbox and are made once; ffmpeg's own meters judge.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::several::Made;
use crate::facts::{Complaints, flash_and_beep, loudness, number, peaks};
use crate::media_maker::{SMALL_LADDER, ffmpeg, film, from_sources, needs};

/// Loudness may be this far from its target.
const TOLERANCE: f64 = 0.5;

/// A film with this sound; `hue` makes pictures of several films different.
fn with_sound(hue: u32, seconds: u32, sound: &str, rest: &[&str]) -> PathBuf {
    let picture = format!("testsrc2=s=320x180:r=25:d={seconds},hue=h={hue}");
    from_sources("sound.mp4", &picture, Some(sound), rest)
}

#[test]
fn web_and_hall_come_out_as_loud_as_asked_and_below_their_peak() {
    needs!("ffmpeg");
    let speech = "anoisesrc=c=pink:r=48000:a=0.4:seed=1:d=4,tremolo=f=3:d=0.7";
    let knocks = "aevalsrc='0.06*sin(2*PI*300*t)*(1+0.5*sin(2*PI*3*t))+if(lt(mod(t,1),0.0005),0.6*sin(2*PI*1000*t),0)':s=48000:d=4";
    let hammer = "aevalsrc='0.02*sin(2*PI*300*t)*(1+sin(2*PI*3*t))+if(lt(mod(t,1),0.004),0.8*sin(2*PI*1000*t),0)':s=48000:d=4";
    let loud = "anoisesrc=c=white:r=48000:a=1:seed=2:d=4";
    let whisper = "anoisesrc=c=pink:r=48000:a=0.013:seed=3:d=4";
    let made = Made::of(
        SMALL_LADDER,
        &[
            ("朗诵", with_sound(0, 4, speech, &[])),
            ("敲击", with_sound(60, 4, knocks, &[])),
            ("很响", with_sound(120, 4, loud, &["-b:a", "256k"])),
            ("很轻", with_sound(180, 4, whisper, &[])),
            ("锤子", with_sound(300, 4, hammer, &[])),
            ("静音", with_sound(240, 4, "anullsrc=r=48000:d=4", &[])),
        ],
    );
    let mut complaints = Complaints::default();
    for title in ["朗诵", "敲击", "很响"] {
        let outputs = [
            ("web_mp4", "web", -18.0),
            ("hls", "web", -18.0),
            ("master", "hall", -23.0),
        ];
        for (output, place, target) in outputs {
            let what = format!("{title}: {output}");
            let (integrated, peak) = loudness(&made.output(title, output));
            complaints.near(&what, integrated, target, TOLERANCE);
            complaints.unless(peak <= -0.95, format!("{what} peaks at {peak}"));
            let told = made.level(title, place);
            complaints.near(&what, number(&told["integrated_lufs"]), integrated, 0.15);
            complaints.near(&what, number(&told["true_peak_dbtp"]), peak, 0.25);
        }
    }
    complaints.none();
    let limited = |title: &str, place: &str| made.level(title, place)["limiter"].is_object();
    assert!(!limited("朗诵", "web") && !limited("很响", "web") && !limited("朗诵", "hall"));
    assert!(limited("敲击", "web"), "{}", made.level("敲击", "web"));

    let (integrated, _) = loudness(&made.output("很轻", "web_mp4"));
    assert!(integrated < -30.0, "{integrated}: much noise was added");
    assert_eq!(made.level("很轻", "web")["gain_db"].to_string(), "20.0");
    let told = made.record("很轻")["findings"].to_string();
    assert!(told.contains("最多只放大 20 dB"), "{told}");
    let (integrated, peak) = loudness(&made.output("锤子", "web_mp4"));
    assert!(integrated < -19.0 && peak <= -0.95, "{integrated}, {peak}");
    let told = made.record("锤子")["findings"].to_string();
    assert!(told.contains("特别突出的响声"), "{told}");
    assert!(!made.record("朗诵")["findings"].to_string().contains("LUFS"));

    assert_eq!(made.level("静音", "web")["integrated_lufs"], Value::Null);
    assert_eq!(made.level("静音", "web")["gain_db"].to_string(), "0.0");
}

/// Films whose sound comes in other shapes than plain stereo.
fn films_to_keep() -> [(&'static str, PathBuf); 7] {
    // One second each: the centre, both fronts, the LFE, both surrounds.
    let tone = |from: u32| format!("0.2*sin(2*PI*100*t)*between(t,{from},{from}+1)");
    let (front, centre, low, back) = (tone(1), tone(0), tone(2), tone(3));
    let surround =
        format!("aevalsrc='{front}|{front}|{centre}|{low}|{back}|{back}':c=5.1:s=48000:d=4");
    // The same in 7.1: its sides and its back in the last second.
    let seven =
        format!("aevalsrc='{front}|{front}|{centre}|{low}|{back}|{back}|0|0':c=7.1:s=48000:d=4");
    let seven_film = from_sources(
        "seven.mkv",
        "testsrc2=s=640x360:r=25:d=4,hue=h=240",
        Some(&seven),
        &["-c:a", "pcm_s16le"],
    );
    let gap = "sine=f=440:r=48000:d=4,volume=4,aselect='not(between(t,1,2))'";
    let pcm = ["-c:a", "pcm_s16le"];
    let gap_film = from_sources(
        "gap.mkv",
        "testsrc2=s=640x360:r=25:d=4,hue=h=40",
        Some(gap),
        &pcm,
    );
    let two_tracks = film(
        "two-tracks.mp4",
        &[
            &["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=2,hue=h=80"][..],
            &["-f", "lavfi", "-i", "anullsrc=r=48000:d=2"],
            &["-f", "lavfi", "-i", "sine=r=44100:d=2,volume=4"],
            &[
                "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264",
            ],
            &["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
            &["-disposition:a:0", "0", "-disposition:a:1", "default"],
        ]
        .concat(),
    );
    let hd = |hue: u32, seconds: u32, sound: &str, rest: &[&str]| {
        let picture = format!("testsrc2=s=640x360:r=25:d={seconds},hue=h={hue}");
        from_sources("kept.mp4", &picture, Some(sound), rest)
    };
    let mono = "sine=f=997:r=22050:d=3,volume=2";
    let left = "sine=f=997:r=48000:d=2,volume=2,pan=stereo|c0=c0|c1=0*c0";
    // Ten channels have no layout, and no rule says how to fold them.
    let ten = format!(
        "aevalsrc='{0}|{0}{1}':s=48000:d=2",
        "0.2*sin(2*PI*440*t)",
        "|0".repeat(8)
    );
    let ten_film = from_sources(
        "ten.mkv",
        "testsrc2=s=640x360:r=25:d=2,hue=h=200",
        Some(&ten),
        &pcm,
    );
    [
        ("十路", ten_film),
        ("八路", seven_film),
        ("环绕", hd(0, 4, &surround, &["-b:a", "384k"])),
        ("缺口", gap_film),
        ("两轨", two_tracks),
        ("单声道", hd(120, 3, mono, &["-ac", "1"])),
        ("左耳", hd(160, 2, left, &[])),
    ]
}

#[test]
fn sound_that_is_kept_is_folded_filled_and_repaired_but_not_made_louder() {
    needs!("ffmpeg");
    let ladder = SMALL_LADDER
        .replace(
            "channels = 2",
            "channels = 2\nloudness = \"keep\"\none_ear = \"repair\"",
        )
        .replace("[hall]", "[hall]\nloudness = \"keep\"");
    let made = Made::of(&ladder, &films_to_keep());
    let mut complaints = Complaints::default();
    let inode = |output| fs::metadata(made.output("单声道", output)).unwrap().ino();
    complaints.unless(
        inode("master") == inode("web_mp4"),
        "the same sound and picture lie on the disk twice",
    );

    for title in ["环绕", "八路"] {
        let heard = peaks(&made.output(title, "web_mp4"));
        for (what, at, wanted) in [
            ("the centre", 5, 0.1414),
            ("the fronts", 15, 0.2),
            ("the LFE", 25, 0.0),
            ("the surrounds", 35, 0.1414),
        ] {
            complaints.near(&format!("{title}: {what}"), heard[at], wanted, 0.012);
        }
    }
    let heard = peaks(&made.output("缺口", "master"));
    for (at, loud) in [(5, true), (9, true), (11, false), (18, false), (21, true)] {
        complaints.unless(
            (heard[at] > 0.1) == loud,
            format!("the gap: {:.3} at {at} tenths", heard[at]),
        );
    }
    let heard = peaks(&made.output("十路", "web_mp4"));
    complaints.near("the first two of ten channels", heard[10], 0.2, 0.012);
    let heard = peaks(&made.output("两轨", "web_mp4"));
    complaints.unless(
        heard[10] > 0.2,
        "the track that is not the default was taken",
    );

    let given = loudness(
        &made
            .place
            .inbox()
            .join("成都第一片区")
            .join("甲大学《单声道》.mp4"),
    )
    .0;
    let (web, _) = loudness(&made.output("单声道", "web_mp4"));
    complaints.near("mono on two sides", web, given, 0.2);
    complaints.equal(
        "its target",
        &made.level("单声道", "web")["target_lufs"],
        &Value::Null,
    );

    let sides = sides(&made.output("左耳", "web_mp4"));
    complaints.near("the left of one ear", sides[0], sides[1], 0.01);
    complaints.unless(sides[1] > 0.1, format!("the right is {:.3}", sides[1]));
    let told = made.record("左耳")["findings"].to_string();
    complaints.unless(told.contains("已放到两边"), told);
    complaints.none();
}

/// The loudest sample of each side.
fn sides(path: &Path) -> [f64; 2] {
    ["c0", "c1"].map(|side| {
        let sound = tempfile::NamedTempFile::with_suffix(".wav").unwrap();
        let pan = format!("pan=mono|c0={side}");
        ffmpeg(
            &["-i", path.to_str().unwrap(), "-vn", "-af", &pan],
            sound.path(),
        );
        peaks(sound.path()).into_iter().fold(0.0, f64::max)
    })
}

#[test]
fn lips_and_voice_stay_together_at_every_rate() {
    needs!("ffmpeg");
    let rates = [
        ("八千", 8000, "25/2", 13.0 * 2.0 / 25.0),
        ("四四一", 44_100, "24000/1001", 24.0 * 1001.0 / 24_000.0),
        ("九六", 96_000, "60000/1001", 60.0 * 1001.0 / 60_000.0),
    ];
    let films: Vec<_> = rates
        .iter()
        .map(|(title, sample_rate, frame_rate, at)| {
            let picture = format!(
                "color=black:s=320x180:r={frame_rate}:d=2,drawbox=color=white:t=fill:enable='between(t,{},{})'",
                at - 0.001,
                at + 0.2
            );
            let sound = format!(
                "aevalsrc='if(between(t,{at},{at}+0.2),0.8*sin(2*PI*1000*(t-{at})),0)':s={sample_rate}:d=2"
            );
            (*title, from_sources("lips.mp4", &picture, Some(&sound), &[]))
        })
        .collect();
    let made = Made::of(SMALL_LADDER, &films);
    let mut complaints = Complaints::default();
    for (title, _, _, at) in rates {
        for output in ["master", "hls"] {
            let (flash, beep) = flash_and_beep(&made.output(title, output));
            complaints.near(&format!("{title}: {output}: the beep"), beep, flash, 0.020);
            complaints.near(&format!("{title}: {output}: the flash"), flash, at, 0.045);
        }
    }
    complaints.none();
}
