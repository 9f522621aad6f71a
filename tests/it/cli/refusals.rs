//! What stops a run before it starts: code 2, nothing on standard output, a reason and a hint.

use std::fs::{self, File};

use crate::media_maker::Place;
use crate::program::{Ended, ended, run, zhanbo};

fn refused(ended: Ended, because: &str) {
    let ended = ended.with(2);
    assert_eq!(ended.stdout, "");
    assert!(
        ended.stderr.contains(because),
        "{because:?} is not in\n{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("\nhint: "), "{}", ended.stderr);
}

#[test]
fn an_unknown_preset_is_refused_with_the_nearest() {
    let place = Place::new();
    let mut command = run(&place);
    refused(
        ended(command.args(["--preset", "sichuan-2021-showcas"])),
        "sichuan-2021-showcase",
    );
    assert!(!place.out().exists());
}

#[test]
fn a_missing_inbox_is_refused() {
    let place = Place::new();
    fs::remove_dir(place.inbox()).unwrap();
    refused(ended(&mut run(&place)), "inbox");
}

#[test]
fn an_inbox_that_is_a_file_is_refused() {
    let place = Place::new();
    fs::remove_dir(place.inbox()).unwrap();
    fs::write(place.inbox(), "no folder").unwrap();
    refused(ended(&mut run(&place)), "inbox");
}

#[test]
fn outputs_inside_the_inbox_are_refused() {
    let place = Place::new();
    let out = place.inbox().join("out");
    refused(
        ended(zhanbo().arg("run").arg(place.inbox()).arg("-o").arg(&out)),
        "lie in one another",
    );
    assert!(!out.exists());
}

#[test]
fn outputs_inside_the_inbox_are_refused_by_a_detour_too() {
    let place = Place::new();
    let detour = place.root().join("detour");
    std::os::unix::fs::symlink(place.inbox(), &detour).unwrap();
    let out = detour.join("out");
    refused(
        ended(zhanbo().arg("run").arg(place.inbox()).arg("-o").arg(&out)),
        "lie in one another",
    );
    assert!(!place.inbox().join("out").exists());
}

#[test]
fn an_output_folder_that_another_run_is_using_is_refused() {
    let place = Place::new();
    fs::create_dir_all(place.out().join("work")).unwrap();
    let lock = File::create(place.out().join("work/lock")).unwrap();
    lock.lock().unwrap();
    refused(ended(&mut run(&place)), "another run");
    lock.unlock().unwrap();
    ended(&mut run(&place)).with(0);
}

#[test]
fn a_number_of_jobs_that_makes_no_sense_is_refused() {
    let place = Place::new();
    let mut command = zhanbo();
    command
        .arg("run")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .args(["--jobs", "0"]);
    refused(ended(&mut command), "--jobs");
}

#[test]
fn a_showcase_file_with_an_error_is_refused_with_its_place() {
    let place = Place::new();
    place.file("", "showcase.toml", b"title = \"x\"\npresett = \"plain\"\n");
    refused(ended(&mut run(&place)), "showcase.toml:2:1");
}
