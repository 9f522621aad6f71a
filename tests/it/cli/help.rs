use crate::program::{ended, zhanbo};

const COMMANDS: [&str; 10] = [
    "run",
    "check",
    "plan",
    "presets",
    "rule",
    "hls-lint",
    "doctor",
    "serve",
    "verify",
    "programme",
];

#[test]
fn help_lists_the_exit_codes_in_both_languages() {
    let help = ended(zhanbo().arg("--help")).with(0);
    assert!(help.stdout.contains("Exit codes: 0"), "{}", help.stdout);
    assert!(help.stdout.contains("退出码：0"), "{}", help.stdout);
    for command in COMMANDS {
        assert!(
            help.stdout.contains(&format!("  {command} ")),
            "{command} is not in\n{}",
            help.stdout
        );
    }
    assert!(
        !help.stdout.contains("  worker"),
        "the hidden command is shown"
    );
}

#[test]
fn every_subcommand_has_help_in_both_languages() {
    for command in COMMANDS {
        let help = ended(zhanbo().args([command, "--help"])).with(0).stdout;
        assert!(help.contains(" / "), "{command}: {help}");
        assert!(help.contains("--lang"), "{command}: {help}");
    }
}

#[test]
fn a_wrong_argument_is_explained_on_standard_error_with_code_2() {
    let wrong = ended(zhanbo().args(["run", "--no-such-flag"])).with(2);
    assert_eq!(wrong.stdout, "");
    assert!(wrong.stderr.contains("--no-such-flag"), "{}", wrong.stderr);
}

#[test]
fn the_version_is_the_packages() {
    let version = ended(zhanbo().arg("--version")).with(0);
    assert_eq!(
        version.stdout,
        format!("zhanbo {}\n", env!("CARGO_PKG_VERSION"))
    );
}
