//! Texts that point at other files, named as videos: nothing that they name is opened, and nobody is called.

use std::fs;
use std::process::Command;

use crate::media_maker::{Place, needs, plain, skipped};
use crate::program::{report, submission};

#[test]
fn a_playlist_named_as_a_video_opens_no_neighbour_and_calls_nobody() {
    needs!("ffmpeg", "strace");
    let place = Place::new();
    let secret = place.root().join("private-neighbour.mp4");
    fs::copy(plain(1, 1), &secret).unwrap();
    let at = secret.display();
    let payloads = [
        (
            "甲大学《播》.mp4",
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{at}\n#EXT-X-ENDLIST\n"),
            "HLS",
        ),
        (
            "甲大学《近》.mov",
            "#EXTM3U\n#EXTINF:1,\n../../private-neighbour.mp4\n#EXT-X-ENDLIST\n".into(),
            "HLS",
        ),
        (
            "甲大学《远》.mpg",
            "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/private-neighbour.mp4\n".into(),
            "HLS",
        ),
        (
            "甲大学《接》.mp4",
            format!("ffconcat version 1.0\nfile '{at}'\n"),
            "ffconcat",
        ),
        (
            "甲大学《破》.mp4",
            format!("<?xml version=\"1.0\"?><MPD><BaseURL>file://{at}</BaseURL></MPD>"),
            "DASH",
        ),
        (
            "甲大学《话》.mp4",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
                .into(),
            "SDP",
        ),
    ];
    for (name, text, _) in &payloads {
        place.file("成都第一片区", name, text.as_bytes());
    }
    let log = place.root().join("strace.log");
    let traced = Command::new("strace")
        .args(["-f", "-s", "4096", "-e", "trace=%file,%network", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_zhanbo"))
        .arg("run")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .args(["--lang", "en", "--jobs", "1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&traced.stderr);
    if said.contains("ptrace") && said.contains("not permitted") {
        return skipped("strace may not trace here");
    }
    assert_eq!(traced.status.code(), Some(1), "{said}");
    let report = report(&place.out());
    for (name, _, format) in &payloads {
        let record = submission(&report, name);
        assert_eq!(record["verdict"], "returned", "{name}");
        let message = record["findings"][0]["message"]["en"].as_str().unwrap();
        assert!(
            message.contains("playlist") && message.contains(format),
            "{name}: {message}"
        );
    }
    let log = fs::read_to_string(log).unwrap();
    assert!(
        log.contains("socketpair(AF_UNIX"),
        "the workers' sockets are not in the log: was it traced at all?"
    );
    let calls = ["socket(", "connect(", "bind(", "sa_family=AF_INET"];
    let bad: Vec<_> = log
        .lines()
        .filter(|line| {
            line.contains("private-neighbour") || calls.iter().any(|call| line.contains(call))
        })
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
