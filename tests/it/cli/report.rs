//! `report OUT`, and what a run leaves beside the page.

use std::fs;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, tree, zhanbo};

fn check(place: &Place) -> assert_cmd::Command {
    let mut command = zhanbo();
    command
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    command
}

/// Two regions that have something to put right; nothing in them needs FFmpeg.
fn checked() -> Place {
    let place = Place::new();
    place.file("成都第一片区", "甲大学《=1+1》.mp4", b"no video");
    place.file("川南片区", "乙大学《二》.mp4", b"no video");
    ended(&mut check(&place)).with(1);
    place
}

fn report_tree(place: &Place) -> Vec<String> {
    let all = tree(&place.out().join("report")).into_keys();
    all.map(|name| name.trim_start_matches('/').to_owned())
        .collect()
}

#[test]
fn a_spreadsheet_and_a_notice_for_each_region_stand_beside_the_page() {
    let place = checked();
    let files = report_tree(&place);
    for name in [
        "汇总表.xlsx",
        "notices/成都第一片区.docx",
        "notices/川南片区.md",
    ] {
        assert!(
            files.iter().any(|file| file == name),
            "{name} is not in {files:?}"
        );
    }
}

#[test]
fn a_second_check_with_nothing_new_leaves_every_file_as_it_is() {
    let place = checked();
    let shown = |place: &Place| {
        let mut all = tree(&place.out());
        all.retain(|name, _| !name.starts_with("/work"));
        all
    };
    let before = shown(&place);
    // The report's time is in whole seconds: were it written again, it would be another.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let said = ended(&mut check(&place)).with(1).stdout;
    assert_eq!(shown(&place), before);
    assert!(
        said.contains("no finding has changed since the last time"),
        "{said}"
    );
}

#[test]
fn a_notice_goes_when_there_is_nothing_to_say_any_more_and_nobody_elses_file_does() {
    let place = checked();
    let notices = place.out().join("report/notices");
    fs::write(notices.join("回执.docx"), "the office's own").unwrap();
    fs::remove_file(place.inbox().join("川南片区/乙大学《二》.mp4")).unwrap();
    ended(&mut check(&place));
    let files = report_tree(&place);
    let there = |name: &str| files.iter().any(|file| file == name);
    assert!(
        there("notices/回执.docx") && there("notices/成都第一片区.docx"),
        "{files:?}"
    );
    let changes = &report(&place.out())["changes"];
    assert_eq!(changes["removed"][0]["name"], "乙大学《二》");
    let gone = !there("notices/川南片区.docx");
    let still = report(&place.out())["regions"]
        .to_string()
        .contains("川南片区");
    assert!(gone || still, "{files:?}");
}

#[test]
fn the_pages_come_back_from_the_json_alone_in_either_language() {
    let place = checked();
    let before = tree(&place.out().join("report"));
    for name in ["report.html", "汇总表.xlsx", "notices/成都第一片区.docx"] {
        fs::remove_file(place.out().join("report").join(name)).unwrap();
    }
    ended(zhanbo().arg("report").arg(place.out())).with(1);
    let contents = |tree: &std::collections::BTreeMap<String, crate::program::Leaf>| {
        let each = tree
            .iter()
            .map(|(name, leaf)| (name.clone(), leaf.blake3.clone()));
        each.collect::<Vec<_>>()
    };
    assert_eq!(
        contents(&tree(&place.out().join("report"))),
        contents(&before)
    );
    ended(zhanbo().args(["report", "--lang", "zh"]).arg(place.out())).with(1);
    let notice = place.out().join("report/notices/成都第一片区.md");
    assert!(fs::read_to_string(notice).unwrap().contains("退回补正通知"));
}

#[test]
fn a_folder_without_a_report_is_told_what_to_do() {
    let place = Place::new();
    let said = ended(zhanbo().arg("report").arg(place.inbox()))
        .with(2)
        .stderr;
    assert!(
        said.contains("report.json cannot be read as a report"),
        "{said}"
    );
    assert!(said.contains("hint: give an output folder"), "{said}");
    assert!(
        !place.inbox().join("work").exists(),
        "nothing is written there"
    );
}

#[test]
fn a_report_of_another_version_is_no_report() {
    let place = checked();
    let path = place.out().join("report/report.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("zhanbo.report/1", "zhanbo.report/9");
    fs::write(&path, text).unwrap();
    let said = ended(zhanbo().arg("report").arg(place.out()))
        .with(2)
        .stderr;
    assert!(said.contains("zhanbo.report/9"), "{said}");
    ended(&mut check(&place)).with(1);
    assert_eq!(report(&place.out())["schema"], "zhanbo.report/1");
}

#[test]
fn a_second_run_that_makes_nothing_leaves_the_report_of_the_first() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    ended(&mut run(&place)).with(0);
    let before = tree(&place.out().join("report"));
    let said = ended(&mut run(&place)).with(0).stdout;
    assert_eq!(tree(&place.out().join("report")), before);
    assert!(said.contains("up to date 1"), "{said}");
}

#[test]
fn pages_are_put_right_by_the_next_run_though_nothing_else_is_new() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.file("成都第一片区", "乙大学《二》.mp4", b"");
    ended(&mut run(&place)).with(1);
    let names = ["report/report.html", "index.html", "report/汇总表.xlsx"];
    let notice = "report/notices/成都第一片区.docx";
    let contents = || -> Vec<Vec<u8>> {
        let names = names.iter().chain([&notice]);
        let read = names.map(|name| fs::read(place.out().join(name)).unwrap());
        read.collect()
    };
    let written = contents();
    fs::write(place.out().join(names[0]), "scribbled over").unwrap();
    fs::remove_file(place.out().join(names[1])).unwrap();
    fs::remove_file(place.out().join(notice)).unwrap();
    ended(&mut run(&place)).with(1);
    assert_eq!(contents(), written);

    // In another language by hand, and back by a run.
    let mut in_chinese = zhanbo();
    in_chinese.args(["report", "--lang", "zh"]).arg(place.out());
    ended(&mut in_chinese).with(1);
    assert_ne!(fs::read(place.out().join(names[0])).unwrap(), written[0]);
    ended(&mut run(&place)).with(1);
    assert_eq!(contents(), written);
}
