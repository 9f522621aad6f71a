use crate::program::{ended, zhanbo};

#[test]
fn a_computer_that_runs_these_tests_is_well_and_the_encoder_is_named() {
    let answers = ended(zhanbo().arg("doctor")).with(0).stdout;
    assert!(answers.contains("libx264"), "{answers}");
    assert!(answers.contains("FFmpeg"), "{answers}");
    assert!(!answers.contains("MISSING"), "{answers}");
}

#[test]
fn every_encoder_in_hardware_is_tried_and_none_is_needed() {
    let answers = ended(zhanbo().args(["doctor", "--json"])).with(0).events();
    for name in ["h264_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox"] {
        let what = format!("hardware encoder {name}");
        let answer = answers.iter().find(|a| a["what"]["en"] == what.as_str());
        let answer = answer.unwrap_or_else(|| panic!("{name} is not tried"));
        let found = answer["found"]["en"].as_str().unwrap();
        match answer["health"].as_str() {
            Some("good") => assert!(found.starts_with("works"), "{found}"),
            Some("spare") => assert!(found.len() > "cannot be used, and is not needed: ".len()),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn answers_for_programs_are_json_lines() {
    let answers = ended(zhanbo().args(["doctor", "--json"])).with(0).events();
    assert!(
        answers
            .iter()
            .any(|a| a["what"]["en"] == "encoder libx264" && a["health"] == "good")
    );
}
