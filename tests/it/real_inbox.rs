//! A real delivery, where it lies beside the repository: what people expect of every video, against what we say.

use std::fs;
use std::path::Path;

use crate::media_maker::{Place, skipped};
use crate::program::{ended, report, zhanbo};

/// Videos whose verdict is known to be another one for now, with the verdict and the reason.
const KNOWN_DIFFERENT: [(&str, &str, &str); 3] = [
    (
        "四川文理学院《小猫》.mp4",
        "accepted_with_warnings",
        "a near duplicate is for a person to confirm and changes no verdict; the finding is looked at below",
    ),
    (
        "四川师范大学《春天的脚步》.mp4",
        "accepted_with_warnings",
        "the table says that sound is there, but its track is nothing but silence: ffmpeg's volumedetect says -91 dB",
    ),
    (
        "西华大学《倒立的火》.mp4",
        "accepted_with_warnings",
        "the table says nothing of its sound, which nobody in a hall would hear: -49.6 LUFS",
    ),
];

/// The verdict in a row of the table: `returned: orientation` is `returned`.
fn verdict(expect: &str) -> &str {
    expect.split([':', ' ', '(']).next().unwrap()
}

#[test]
fn every_video_of_the_real_inbox_gets_the_verdict_that_people_expect() {
    let inboxes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/inboxes");
    let inbox = inboxes.join("real-1");
    let Ok(table) = fs::read_to_string(inboxes.join("real-1.expected.tsv")) else {
        return skipped(&format!("there is no {}", inbox.display()));
    };
    let place = Place::new();
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(&inbox)
        .arg("-o")
        .arg(place.out())
        .args(["--preset", "sichuan-2021-showcase"]);
    ended(&mut check).with(1);
    let report = report(&place.out());
    let submissions = report["submissions"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for row in table.lines().skip(1) {
        let [region, delivery, name, expect, _why] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a row of the table has other columns: {row}");
        };
        let is_verdict = [
            "accepted",
            "accepted_with_warnings",
            "returned",
            "unreadable",
            "duplicate",
        ]
        .contains(&verdict(expect));
        // What a person should see in a picture is told by a finding, once there is a rule for it.
        if !is_verdict {
            continue;
        }
        seen += 1;
        let came_from = |source: &str| match delivery {
            "-" => source == format!("{region}/{name}"),
            archive => source.starts_with(&format!("{archive}/")) && source.ends_with(name),
        };
        let found = submissions.iter().find(|s| {
            s["region"] == region
                && s["original_name"] == name
                && came_from(s["source"].as_str().unwrap())
        });
        let actual = found.map_or("not in the report", |s| s["verdict"].as_str().unwrap());
        let known = KNOWN_DIFFERENT.iter().find(|(known, ..)| *known == name);
        let wanted = known.map_or(verdict(expect), |(_, for_now, _)| for_now);
        if actual != wanted {
            let findings: Vec<_> = found
                .into_iter()
                .flat_map(|s| s["findings"].as_array().unwrap())
                .map(|f| format!("{}: {}", f["rule"], f["message"]["en"]))
                .collect();
            wrong.push(format!(
                "{region}/{name} is {actual}, but should be {wanted} ({expect}) {findings:?}"
            ));
        }
    }
    let named = |name: &str| {
        let found = submissions.iter().find(|s| s["original_name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in the report"))
    };
    let (cat, kitten, dog) = (
        named("西南科技大学《猫》.mp4"),
        named("四川文理学院《小猫》.mp4"),
        named("川北医学院《小狗》.mp4"),
    );
    assert_eq!(kitten["duplicate_of"]["id"], cat["id"]);
    assert_eq!(kitten["duplicate_of"]["kind"], "near");
    assert!(kitten["duplicate_of"]["score"].as_f64().unwrap() > 0.9);
    assert!(dog["duplicate_of"].is_null(), "{dog}");
    let pair = kitten["evidence"]["side_by_side"].as_str().unwrap();
    let jpeg = fs::read(place.out().join(pair)).unwrap();
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "{pair} is no JPEG");
    assert!(seen > 25, "only {seen} rows were compared");
    assert!(
        wrong.is_empty(),
        "{} of {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
