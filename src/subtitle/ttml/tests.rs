use proptest::prelude::*;

use super::*;

fn document(root: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<tt xmlns=\"http://www.w3.org/ns/ttml\" {root}><body>{body}</body></tt>"
    )
}

/// `start-end text` of each cue, lines joined with `/`.
fn cues(text: &str) -> Vec<String> {
    shown(&read(text))
}

fn shown(draft: &Draft) -> Vec<String> {
    let cue = |cue: &DraftCue| {
        let end = match cue.end {
            OPEN_END => "…".to_owned(),
            end => end.to_string(),
        };
        format!("{}-{end} {}", cue.start, cue.text.replace('\n', "/"))
    };
    draft.cues.iter().map(cue).collect()
}

#[test]
fn paragraphs_become_plain_text_with_the_lines_that_were_meant() {
    let text = document(
        "",
        "<div><p begin='1s' end='2s'>\n   <span>春天的</span><br/>\n   脚步 &amp; 阳光&#x3002;\n </p>
         <p begin='2s' dur='500ms'>很长的\n      一行 two\n      words</p>
         <p begin='3s' end='4s' xml:space='preserve'>甲\n乙</p>
         <p begin='4s' end='5s'><metadata>不显示</metadata><ruby:span xmlns:tts='x' tts:ruby='text'>zhōng</ruby:span>\
         中<![CDATA[<b>]]>&nbsp;&unknown;</p></div>",
    );
    assert_eq!(
        cues(&text),
        [
            "1000-2000 春天的/脚步 & 阳光。",
            "2000-2500 很长的一行 two words",
            "3000-4000 甲/乙",
            "4000-5000 中<b>\u{a0}&unknown;",
        ]
    );
}

#[test]
fn times_nest_and_nothing_outlasts_what_it_is_in() {
    let text = document(
        "",
        "<div begin='10s' end='20s'><p begin='1s' end='3s'>甲</p><p begin='5s' end='30s'>乙</p><p>丙</p></div>",
    );
    assert_eq!(
        cues(&text),
        ["11000-13000 甲", "15000-20000 乙", "10000-20000 丙"]
    );
}

#[test]
fn what_stands_in_a_sequence_follows_what_stands_before() {
    let text = document(
        "",
        "<div timeContainer='seq' begin='10s'><p dur='1s'>甲</p><p begin='1s' dur='2s'>乙</p>\
         <p><span begin='0s' end='1s'>不</span></p><p>零</p><p end='3s'>丁</p></div><p begin='1s' end='2s'>戊</p>",
    );
    assert_eq!(
        cues(&text),
        [
            "10000-11000 甲",
            "12000-14000 乙",
            "14000-15000 不",
            "15000-15000 零",
            "15000-18000 丁",
            "1000-2000 戊",
        ]
    );
}

#[test]
fn spans_that_come_and_go_cut_their_paragraph() {
    let text = document(
        "",
        "<p begin='0s' end='10s'>甲<span begin='2s' end='4s'>乙</span><span begin='3s' end='10s'>丙</span></p>\
         <p><span begin='20s' end='21s'>一</span><br/><span begin='21s' end='22s'>二</span></p>",
    );
    assert_eq!(
        cues(&text),
        [
            "0-2000 甲",
            "2000-3000 甲乙",
            "3000-4000 甲乙丙",
            "4000-10000 甲丙",
            "20000-21000 一",
            "21000-22000 二",
        ]
    );
}

#[test]
fn rates_of_the_root_hold_for_all_times() {
    let text = document(
        "ttp:frameRate='25' ttp:tickRate='1000' xml:lang='zh-Hans' xmlns:ttp='http://www.w3.org/ns/ttml#parameter'",
        "<p begin='00:00:01:05' end='10f'>反</p><p begin='1500t' end='00:00:02.000'>甲</p><p begin='5s'>乙</p>",
    );
    let draft = read(&text);
    assert_eq!(shown(&draft), ["1200-400 反", "1500-2000 甲", "5000-… 乙"]);
    assert_eq!(draft.tag.as_deref(), Some("zh-Hans"));
}

#[test]
fn what_has_no_time_or_an_unreadable_one_is_told_with_its_line() {
    let text = document(
        "",
        "\n<p begin='x' end='2s'>丢</p>\n<p>从头到尾</p>\n<p begin='1s' end='2s'>甲</p>",
    );
    let draft = read(&text);
    assert_eq!(shown(&draft), ["1000-2000 甲"]);
    assert_eq!(draft.unreadable, [3, 4]);
}

#[test]
fn a_sample_of_a_track_ends_with_its_sample() {
    let text = document("", "<p>甲</p><p begin='1s' end='9s'>乙</p>");
    assert_eq!(
        shown(&read_within(&text, Some(4000))),
        ["0-4000 甲", "1000-4000 乙"]
    );
}

#[test]
fn files_by_hand_are_read_as_far_as_they_go() {
    let text = document(
        "",
        "<p begin='1s' end='2s'><b>甲</p><p begin='2s' end='3s'>乙 & 丙</i></p>",
    );
    assert_eq!(cues(&text), ["1000-2000 甲", "2000-3000 乙 & 丙"]);
    let cut =
        read("<tt><body>\n<p begin='1s' end='2s'>甲</p>\n<p begin='3s' end='4s'>乙</p>\n<p beg");
    assert_eq!(shown(&cut), ["1000-2000 甲", "3000-4000 乙"]);
    assert_eq!(cut.broken, Some(4));
}

#[test]
fn bombs_cost_nothing() {
    let entities = "<!DOCTYPE tt [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">\
                    <!ENTITY file SYSTEM \"file:///etc/passwd\">]>\
                    <tt><body><p begin='0s' end='1s'>&b;&file;</p></body></tt>";
    assert!(looks_like(entities));
    assert_eq!(cues(entities), ["0-1000 &b;&file;"]);

    let deep = format!("<tt>{}", "<div>".repeat(100_000));
    assert_eq!(read(&deep).broken, Some(1));

    let many = "<p begin='0s' end='1s'>字</p>".repeat(MAX_CUES + 10);
    assert_eq!(read(&document("", &many)).cues.len(), MAX_CUES + 1);

    let syllables = (0..2000).map(|n| format!("<span begin='{n}s' end='{}s'>字</span>", n + 5));
    let karaoke = syllables.collect::<Vec<_>>().concat();
    let draft = read(&document("", &format!("<p>{karaoke}</p>")));
    assert_eq!(draft.cues.len(), 1);
    assert_eq!((draft.cues[0].start, draft.cues[0].end), (0, 2_004_000));
}

proptest! {
    #[test]
    fn no_near_miss_makes_it_panic(
        parts in prop::collection::vec(
            "(<p begin='[0-9:.smhft]{0,8}' end='[0-9:.]{0,8}'>|<span dur='[0-9]{1,18}[smhft]{1,2}'>|<div timeContainer='seq'>|\
             <br/>|</p>|</span>|</div>|&#?[a-z0-9]{0,6};?|<!--|-->|<!\\[CDATA\\[|<!DOCTYPE|[一-三 \n<>&'\"/=]{0,5})",
            0..30,
        ),
        rates in "[0-9 :]{0,12}",
    ) {
        let root = format!("ttp:frameRate='{rates}' ttp:tickRate='{rates}' ttp:frameRateMultiplier='{rates}' ttp:timeBase='smpte'");
        let text = document(&root, &parts.concat());
        prop_assert!(looks_like(&text));
        let _ = crate::subtitle::read("a.ttml", text.as_bytes());
    }
}
