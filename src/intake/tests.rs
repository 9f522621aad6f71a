#![expect(
    clippy::disallowed_methods,
    reason = "a test's inbox needs no publishing"
)]
use std::fs;
use std::path::Path;

use super::*;
use crate::document::maker::{docx, paragraphs, word_table, xlsx};

/// Reads documents right here, where a run asks a worker.
struct Here;

impl ReadDocuments for Here {
    fn read_all(&self, files: &[&Companion]) -> Vec<Result<Document, DocumentFault>> {
        let read = |file: &&Companion| crate::document::read(fs::File::open(&file.path).unwrap());
        files.iter().map(read).collect()
    }
}

fn survey(inbox: &Path, regions: &[String]) -> Result<Inbox, IntakeError> {
    super::survey(inbox, regions, &Here)
}

/// A Word document that names no video.
fn word() -> Vec<u8> {
    docx(&paragraphs(&["我们用歌声唱出对祖国的热爱。"]))
}

fn regions(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn inbox_of(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let inbox = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = inbox.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    inbox
}

/// An inbox in few lines: `#` regions, `-` videos, `+` companions, `!` attention, `.` notes.
fn compact(inbox: &Inbox) -> String {
    let mut lines = Vec::new();
    for region in &inbox.regions {
        let rules: Vec<_> = region.findings.iter().map(|f| f.rule.as_str()).collect();
        lines.push(
            format!("# {:?} {}", region.name, rules.join(" "))
                .trim_end()
                .to_owned(),
        );
        for line in &region.recommendations {
            let unit = line.unit.as_deref().unwrap_or("-");
            lines.push(format!("  * {unit} {} ({})", line.title, line.source));
        }
    }
    for video in &inbox.submissions {
        let proposal = video.name.proposal.as_ref();
        let proposal = proposal.map(|p| format!(" -> {p}")).unwrap_or_default();
        let fault = video.not_a_file.as_ref().map(|_| " (no file)");
        lines.push(format!(
            "- {}{proposal}{}",
            video.source,
            fault.unwrap_or_default()
        ));
        for companion in video.introduction.iter().chain(&video.subtitles) {
            lines.push(format!("  + {}", companion.source));
        }
    }
    for file in &inbox.other_files {
        let mark = if file.attention { '!' } else { '.' };
        lines.push(format!("{mark} {}: {}", file.path, file.note.en));
    }
    lines.join("\n")
}

#[test]
fn a_small_inbox_is_accounted_for_file_by_file() {
    let word = word();
    let inbox = inbox_of(&[
        ("showcase.toml", b""),
        ("roster.csv", b""),
        ("川东片区.7z", b"7z"),
        ("外省.zip", b"PK"),
        ("西华大学《散》.mp4", b"x"),
        (
            "推荐结果.csv",
            "片区,单位,标题\n川北片区,西华大学,雨\n火星,甲,乙".as_bytes(),
        ),
        ("成都第一片区（1）/四川大学+国（最终版）(1).mp4", b"x"),
        ("成都第一片区（1）/四川大学+国.docx", &word),
        ("成都第一片区（1）/四川大学+国.zh.srt", b"1"),
        ("成都第一片区（1）/.DS_Store", b""),
        ("成都第一片区（1）/__MACOSX/._x.mp4", b""),
        ("成都第一片区（1）/推荐表.docx", &word),
        ("川北片区/西华大学/成片.mov", b"x"),
        ("川北片区/西华大学/介绍.doc", &word),
        ("川北片区/空.docx", b""),
        ("川北片区/假.docx", b"hello"),
        ("川北片区/孤儿.docx", &word),
        ("川北片区/介绍.pdf", b"%PDF"),
        ("川北片区/大片", b"\0\0\0\x20ftypisom"),
        ("川北片区/不明.dat", b"?"),
        ("川北片区/空的", b""),
        ("川北片区/半.mp4.crdownload", b"x"),
        ("川北片区/照片.jpg", b"x"),
        ("川北片区/showcase.toml", b""),
        ("川北片区/西华大学《推荐一本书》.mp4", b"x"),
        ("川北片区/西华大学《推荐一本书》.docx", &word),
        ("川北片区/西华大学《推荐一本书》.txt", b"x"),
        ("川北片区/推荐.txt", "推荐：西华大学《雨》\n谢谢".as_bytes()),
        ("其他/乙+丙.mp4", b"x"),
    ]);
    let preset = regions(&["成都第一片区", "川北片区", "川东片区", "川南片区"]);
    insta::assert_snapshot!(compact(&survey(inbox.path(), &preset).unwrap()), @r#"
    # "成都第一片区" recommendation-not-read
    # "川北片区" companion-unpaired
      * 西华大学 雨 (川北片区/推荐.txt)
    # "川东片区" archive-not-opened
    # "川南片区" region-missing
    # "" region-unassigned recommendation-region-unknown
      * 甲 乙 (推荐结果.csv)
    # "其他" region-unknown
    # "外省" region-unknown archive-not-opened
    - 成都第一片区（1）/四川大学+国（最终版）(1).mp4 -> 四川大学《国》.mp4
      + 成都第一片区（1）/四川大学+国.docx
      + 成都第一片区（1）/四川大学+国.zh.srt
    - 川北片区/大片
    - 川北片区/西华大学/成片.mov
      + 川北片区/西华大学/介绍.doc
    - 川北片区/西华大学《推荐一本书》.mp4
      + 川北片区/西华大学《推荐一本书》.docx
    - 西华大学《散》.mp4
    - 其他/乙+丙.mp4 -> 乙《丙》.mp4
    . roster.csv: the roster of units
    . showcase.toml: this showcase's settings
    ! 外省.zip: an archive that was not opened; see the region's findings
    ! 川东片区.7z: an archive that was not opened; see the region's findings
    ! 川北片区/showcase.toml: settings and rosters count only at the top of the inbox, so this one is not used
    ! 川北片区/不明.dat: not a kind of file that is known here, so it was left alone; if it is a video, export it as MP4
    ! 川北片区/介绍.pdf: looks like an introduction, but is pdf; please hand in a Word document (.docx or .doc)
    ! 川北片区/假.docx: a Word document that is not used: it is plain text, not a Word or Excel document; open it in Word or WPS, save it as .docx (a table as .xlsx), make sure that it opens, and send it again
    ! 川北片区/半.mp4.crdownload: not finished downloading; let it finish and run again
    ! 川北片区/孤儿.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/推荐.txt: a recommendation; lines read: 1, not understood: 1
    . 川北片区/照片.jpg: a picture; not part of the showcase
    ! 川北片区/空.docx: a Word document that is not used: it is an empty file of 0 bytes; open it in Word or WPS, save it as .docx (a table as .xlsx), make sure that it opens, and send it again
    ! 川北片区/空的: an empty file
    ! 川北片区/西华大学《推荐一本书》.txt: looks like an introduction, but is txt; please hand in a Word document (.docx or .doc)
    . 成都第一片区（1）/.DS_Store: a file that the system made by itself; ignored
    . 成都第一片区（1）/__MACOSX/: a folder that the system made by itself; ignored
    ! 成都第一片区（1）/推荐表.docx: a recommendation that was not read: it names no unit and title
    . 推荐结果.csv: a recommendation; lines read: 2
    "#);
}

#[test]
fn a_document_that_names_the_title_inside_goes_to_its_video_whatever_it_is_called() {
    let about = |text: &[&str]| docx(&paragraphs(text));
    let (rain, snow) = (
        about(&["单位：西华大学", "作品名称：《雨》"]),
        about(&["《雪》写的是雪。"]),
    );
    let inbox = inbox_of(&[
        ("川北片区/西华大学《雨》.mp4", b"x"),
        ("川北片区/四川大学《雪》.mp4", b"x"),
        ("川北片区/简介1.docx", &rain),
        ("川北片区/简介2.docx", &snow),
        ("川北片区/简介3.docx", &snow),
        ("川东片区/简介4.docx", &rain),
    ]);
    let found = survey(inbox.path(), &regions(&["川北片区", "川东片区"])).unwrap();
    insta::assert_snapshot!(compact(&found), @r#"
    # "川北片区" companion-unpaired companion-unpaired
    # "川东片区" region-missing companion-unpaired
    - 川北片区/四川大学《雪》.mp4
    - 川北片区/西华大学《雨》.mp4
      + 川北片区/简介1.docx
    ! 川东片区/简介4.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/简介2.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/简介3.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    "#);
    let rain = found.submissions[1].papers.introduction.as_ref().unwrap();
    assert!(rain.by_content);
    assert_eq!(rain.text, ["单位：西华大学", "作品名称：《雨》"]);
}

#[test]
fn scripts_pictures_and_what_is_no_word_document_find_their_videos() {
    let word = word();
    let inbox = inbox_of(&[
        ("川北片区/西华大学《雨》.mp4", b"x"),
        ("川北片区/西华大学《雨》.docx", b"not word"),
        ("川北片区/西华大学《雨》讲稿.docx", &word),
        ("川北片区/西华大学《雨》剧照1.jpg", b"\xFF\xD8\xFF"),
        ("川北片区/西华大学《雨》证明.pdf", b"%PDF"),
        ("川北片区/合影.jpg", b"\xFF\xD8\xFF"),
        ("川北片区/四川大学《雪》.mp4", b"x"),
        ("川北片区/四川大学《雪》.pdf", b"%PDF"),
        ("川北片区/四川大学《雪花》.docx", &word),
        ("川北片区/四川大学《风》讲稿.docx", &word),
        ("川北片区/四川大学《风》.srt", b"1"),
    ]);
    let found = survey(inbox.path(), &regions(&["川北片区"])).unwrap();
    insta::assert_snapshot!(compact(&found), @r#"
    # "川北片区" companion-unpaired companion-unpaired companion-unpaired
    - 川北片区/四川大学《雪》.mp4
    - 川北片区/西华大学《雨》.mp4
    . 川北片区/合影.jpg: a picture; not part of the showcase
    ! 川北片区/四川大学《雪》.pdf: looks like an introduction, but is pdf; please hand in a Word document (.docx or .doc)
    ! 川北片区/四川大学《雪花》.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/四川大学《风》.srt: no video has this subtitle's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/四川大学《风》讲稿.docx: no video has this script's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 川北片区/西华大学《雨》.docx: a Word document that is not used: it is plain text, not a Word or Excel document; open it in Word or WPS, save it as .docx (a table as .xlsx), make sure that it opens, and send it again
    "#);
    let of = |at: usize| &found.submissions[at].papers;
    let refused = |at: usize| of(at).refused.as_ref().map(|r| r.why.zh.as_str());
    assert_eq!(refused(0), Some("是 PDF 文件，要求的是 Word 文档"));
    assert_eq!(refused(1), Some("内容是纯文本，不是 Word 或 Excel 文档"));
    assert_eq!(
        of(1).script.as_ref().unwrap().source,
        "川北片区/西华大学《雨》讲稿.docx"
    );
    assert_eq!(of(1).attachments.len(), 2);
    assert_eq!(found.regions[0].attachments.len(), 1);
    let message = &found.regions[0].findings[0].message;
    insta::assert_snapshot!(message.zh, @"介绍 川北片区/四川大学《雪花》.docx 没有对应的视频，没有采用；名称最接近的视频是 四川大学《雪》.mp4、西华大学《雨》.mp4。");
    insta::assert_snapshot!(message.en, @"The introduction 川北片区/四川大学《雪花》.docx belongs to no video and is not used; the videos with the nearest names are 四川大学《雪》.mp4, 西华大学《雨》.mp4.");
}

#[test]
fn a_recommendation_is_read_from_whatever_office_wrote_it_with() {
    let book = xlsx(&[
        &["川北片区推荐结果汇总表"],
        &["序号", "单位", "视频名称", "是否推荐年会展播"],
        &["1", "四川大学", "雪", ""],
        &["2", "西华大学", "《雨》", "√"],
    ]);
    let table = docx(&word_table(&[
        &["推荐单位", "作品名称"],
        &["西华大学", "雨"],
    ]));
    let prose = docx(&paragraphs(&[
        "根据《关于开展展播的通知》，我片区推荐西华大学《雨》参加年会展播。",
    ]));
    let nothing = docx(&paragraphs(&["见附件。"]));
    let other = docx(&paragraphs(&["推荐：四川大学《雪》"]));
    let inbox = inbox_of(&[
        ("甲/推荐结果.xlsx", &book),
        ("乙/推荐结果.docx", &table),
        ("丙/推荐.doc", &prose),
        ("丁/推荐结果.docx", &nothing),
        ("戊/推荐结果.xlsx", &book),
        ("戊/推荐结果.docx", &other),
        ("己/推荐结果.xlsx", &book),
        ("己/推荐结果.csv", "单位,标题\n西华大学,雨".as_bytes()),
        ("庚/推荐结果.xlsx", b"PK\x03\x04"),
    ]);
    let found = survey(inbox.path(), &[]).unwrap();
    insta::assert_snapshot!(compact(&found), @r#"
    # "丁" recommendation-not-read
    # "丙"
      * 西华大学 雨 (丙/推荐.doc)
    # "乙"
      * 西华大学 雨 (乙/推荐结果.docx)
    # "己"
      * 西华大学 雨 (己/推荐结果.xlsx)
    # "庚" recommendation-not-read
    # "戊" recommendation-lists-differ
      * 西华大学 雨 (戊/推荐结果.xlsx)
    # "甲"
      * 西华大学 雨 (甲/推荐结果.xlsx)
    ! 丁/推荐结果.docx: a recommendation that was not read: it names no unit and title
    . 丙/推荐.doc: a recommendation; lines read: 1
    . 乙/推荐结果.docx: a recommendation; lines read: 1
    . 己/推荐结果.csv: a recommendation; lines read: 1
    . 己/推荐结果.xlsx: a recommendation; lines read: 1
    ! 庚/推荐结果.xlsx: a recommendation that was not read: it is incomplete or damaged (invalid Zip archive: Could not find EOCD)
    . 戊/推荐结果.docx: a recommendation; lines read: 1
    . 戊/推荐结果.xlsx: a recommendation; lines read: 1
    . 甲/推荐结果.xlsx: a recommendation; lines read: 1
    "#);
    let differ = found.regions.iter().find(|r| r.name == "戊").unwrap();
    insta::assert_snapshot!(differ.findings[0].measured.zh, @"戊/推荐结果.xlsx：西华大学《雨》；戊/推荐结果.docx：四川大学《雪》");
    insta::assert_snapshot!(differ.findings[0].message.zh, @"有 2 个推荐文件，推荐的视频不一致，暂以 戊/推荐结果.xlsx 为准。");
}

#[test]
fn a_plain_folder_of_videos_works_and_nobody_is_missing() {
    let word = word();
    let inbox = inbox_of(&[("西华大学《雨》.mp4", b"x"), ("西华大学《雨》.docx", &word)]);
    let found = survey(inbox.path(), &regions(&["川北片区"])).unwrap();
    insta::assert_snapshot!(compact(&found), @r#"
    # "川北片区"
    # ""
    - 西华大学《雨》.mp4
      + 西华大学《雨》.docx
    "#);
    let found = survey(inbox.path(), &[]).unwrap();
    assert_eq!(found.regions.len(), 1);
}

#[test]
fn without_a_preset_every_folder_is_a_region_and_none_is_unknown() {
    let inbox = inbox_of(&[("乙/a+b.mp4", b"x"), ("甲.zip", b"x"), ("空/", b"")]);
    insta::assert_snapshot!(compact(&survey(inbox.path(), &[]).unwrap()), @r#"
    # "乙"
    # "甲" archive-not-opened
    # "空"
    - 乙/a+b.mp4 -> a《b》.mp4
    ! 甲.zip: an archive that was not opened; see the region's findings
    "#);
}

#[test]
fn findings_and_notes_are_complete_in_both_languages() {
    let inbox = inbox_of(&[
        ("甲/a.zip", b"x"),
        ("川北片区/推荐.xlsx", b"x"),
        ("b.mp4", b"x"),
        ("推荐.csv", "片区,标题\n丙,丁".as_bytes()),
    ]);
    let found = survey(inbox.path(), &regions(&["川北片区", "川东片区"])).unwrap();
    let findings: Vec<_> = found.regions.iter().flat_map(|r| &r.findings).collect();
    assert_eq!(findings.len(), 7);
    for finding in findings {
        for text in [
            &finding.message,
            &finding.remedy,
            &finding.measured,
            &finding.allowed,
        ] {
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{finding:?}");
        }
    }
    let message = &found.regions[3].findings[1].message;
    assert_eq!(message.zh, "压缩包 甲/a.zip 尚未解开。");
}

#[test]
fn links_and_pipes_with_a_videos_name_are_submissions_that_are_not_opened() {
    let word = word();
    let inbox = inbox_of(&[("a.docx", &word)]);
    let at = |name: &str| inbox.path().join(name);
    std::os::unix::fs::symlink("/dev/zero", at("甲《链接》.mp4")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", at("推荐.csv")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", at("无名")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("甲《管道》.mp4")).unwrap();
    insta::assert_snapshot!(compact(&survey(inbox.path(), &[]).unwrap()), @r#"
    # "" companion-unpaired
    - 甲《管道》.mp4 (no file)
    - 甲《链接》.mp4 (no file)
    ! a.docx: no video has this introduction's name, so it is not used; expected is a video 单位《视频名称》.mp4
    ! 推荐.csv: a link, not the file itself, so it was not opened; please hand in the file itself
    ! 无名: a link, not the file itself, so it was not opened; please hand in the file itself
    "#);
}

#[test]
fn names_that_are_not_text_keep_their_bytes_and_their_own_ids() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let inbox = inbox_of(&[]);
    for name in [&b"\xFF+x.mp4"[..], b"\xFE+x.mp4"] {
        fs::write(inbox.path().join(OsStr::from_bytes(name)), "x").unwrap();
    }
    let found = survey(inbox.path(), &[]).unwrap();
    let [one, two] = &found.submissions[..] else {
        panic!("{found:?}");
    };
    assert_eq!(one.source, two.source);
    assert_ne!(one.id, two.id);
    assert!(one.path.exists() && two.path.exists());
    assert_eq!(one.name.proposal, None);
}

#[test]
fn composed_and_decomposed_names_are_two_submissions() {
    let inbox = inbox_of(&[("Caf\u{E9}+x.mp4", b"x"), ("Cafe\u{301}+x.mp4", b"x")]);
    let found = survey(inbox.path(), &[]).unwrap();
    assert_ne!(found.submissions[0].id, found.submissions[1].id);
}

#[test]
fn an_inbox_that_can_not_be_read_says_which_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let loop_of_links = folder.path().join("loop");
    std::os::unix::fs::symlink(&loop_of_links, &loop_of_links).unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let fails = |name: &str| {
        let path = folder.path().join(name);
        let error = survey(&path, &[]).unwrap_err();
        assert!(!error.hint().zh.is_empty() && !error.hint().en.is_empty());
        error.to_string().replace(path.to_str().unwrap(), "INBOX")
    };
    assert_eq!(fails("none"), "the inbox INBOX does not exist");
    assert_eq!(fails("file"), "the inbox INBOX is not a folder");
    assert_eq!(fails("loop"), "the inbox INBOX cannot be read");
    let many = IntakeError::TooManyEntries {
        path: "INBOX".into(),
        limit: 3,
    };
    assert!(many.hint().zh.contains("收件夹"));
}

#[test]
fn a_real_delivery_comes_out_as_a_person_would_sort_it() {
    let inbox = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/inboxes/real-1");
    if !inbox.is_dir() {
        #[expect(clippy::print_stderr, reason = "a test that did not run says so")]
        {
            eprintln!("skipped: there is no {}", inbox.display());
        }
        return;
    }
    let preset = regions(&[
        "成都第一片区",
        "成都第二片区",
        "成都第三片区",
        "成都第四片区",
        "川北片区",
        "川东片区",
        "川西片区",
        "川南片区",
    ]);
    insta::assert_snapshot!(compact(&survey(&inbox, &preset).unwrap()), @r#"
    # "成都第一片区"
      * 西南民族大学 爱我中华 (成都第一片区/推荐结果.csv)
    # "成都第二片区" archive-not-opened
    # "成都第三片区"
    # "成都第四片区"
    # "川北片区"
    # "川东片区" archive-not-opened
    # "川西片区"
      * 四川农业大学 稻花香 (川西片区/推荐结果.csv)
      * 西昌学院 宽银幕 (川西片区/推荐结果.csv)
    # "川南片区" archive-not-opened
    - 成都第一片区/四川师范大学《春天的脚步》.mp4
      + 成都第一片区/四川师范大学《春天的脚步》.docx
      + 成都第一片区/四川师范大学《春天的脚步》.srt
    - 成都第一片区/西南交通大学《竖屏的校园》.mp4
      + 成都第一片区/西南交通大学《竖屏的校园》.docx
    - 成都第一片区/西南民族大学《爱我中华》.mp4
      + 成都第一片区/西南民族大学《爱我中华》.docx
    - 成都第三片区/成都工业学院+我的祖国（最终版）(1).mp4 -> 成都工业学院《我的祖国》.mp4
      + 成都第三片区/成都工业学院+我的祖国.docx
    - 成都第三片区/成都理工大学《山河》.mov
      + 成都第三片区/成都理工大学《山河》.docx
    - 成都第三片区/演示视频.mp4
    - 成都第三片区/西南石油大学《老照片》.mov
      + 成都第三片区/西南石油大学《老照片》.docx
    - 成都第四片区/四川旅游学院《空》.mp4
      + 成都第四片区/四川旅游学院《空》.docx
    - 成都第四片区/四川音乐学院《合唱》.mp4
      + 成都第四片区/四川音乐学院《合唱》.docx
    - 成都第四片区/成都中医药大学《本草》.mp4
      + 成都第四片区/成都中医药大学《本草》.docx
    - 成都第四片区/成都体育学院《起跑》.mp4
      + 成都第四片区/成都体育学院《起跑》.docx
    - 成都第四片区/西南财经大学《无简介》.mp4
    - 川北片区/绵阳师范学院《爱我中华》.mp4
      + 川北片区/绵阳师范学院《爱我中华》.docx
    - 川北片区/西南科技大学《猫》.mp4
      + 川北片区/西南科技大学《猫》.docx
    - 川东片区/四川文理学院《小猫》.mp4
      + 川东片区/四川文理学院《小猫》.docx
    - 川东片区/川北医学院《小狗》.mp4
      + 川东片区/川北医学院《小狗》.docx
    - 川西片区/四川农业大学《稻花香》.mov
      + 川西片区/四川农业大学《稻花香》.docx
    - 川西片区/西昌学院《宽银幕》.mp4
      + 川西片区/西昌学院《宽银幕》.docx
    - 川西片区/雅安职业技术学院《高光》.mp4
      + 川西片区/雅安职业技术学院《高光》.docx
    ! 川东片区.7z: an archive that was not opened; see the region's findings
    ! 川南片区.utf8.zip: an archive that was not opened; see the region's findings
    . 川西片区/推荐结果.csv: a recommendation; lines read: 2
    . 成都第一片区/推荐结果.csv: a recommendation; lines read: 1
    ! 成都第二片区.zip: an archive that was not opened; see the region's findings
    "#);
}
