//! Fields in, whole frames out, whatever the file says of itself. ffmpeg's `idet` looks for combs in what was made.

use std::path::{Path, PathBuf};

use super::several::Made;
use crate::facts::{Complaints, combed, flash_and_beep, number, probe, standing_still};
use crate::media_maker::{SMALL_LADDER, film, needs};

/// The web's copy may have so many combed frames in a hundred.
const COMBED: f64 = 1.0;

/// Two seconds of moving stripes, a flash and a beep at one second; `kind` makes them different to look at and to hear.
fn moving(name: &str, kind: u32, rate: &str, fields: &str, encoder: &[&str]) -> PathBuf {
    let width = 24 + kind * 10;
    let stripes = format!(
        "lt(mod(X+Y*0.3+T*{}\\,{width})\\,{})",
        90 + kind * 7,
        width / 2
    );
    let picture = format!(
        "nullsrc=s=320x240:r={rate}:d=2,format=yuv420p,\
         geq=lum='if({stripes}\\,110\\,{})+between(T\\,0.999\\,1.2)*120':cb=128:cr=128{fields}",
        16 + kind * 8
    );
    let pitch = 700 + kind * 150;
    let sound = format!(
        "aevalsrc='if(between(t\\,1\\,1.2)\\,0.8*sin(2*PI*{pitch}*(t-1))\\,0)':s=48000:d=2"
    );
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound];
    film(name, &[&inputs[..], encoder].concat())
}

fn mpeg2<'a>(flags: &'a str, top: &'a str) -> [&'a str; 12] {
    [
        "-c:v",
        "mpeg2video",
        "-q:v",
        "3",
        "-flags",
        flags,
        "-top",
        top,
        "-c:a",
        "mp2",
        "-f",
        "vob",
    ]
}

const H264: [&str; 8] = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "16",
    "-c:a",
    "aac",
];

fn films() -> [(&'static str, PathBuf); 5] {
    let woven = "+ildct+ilme";
    let tff = moving(
        "tff.mpg",
        0,
        "50",
        ",interlace=scan=tff",
        &mpeg2(woven, "1"),
    );
    let bff = moving(
        "bff.mpg",
        1,
        "50",
        ",interlace=scan=bff",
        &mpeg2(woven, "0"),
    );
    let unmarked = moving(
        "unmarked.mp4",
        2,
        "50",
        ",interlace=scan=tff,setfield=prog",
        &H264,
    );
    let marked = moving("marked.mpg", 3, "25", ",setfield=tff", &mpeg2(woven, "1"));
    let pulled = moving(
        "pulldown.mp4",
        4,
        "24000/1001",
        ",telecine=first_field=top:pattern=23,setfield=prog",
        &H264,
    );
    [
        ("上场先", tff),
        ("下场先", bff),
        ("没标", unmarked),
        ("错标", marked),
        ("胶片", pulled),
    ]
}

fn rate(path: &Path) -> String {
    probe(path).of("video").unwrap()["r_frame_rate"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn fields_of_any_order_and_marks_that_lie_come_out_whole() {
    needs!("ffmpeg", "ffprobe");
    let films = films();
    let made = Made::of(SMALL_LADDER, &films);
    let mut complaints = Complaints::default();
    for (title, source) in &films {
        let web = made.output(title, "web_mp4");
        let share = combed(&web);
        complaints.unless(share < COMBED, format!("{title}: {share:.1} % are combed"));
        let (flash, beep) = flash_and_beep(&web);
        complaints.near(&format!("{title}: the beep"), beep, flash, 0.045);
        complaints.near(&format!("{title}: the flash"), flash, 1.0, 0.045);
        let is_film = *title == "胶片";
        let wanted = if is_film { "24000/1001" } else { "25/1" };
        complaints.equal(title, rate(&web), wanted.to_owned());
        complaints.unless(
            *title == "错标" || combed(source) > 20.0,
            format!("{title}: the source has no combs to be removed"),
        );
        if is_film {
            complaints.equal("frames that stand still", standing_still(&web), 0);
            let frames = number(&probe(&web).of("video").unwrap()["nb_frames"]);
            complaints.near("frames of the film", frames, 48.0, 1.0);
        }
    }
    complaints.none();
}

#[test]
fn a_ladder_may_keep_the_smoothness_of_fields() {
    needs!("ffmpeg", "ffprobe");
    let ladder = SMALL_LADDER.replace("[video]", "[video]\ndouble_rate = true");
    let woven = "+ildct+ilme";
    let films = [
        (
            "上场先",
            moving(
                "tff.mpg",
                0,
                "50",
                ",interlace=scan=tff",
                &mpeg2(woven, "1"),
            ),
        ),
        (
            "整帧",
            moving("marked.mpg", 3, "25", ",setfield=tff", &mpeg2(woven, "1")),
        ),
    ];
    let made = Made::of(&ladder, &films);
    let mut complaints = Complaints::default();
    let web = made.output("上场先", "web_mp4");
    complaints.equal("the rate", rate(&web), "50/1".to_owned());
    complaints.equal("frames that stand still", standing_still(&web), 0);
    let share = combed(&web);
    complaints.unless(share < COMBED, format!("{share:.1} % are combed"));
    let (flash, beep) = flash_and_beep(&web);
    complaints.near("the beep", beep, flash, 0.025);
    let frames = number(&probe(&web).of("video").unwrap()["nb_frames"]);
    complaints.near("the frames", frames, 100.0, 1.0);
    let whole = made.output("整帧", "web_mp4");
    complaints.equal("the rate of whole frames", rate(&whole), "25/1".to_owned());
    complaints.none();
}
