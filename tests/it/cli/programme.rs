use std::fs;

use crate::document_maker::xlsx;
use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, zhanbo};

#[test]
fn a_folder_without_a_report_is_code_2_with_what_to_do() {
    let place = Place::new();
    let told = ended(zhanbo().arg("programme").arg(place.out())).with(2);
    assert!(told.stderr.contains("report.json"), "{}", told.stderr);
}

/// Titles in the order in which they play.
fn titles(place: &Place) -> Vec<String> {
    let report = report(&place.out());
    let all = report["submissions"].as_array().unwrap().clone();
    let played = report["programme"].as_array().unwrap().clone();
    let title = |id: &serde_json::Value| {
        let film = all.iter().find(|s| s["id"] == *id).unwrap();
        film["title"].as_str().unwrap().to_owned()
    };
    played
        .iter()
        .map(|item| title(&item["submission"]))
        .collect()
}

#[test]
fn a_changed_run_sheet_is_followed_and_one_that_can_not_be_is_left_alone() {
    needs!("ffmpeg");
    let place = Place::new();
    let settings = "title = \"展播\"\n[programme]\nslates = false\n";
    fs::write(place.inbox().join("showcase.toml"), settings).unwrap();
    place.introduced("川北片区", "甲大学《一》.mp4", &plain(1, 1));
    place.introduced("川北片区", "乙大学《二》.mp4", &plain(1, 2));
    ended(&mut run(&place)).with(0);
    let first = titles(&place);
    let ids: Vec<String> = report(&place.out())["programme"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["submission"].as_str().unwrap().to_owned())
        .collect();

    let sheet = place.out().join("programme/run-sheet.xlsx");
    let head = ["No.", "Notes", "Plan B", "Key (keep)"];
    fs::write(
        &sheet,
        xlsx(&[
            &head,
            &["2", "lights down", "wait", &ids[0]],
            &["1", "", "wait", &ids[1]],
        ]),
    )
    .unwrap();
    ended(zhanbo().arg("programme").arg(place.out())).with(0);
    assert_eq!(titles(&place), [first[1].clone(), first[0].clone()]);
    let page = fs::read_to_string(place.out().join("programme/run-sheet.html")).unwrap();
    assert!(page.contains("lights down"));
    let list = fs::read_to_string(place.out().join("programme/programme.m3u8")).unwrap();
    assert!(list.find(&first[1]) < list.find(&first[0]), "{list}");

    // It stays so, until the sheet is changed again.
    ended(&mut run(&place)).with(0);
    assert_eq!(titles(&place), [first[1].clone(), first[0].clone()]);

    let nonsense = xlsx(&[&head, &["1", "", "", &ids[0]], &["1", "", "", &ids[1]]]);
    fs::write(&sheet, &nonsense).unwrap();
    let told = ended(zhanbo().arg("programme").arg(place.out())).with(0);
    assert!(
        told.stdout.contains("number 1 stands there twice"),
        "{}",
        told.stdout
    );
    assert_eq!(titles(&place), [first[1].clone(), first[0].clone()]);
    assert_eq!(
        fs::read(&sheet).unwrap(),
        nonsense,
        "nobody's work is overwritten"
    );

    fs::remove_file(&sheet).unwrap();
    ended(zhanbo().arg("programme").arg(place.out())).with(0);
    assert_eq!(titles(&place), first);
    assert!(sheet.is_file());
}

#[test]
fn after_a_check_the_report_says_whose_programme_is_there() {
    needs!("ffmpeg");
    let place = Place::new();
    fs::write(
        place.inbox().join("showcase.toml"),
        "[programme]\nslates = false\n",
    )
    .unwrap();
    place.introduced("川北片区", "甲大学《一》.mp4", &plain(1, 1));
    place.introduced("川北片区", "乙大学《二》.mp4", &plain(1, 2));
    ended(&mut run(&place)).with(0);
    let settings = "[programme]\nslates = false\n[[programme.item]]\ntitle = \"二\"\n";
    fs::write(place.inbox().join("showcase.toml"), settings).unwrap();
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    ended(check.arg("--ladder").arg(place.ladder())).with(0);
    assert_eq!(titles(&place), ["二"]);
    let remarks = report(&place.out())["programme_remarks"].to_string();
    assert!(remarks.contains("`check` makes nothing"), "{remarks}");
}

#[test]
fn slates_are_drawn_once_and_do_not_wait_for_the_films() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("川北片区", "甲大学《一》.mp4", &plain(1, 2));
    place.introduced("川北片区", "乙大学《二》.mp4", &plain(2, 2));
    let events = ended(run(&place).arg("--json")).with(0).events();
    let positions = |wanted: &dyn Fn(&serde_json::Value) -> bool| -> Vec<usize> {
        let all = events.iter().enumerate();
        all.filter(|(_, event)| wanted(event))
            .map(|(nth, _)| nth)
            .collect()
    };
    let drawn = positions(&|event| {
        let what = event["what"]["en"].as_str().unwrap_or_default();
        event["event"] == "programme" && what.starts_with("drawing")
    });
    let finished = positions(&|event| event["event"] == "job_finished");
    assert_eq!((drawn.len(), finished.len()), (2, 2));
    assert!(drawn[0] < finished[1], "{drawn:?} {finished:?}");
}
