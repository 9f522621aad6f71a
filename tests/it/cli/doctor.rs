use crate::program::{ended, zhanbo};

#[test]
fn a_computer_that_runs_these_tests_is_well_and_the_encoder_is_named() {
    let answers = ended(zhanbo().arg("doctor")).with(0).stdout;
    assert!(answers.contains("libx264"), "{answers}");
    assert!(answers.contains("FFmpeg"), "{answers}");
    assert!(!answers.contains("MISSING"), "{answers}");
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
