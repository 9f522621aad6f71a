//! Notices as other programs read them: quick-xml for the document, pulldown-cmark for the Markdown.

use std::io::{Cursor, Read as _};

use pulldown_cmark::{Event as Mark, Parser};
use quick_xml::events::Event;

use super::*;
use crate::report::sample;

fn markdown(region: &str, lang: Lang) -> String {
    to_markdown(&sample::full(), region, lang).unwrap()
}

fn docx(report: &Report, region: &str) -> Vec<u8> {
    to_docx(report, region, Lang::Zh).unwrap().unwrap()
}

fn part(docx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The text of every paragraph, and the names of all elements; panics on what is no XML.
fn read(xml: &str) -> (Vec<String>, Vec<String>) {
    let (mut paragraphs, mut elements) = (Vec::new(), Vec::new());
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return (paragraphs, elements),
            Event::Start(element) => {
                let name = element.name().as_ref().to_owned();
                if name == "w:p" {
                    paragraphs.push(String::new());
                }
                elements.push(name);
            }
            Event::Empty(element) => {
                elements.push(element.name().as_ref().to_owned());
            }
            Event::Text(text) => {
                if let Some(paragraph) = paragraphs.last_mut() {
                    *paragraph += &text;
                }
            }
            Event::GeneralRef(name) => {
                let character = match &*name {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => name.resolve_char_ref().unwrap().unwrap(),
                };
                if let Some(paragraph) = paragraphs.last_mut() {
                    paragraph.push(character);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_region_hears_what_must_be_put_right_until_when_and_who_is_missing() {
    insta::assert_snapshot!(markdown("成都第二片区", Lang::Zh), @r"
    # 退回补正通知

    **庆祝建党100周年诗歌朗诵、合唱视频展播**

    成都第二片区：

    你片区报送“庆祝建党100周年诗歌朗诵、合唱视频展播”的 2 个视频，已按展播通知的要求逐个检查：通过 1 个（其中有提醒的 1 个），退回 1 个，无法读取 0 个，重复 0 个。现将有关事项通知如下。

    ## 一、需要补正后重新报送的视频（1 个）

    ### （1）成都信息工程大学《雨巷》

    结论：退回　文件名：成都信息工程大学《雨巷》\.mp4

    - 问题和依据: 视频超过 5 分钟 依据：“视频时长不超过5分钟”
      - 实测: 6:02\.800
      - 要求: 不超过 5:00\.000
      - 怎样处理: 请剪短至少 1:02\.800
    - 问题和依据: 没有视频简介 依据：“附视频简介（Word文档）”
      - 实测: 没有找到
      - 要求: 一份 Word 文档
      - 怎样处理: 请附上同名的 \.docx 文件

    ## 二、已通过、但请注意的视频（1 个，不必重新报送）

    - 单位《视频名称》: 成都大学《我们的食堂》
      - 提醒: 没有声音 实测：无音轨
      - 可以怎样改进: 如本应有声音，请重新导出

    ## 三、补正时间和办法

    补正截止日期：2026年7月20日。请按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请在此之前回复说明。

    秘书处

    2026年7月12日
    ");
    insta::assert_snapshot!(markdown("成都第一片区", Lang::Zh), @r"
    # 退回补正通知

    **庆祝建党100周年诗歌朗诵、合唱视频展播**

    成都第一片区：

    你片区报送“庆祝建党100周年诗歌朗诵、合唱视频展播”的 2 个视频，已按展播通知的要求逐个检查：通过 1 个（其中有提醒的 0 个），退回 1 个，无法读取 0 个，重复 0 个。现将有关事项通知如下。

    ## 一、需要补正后重新报送的视频（1 个）

    ### （1）西南交通大学《竖屏的校园》

    结论：退回　文件名：西南交通大学《竖屏的校园》\.mp4

    - 问题和依据: 画面是竖的 依据：“横屏拍摄”
      - 实测: 2160×3840（旋转 90° 后）
      - 要求: 横屏
      - 怎样处理: 请横着拍摄，或重新剪辑为横屏后再报送

    ## 二、片区报送的事项

    名册中的下列 1 个单位还没有报送。请联系这些单位，或告知不参加：

    - 四川大学

    ## 三、补正时间和办法

    补正截止日期：2026年7月20日。请按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请在此之前回复说明。

    秘书处

    2026年7月12日
    ");
}

#[test]
fn the_notice_is_as_complete_in_english() {
    insta::assert_snapshot!(markdown("成都第二片区", Lang::En), @r"
    # Notice: please put right and hand in again

    **Showcase of poetry recitals and choirs for the centenary**

    To 成都第二片区:

    Your region's 2 videos for “Showcase of poetry recitals and choirs for the centenary” were checked one by one against the call: 1 accepted (1 of them with advice), 1 returned, 0 unreadable, 0 duplicate\. Please note the following\.

    ## 1\. Videos to be put right and handed in again (1)

    ### (1) 成都信息工程大学《雨巷》

    Verdict: returned\. File: 成都信息工程大学《雨巷》\.mp4

    - What, and the clause: the video is longer than 5 minutes Clause: “视频时长不超过5分钟”
      - Measured: 6:02\.800
      - Allowed: at most 5:00\.000
      - What to do: cut at least 1:02\.800
    - What, and the clause: the introduction is missing Clause: “附视频简介（Word文档）”
      - Measured: not found
      - Allowed: a Word document
      - What to do: add a \.docx of the same name

    ## 2\. Accepted videos with advice (1; nothing has to be handed in again)

    - Unit and title: 成都大学《我们的食堂》
      - Advice: there is no sound Measured: no audio track
      - What would make it better: if there should be sound, export it again

    ## 3\. When and how

    Hand in again by 20 July 2026\. Please put right what is listed above and hand in those videos and papers only, named 单位《视频名称》 (unit and title)\. If you do not agree with a finding, tell us by then\.

    The secretariat

    12 July 2026
    ");
    insta::assert_snapshot!(markdown("川西片区", Lang::En), @r"
    # Notice: please put right and hand in again

    **Showcase of poetry recitals and choirs for the centenary**

    To 川西片区:

    Your region's 1 video for “Showcase of poetry recitals and choirs for the centenary” was checked one by one against the call: 1 accepted (0 of them with advice), 0 returned, 0 unreadable, 0 duplicate\. Please note the following\.

    ## 1\. About the region's delivery

    - What, and the clause: two videos are recommended Clause: “每个片区推荐1个视频”
      - Measured: 2
      - Allowed: 1
      - What to do: the region should say which one it means

    ## 2\. When and how

    Hand in again by 20 July 2026\. Please put right what is listed above and hand in those videos and papers only, named 单位《视频名称》 (unit and title)\. If you do not agree with a finding, tell us by then\.

    The secretariat

    12 July 2026
    ");
}

#[test]
fn a_duplicate_and_a_replaced_version_are_told_apart() {
    insta::assert_snapshot!(markdown("川北片区", Lang::Zh), @r"
    # 退回补正通知

    **庆祝建党100周年诗歌朗诵、合唱视频展播**

    川北片区：

    你片区报送“庆祝建党100周年诗歌朗诵、合唱视频展播”的 2 个视频，已按展播通知的要求逐个检查：通过 1 个（其中有提醒的 1 个），退回 0 个，无法读取 0 个，重复 1 个。现将有关事项通知如下。

    ## 一、需要补正后重新报送的视频（1 个）

    ### （1）绵阳师范学院《爱我中华》

    结论：重复　文件名：绵阳师范学院《爱我中华》\.mp4

    - 问题和依据: 与西南民族大学《爱我中华》（成都第一片区）是同一个文件
      - 怎样处理: 同一视频只展播一次。请商定由哪个单位报送；如果是两部不同的视频，请回复说明。

    ## 二、已通过、但请注意的视频（1 个，不必重新报送）

    - 单位《视频名称》: 西南科技大学《猫》
      - 提醒: 没有声音 实测：无音轨
      - 可以怎样改进: 如本应有声音，请重新导出

    ## 三、补正时间和办法

    补正截止日期：2026年7月20日。请按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请在此之前回复说明。

    秘书处

    2026年7月12日
    ");
}

#[test]
fn a_region_with_nothing_to_do_gets_no_notice() {
    let report = sample::full();
    let addressed: Vec<_> = stems(&report, Lang::Zh).into_keys().collect();
    assert_eq!(addressed.len(), 8, "{addressed:?}");
    let mut calm = report.clone();
    for submission in &mut calm.submissions {
        submission.verdict = Verdict::Accepted;
        submission.findings.clear();
    }
    for region in &mut calm.regions {
        region.findings.clear();
    }
    calm.roster.clear();
    assert!(stems(&calm, Lang::Zh).is_empty());
    assert!(to_docx(&calm, "川北片区", Lang::Zh).is_none());
}

#[test]
fn what_failed_with_us_is_not_the_regions_business() {
    let mut report = sample::full();
    report.regions[6].findings.clear();
    assert!(
        to_markdown(&report, "川西片区", Lang::Zh).is_none(),
        "only 稻花香, which failed"
    );
}

#[test]
fn without_a_deadline_it_is_as_soon_as_possible() {
    let text = to_markdown(&sample::report(), "成都第二片区", Lang::Zh).unwrap();
    assert!(text.contains("请尽快") && !text.contains("截止"), "{text}");
}

#[test]
fn file_names_are_those_that_windows_takes() {
    let names = [
        ("成都第一片区", "成都第一片区"),
        ("a/b:c*?\"<>|", "a_b_c______"),
        ("con", "_con"),
        ("COM1.x", "_COM1.x"),
        ("COMPUTER", "COMPUTER"),
        ("..", "_"),
        ("end. ", "end"),
        ("\u{202e}gpj", "gpj"),
    ];
    for (region, name) in names {
        assert_eq!(stem(region), name, "{region}");
    }
    let mut taken = BTreeSet::new();
    let stems = ["A?", "a*", "a<"].map(|name| free_stem(name, Lang::Zh, &mut taken));
    assert_eq!(stems, ["A_", "a_-2", "a_-3"]);
    assert_eq!(free_stem("", Lang::En, &mut taken), "no region");
}

#[test]
fn a_notice_is_dated_where_the_regions_are() {
    assert_eq!(
        day("2026-07-12T18:30:00Z"),
        Text::new("2026年7月13日", "13 July 2026")
    );
    assert_eq!(day("some day"), Text::same("some day"));
    assert_eq!(calendar_day("月底前"), Text::same("月底前"));
}

#[test]
fn the_document_says_the_same_as_the_markdown_in_the_typefaces_of_an_office() {
    let docx = docx(&sample::full(), "成都第二片区");
    let document = part(&docx, "word/document.xml");
    let (paragraphs, _) = read(&document);
    insta::assert_snapshot!(paragraphs.join("\n"), @"
    庆祝建党100周年诗歌朗诵、合唱视频展播
    退回补正通知

    成都第二片区：
    你片区报送“庆祝建党100周年诗歌朗诵、合唱视频展播”的 2 个视频，已按展播通知的要求逐个检查：通过 1 个（其中有提醒的 1 个），退回 1 个，无法读取 0 个，重复 0 个。现将有关事项通知如下。
    一、需要补正后重新报送的视频（1 个）
    （1）成都信息工程大学《雨巷》
    结论：退回　文件名：成都信息工程大学《雨巷》.mp4
    问题和依据
    实测
    要求
    怎样处理
    视频超过 5 分钟
    依据：“视频时长不超过5分钟”
    6:02.800
    不超过 5:00.000
    请剪短至少 1:02.800
    没有视频简介
    依据：“附视频简介（Word文档）”
    没有找到
    一份 Word 文档
    请附上同名的 .docx 文件

    二、已通过、但请注意的视频（1 个，不必重新报送）
    单位《视频名称》
    提醒
    可以怎样改进
    成都大学《我们的食堂》
    没有声音
    实测：无音轨
    如本应有声音，请重新导出

    三、补正时间和办法
    补正截止日期：2026年7月20日。请按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请在此之前回复说明。

    秘书处
    2026年7月12日
    ");
    for face in ["宋体", "仿宋", "黑体", "楷体"] {
        assert!(
            document.contains(&format!("w:eastAsia=\"{face}\"")),
            "{face}"
        );
    }
    let (footer, elements) = read(&part(&docx, "word/footer1.xml"));
    assert_eq!(footer, ["— PAGE1 —"]);
    assert!(elements.contains(&"w:fldChar".to_owned()));
}

#[test]
fn hostile_names_are_text_in_the_document_and_add_no_element() {
    let names = sample::hostile_names();
    let harmless: Vec<_> = (0..names.len()).map(|at| format!("甲{at}")).collect();
    let (hostile, plain) = (sample::named(&names), sample::named(&harmless));
    for region in (0..8).map(|at| format!("片区{at}")) {
        let document = |report| read(&part(&docx(report, &region), "word/document.xml"));
        let (paragraphs, elements) = document(&hostile);
        assert_eq!(elements, document(&plain).1, "{region}");
        let returned = |s: &&SubmissionReport| {
            s.region == region && s.verdict == Verdict::Returned && s.superseded_by.is_none()
        };
        for video in hostile.submissions.iter().filter(returned) {
            let shown = printable(&video.original_name);
            assert!(paragraphs.iter().any(|p| p.ends_with(&shown)), "{shown}");
        }
    }
}

#[test]
fn hostile_names_are_text_in_the_markdown() {
    let report = sample::named(&sample::hostile_names());
    for region in (0..8).map(|at| format!("片区{at}")) {
        let text = to_markdown(&report, &region, Lang::Zh).unwrap();
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
        for mark in Parser::new(&text) {
            let is_markup = match &mark {
                Mark::Html(_) | Mark::InlineHtml(_) | Mark::Code(_) => true,
                Mark::Start(tag) => {
                    let debug = format!("{tag:?}");
                    [
                        "Link",
                        "Image",
                        "Emphasis",
                        "CodeBlock",
                        "HtmlBlock",
                        "BlockQuote",
                    ]
                    .iter()
                    .any(|odd| debug.starts_with(odd))
                }
                _ => false,
            };
            assert!(!is_markup, "{mark:?} in {text}");
        }
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = sample::full();
    assert!(docx(&report, "成都第二片区") == docx(&report, "成都第二片区"));
}
