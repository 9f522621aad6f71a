//! `check` looks at samples of longer films; `run` decodes all of them anyway and looks at every frame. What only that
//! shows decides: the film goes back, nothing of it is published, and an earlier version that it replaced is made instead.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;

use crate::facts::Complaints;
use crate::media_maker::{Place, film, needs, plain};
use crate::program::{self, ended, report, submission};

/// A freeze of more than three seconds is remarked upon; of more than a fifth of the film, the film goes back.
const RULES: &str = r#"
schema = "zhanbo.rules/1"
name = "still"
title = "画面不动"
notice = "画面连贯"

[rules.picture-continuous]
level = "requirement"
max_black = "3s"
max_frozen = "3s"
share = 20
"#;

/// Half a minute that moves, but for so many frames from the thirteenth second on. A key frame comes every ten seconds
/// only, and the file does not say how long it is, as one that was recorded live: so it is looked at in samples, and they
/// lie before the freeze.
fn recorded_live(frozen: u32) -> PathBuf {
    let picture = format!(
        "testsrc2=s=320x180:r=25:d=30,loop=loop={frozen}:size=1:start=325,setpts=N/25/TB,trim=end=30"
    );
    let inputs = [
        "-f",
        "lavfi",
        "-i",
        &picture,
        "-f",
        "lavfi",
        "-i",
        "sine=r=48000:d=30",
    ];
    let picture = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
    ];
    let keys = ["-g", "250", "-keyint_min", "250", "-sc_threshold", "0"];
    let live = ["-c:a", "aac", "-f", "matroska", "-live", "1"];
    film("live.mkv", &[&inputs[..], &picture, &keys, &live].concat())
}

fn zhanbo(subcommand: &str, place: &Place) -> Command {
    let mut command = program::zhanbo();
    command.arg(subcommand).arg(place.inbox());
    command.arg("-o").arg(place.out());
    command
}

fn run(place: &Place) -> Command {
    let mut command = zhanbo("run", place);
    command.arg("--ladder").arg(place.ladder()).arg("--json");
    command
}

fn is_accepted(submission: &Value) -> bool {
    let verdict = submission["verdict"].as_str().unwrap();
    verdict.starts_with("accepted")
}

fn still(submission: &Value) -> Option<&Value> {
    let mut findings = submission["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["rule"] == "picture-continuous")
}

fn is_there(place: &Place, submission: &Value) -> bool {
    let id = submission["id"].as_str().unwrap();
    let out = place.out();
    let places = [
        out.join("site/media").join(id),
        out.join("masters").join(format!("{id}.mp4")),
        out.join("work/ledger").join(format!("{id}.json")),
    ];
    let there = places.iter().filter(|path| path.exists()).count();
    assert!(there == 0 || there == places.len(), "{there} of {places:?}");
    there > 0
}

/// Judges by [`RULES`], a still share of the film being allowed, in percent.
fn judged_by(place: &Place, share: u32) {
    let rules = RULES.replace("share = 20", &format!("share = {share}"));
    place.file("", "rules.toml", rules.as_bytes());
    let showcase = "schema = \"zhanbo.showcase/1\"\npreset = \"./rules.toml\"\n";
    place.file("", "showcase.toml", showcase.as_bytes());
}

const EARLIER: &str = "甲大学《一》.mp4";
const LATER: &str = "甲大学《一》第二版.mkv";
const SHORT_FREEZE: &str = "乙大学《二》.mkv";

#[test]
fn what_samples_miss_is_found_when_the_film_is_made_and_decides() {
    needs!("ffmpeg");
    let place = Place::new();
    judged_by(&place, 20);
    place.film("", EARLIER, &plain(2, 7));
    place.film("", LATER, &recorded_live(165));
    place.film("", SHORT_FREEZE, &recorded_live(100));
    let mut wrong = Complaints::default();

    ended(&mut zhanbo("check", &place));
    let sampled = report(&place.out());
    for name in [LATER, SHORT_FREEZE] {
        let film = submission(&sampled, name);
        let looked_at = &film["media"]["picture_quality"]["looked_at"];
        wrong.equal(name, looked_at["every_frame"].as_bool(), Some(false));
        wrong.unless(still(film).is_none(), format!("{name}: found in samples"));
        wrong.unless(is_accepted(film), format!("{name}: {}", film["verdict"]));
    }

    ended(&mut run(&place)).with(1);
    let exact = report(&place.out());
    let back = submission(&exact, LATER);
    wrong.equal("the later", back["verdict"].as_str(), Some("returned"));
    wrong.equal("its outputs", &back["outputs"], &Value::Null);
    wrong.unless(!is_there(&place, back), "something of it is published");
    let shown = submission(&exact, EARLIER);
    wrong.unless(is_accepted(shown), "the earlier version does not stand in");
    let remarked = submission(&exact, SHORT_FREEZE);
    let verdict = remarked["verdict"].as_str();
    wrong.equal("the other", verdict, Some("accepted_with_warnings"));
    for film in [shown, remarked] {
        wrong.equal("a job", film["job"]["outcome"].as_str(), Some("done"));
        wrong.unless(is_there(&place, film), "an accepted film is missing");
    }
    for (film, length) in [(back, "6.6 s"), (remarked, "4 s")] {
        let looked_at = &film["media"]["picture_quality"]["looked_at"];
        wrong.equal("frames", looked_at["frames"].as_u64(), Some(750));
        wrong.equal(
            "every frame",
            looked_at["every_frame"].as_bool(),
            Some(true),
        );
        let found = still(film).unwrap();
        let said = found["message"]["en"].as_str().unwrap();
        wrong.unless(said.contains("in the full decode while making"), said);
        let measured = found["measured"]["en"].as_str().unwrap();
        wrong.equal("the freeze", measured, &format!("still for {length}"));
    }
    let programme = exact["programme"].as_array().unwrap();
    wrong.equal("films in the programme", programme.len(), 2);

    ended(&mut zhanbo("check", &place)).with(1);
    let judged = report(&place.out());
    for name in [EARLIER, LATER, SHORT_FREEZE] {
        let (now, then) = (submission(&judged, name), submission(&exact, name));
        wrong.equal(name, &now["findings"], &then["findings"]);
        wrong.equal(name, &now["media"], &then["media"]);
    }
    let events = ended(&mut run(&place)).with(1).events();
    let makes = |event: &&Value| event["event"] == "job_started";
    wrong.equal("jobs of a second run", events.iter().find(makes), None);
    wrong.none();
}

#[test]
fn what_an_earlier_run_published_is_taken_away_when_every_frame_tells_against_it() {
    needs!("ffmpeg");
    let place = Place::new();
    judged_by(&place, 100);
    place.film("", LATER, &recorded_live(165));
    ended(&mut run(&place)).with(0);
    let film = submission(&report(&place.out()), LATER).clone();
    assert!(is_accepted(&film) && is_there(&place, &film));
    let programme = || {
        let there = fs::read_dir(place.out().join("programme")).unwrap();
        let names = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter_map(|name| name.strip_suffix(".mp4").map(drop))
            .count()
    };
    assert_eq!(programme(), 3, "the slate, the film, and both joined");

    // As if an older program had made it, which judged by samples alone and encoded in another way.
    judged_by(&place, 20);
    fs::remove_dir_all(place.out().join("work/readings")).unwrap();
    let ladder = fs::read_to_string(place.ladder()).unwrap();
    fs::write(place.ladder(), ladder.replace("crf = 28", "crf = 29")).unwrap();

    let events = ended(&mut run(&place)).with(1).events();
    let mut finished = events.iter().filter(|e| e["event"] == "job_finished");
    assert_eq!(finished.next().unwrap()["outcome"], "returned");
    let film = submission(&report(&place.out()), LATER).clone();
    assert_eq!(film["verdict"], "returned");
    assert!(!is_there(&place, &film));
    assert_eq!(programme(), 0, "nothing to play");
}
