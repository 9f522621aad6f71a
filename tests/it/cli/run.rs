use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, submission, zhanbo};

#[test]
fn all_well_is_code_0_with_a_summary_on_standard_output_and_progress_on_standard_error() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    let ended = ended(&mut run(&place)).with(0);
    assert!(ended.stdout.contains("made 1"), "{}", ended.stdout);
    assert!(ended.stdout.contains("index.html"), "{}", ended.stdout);
    assert!(ended.stderr.contains("甲大学《一》"), "{}", ended.stderr);
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains('\x1b'), "a pipe got escape codes: {text:?}");
    }
    for name in [
        "index.html",
        "report/report.json",
        "report/report.html",
        "programme/programme.m3u8",
    ] {
        assert!(place.out().join(name).is_file(), "{name}");
    }
}

#[test]
fn an_encoder_that_does_not_work_here_is_told_and_x264_makes_the_same_as_without_it() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    // Apple's: no computer of these tests has it.
    let wanted = ["--encoder", "h264_videotoolbox", "--lang", "en"];
    let first = ended(run(&place).args(wanted)).with(0);
    let told = "h264_videotoolbox cannot be used here: ";
    assert!(first.stderr.contains(told), "{}", first.stderr);
    let instead = "; libx264 is used instead";
    assert!(first.stderr.contains(instead), "{}", first.stderr);
    let made = report(&place.out());
    let remark = made["remarks"][0]["en"].as_str().unwrap();
    assert!(
        remark.starts_with(told) && remark.ends_with(instead),
        "{remark}"
    );
    let film = submission(&made, "甲大学《一》.mp4");
    for variant in film["outputs"]["variants"].as_array().unwrap() {
        assert_eq!(variant["encoder"], "libx264", "{variant}");
    }
    let events = ended(run(&place).args(wanted).arg("--json"))
        .with(0)
        .events();
    assert!(
        events
            .iter()
            .any(|event| event["event"] == "encoder_refused")
    );
    // What made it counts, not what was asked for.
    ended(&mut run(&place)).with(0);
    let again = report(&place.out());
    assert_eq!(
        submission(&again, "甲大学《一》.mp4")["job"]["outcome"],
        "up_to_date"
    );
    ended(run(&place).args(["--encoder", "nvenc"])).with(2);
}

#[test]
fn one_returned_submission_is_code_1_and_the_others_are_made() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.file("成都第一片区", "乙大学《二》.mp4", b"");
    ended(&mut run(&place)).with(1);
    let report = report(&place.out());
    assert_eq!(
        submission(&report, "甲大学《一》.mp4")["job"]["outcome"],
        "done"
    );
    assert_eq!(
        submission(&report, "乙大学《二》.mp4")["verdict"],
        "unreadable"
    );
}

#[test]
fn a_film_whose_frames_were_only_counted_says_so() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    ended(run(&place).args(["--proof", "count"])).with(0);
    let report = report(&place.out());
    let film = submission(&report, "甲大学《一》.mp4");
    let findings = film["findings"].as_array().unwrap();
    let said = findings.iter().filter(|finding| {
        let text = finding["message"]["zh"].as_str().unwrap();
        text.contains("--proof count")
    });
    assert_eq!(said.count(), 1, "{findings:?}");
    let again = ended(&mut run(&place)).with(0);
    assert!(again.stdout.contains("up to date 1"), "{}", again.stdout);
}

#[test]
fn quiet_leaves_standard_error_empty() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    let ended = ended(run(&place).arg("-q")).with(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_plain_folder_of_videos_needs_no_regions_and_no_settings() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("", "开场.mp4", &plain(1, 1));
    place.film("", "甲大学《一》.mp4", &plain(1, 2));
    ended(&mut run(&place)).with(0);
    let report = report(&place.out());
    assert_eq!(report["totals"]["made"], 2);
    assert_eq!(report["showcase"]["preset"], "plain");
    assert_eq!(report["programme"].as_array().unwrap().len(), 2);
}

#[test]
fn the_inbox_is_left_as_it_was() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.file("成都第一片区", "乙大学《二》.mp4", b"no video");
    let before = crate::program::tree(&place.inbox());
    ended(&mut run(&place)).with(1);
    assert_eq!(crate::program::tree(&place.inbox()), before);
}

#[test]
fn an_empty_inbox_is_no_error() {
    let place = Place::new();
    ended(
        zhanbo()
            .arg("run")
            .arg(place.inbox())
            .arg("-o")
            .arg(place.out()),
    )
    .with(0);
    assert_eq!(report(&place.out())["totals"]["received"], 0);
}
