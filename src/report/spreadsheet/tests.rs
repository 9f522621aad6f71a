//! The workbook as another program reads it: calamine, which shares no code with the writer.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};

use super::*;
use crate::report::sample;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn open(report: &Report, lang: Lang) -> Book {
    Xlsx::new(Cursor::new(to_xlsx(report, lang).unwrap())).unwrap()
}

fn sheet(book: &mut Book, name: &str) -> Range<Data> {
    book.worksheet_range(name).unwrap()
}

fn lines(range: &Range<Data>, columns: &[usize]) -> String {
    let cell = |row: &[Data], at: usize| row[at].to_string().replace('\n', " / ");
    let row = |row: &[Data]| {
        columns
            .iter()
            .map(|at| cell(row, *at))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    range.rows().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_whole_has_a_row_for_each_submission_and_each_region_its_sheet() {
    let mut book = open(&sample::full(), Lang::Zh);
    insta::assert_snapshot!(book.sheet_names().join(" "), @"总表 成都第一片区 成都第二片区 成都第三片区 成都第四片区 川北片区 川东片区 川西片区 名册 链接 统计 问题分类");
    insta::assert_snapshot!(lines(&sheet(&mut book, "总表"), &[0, 1, 2, 3, 4, 5]), @"
    序号 | 片区 | 单位 | 视频名称 | 结论 | 发现的问题
    1 | 成都第一片区 | 西南民族大学 | 爱我中华 | 通过 | 
    2 | 成都第一片区 | 西南交通大学 | 竖屏的校园 | 退回 | 画面是竖的（实测 2160×3840（旋转 90° 后））
    3 | 成都第二片区 | 成都大学 | 我们的食堂 | 通过（有提醒） | 建议：没有声音（实测 无音轨）
    4 | 成都第二片区 | 成都信息工程大学 | 雨巷 | 退回 | 视频超过 5 分钟（实测 6:02.800） / 没有视频简介（实测 没有找到）
    5 | 成都第三片区 | 成都工业学院 | 我的祖国 | 通过 | 建议：文件名不合格式（实测 成都工业学院+我的祖国（最终版）(1).mp4）；已改为 成都工业学院《我的祖国》.mp4
    6 | 成都第三片区 |  |  | 退回 | 文件名里看不出单位和视频名称（实测 演示视频.mp4）
    7 | 成都第四片区 | 四川音乐学院 | 合唱 | 无法读取 | 这不是视频，而是一个压缩包（实测 ZIP 压缩包）
    8 | 川北片区 | 绵阳师范学院 | 爱我中华 | 重复 | 
    9 | 川北片区 | 西南科技大学 | 猫 | 通过（有提醒） | 建议：没有声音（实测 无音轨） / 建议：分辨率偏低（实测 256×144）；秘书处同意放行：现场录像，仅此一份
    10 | 川东片区 | 四川文理学院 | 小猫 | 重复 | 
    11 | 川西片区 | 四川农业大学 | 稻花香 | 制作失败 | 磁盘已满，还差 1.20 GiB
    12 | 川北片区 | 西南科技大学 | 猫 | 已有新版 |
    ");
    insta::assert_snapshot!(lines(&sheet(&mut book, "川北片区"), &[2, 6, 7, 8, 9, 10, 11, 13, 15]), @"
    单位 | 时长 | 大小 MiB | 画面 | 重复与替代 | 帧率 | 响度 LUFS | 建议文件名 | 成品文件
    绵阳师范学院 | 0.0031421296296296297 | 207.122802734375 | 1920×1080 | 与西南民族大学《爱我中华》（成都第一片区）是同一个文件 | 25 | -23.1 |  | 
    西南科技大学 | 0.0008564814814814815 | 56.45751953125 | 256×144 |  | 25 | -23.1 |  | masters/750afd7387cc.mp4 / site/media/750afd7387cc/web.mp4
    西南科技大学 | 0.0006944444444444445 | 45.7763671875 | 1280×720 | 已被后来报送的版本代替：川北片区/西南科技大学《猫》.mp4 | 25 | -23.1 |  |
    ");
}

#[test]
fn the_roster_shows_who_is_missing_and_links_are_on_record() {
    let mut book = open(&sample::full(), Lang::En);
    insta::assert_snapshot!(lines(&sheet(&mut book, "Roster"), &[0, 1, 2, 3, 4]), @"
    Region | Unit | Handed in | Videos | Verdicts
    成都第一片区 | 西南民族大学 | 1 | 西南民族大学《爱我中华》 | accepted
    成都第一片区 | 西南交通大学 | 1 | 西南交通大学《竖屏的校园》 | returned
    成都第一片区 | 四川大学 | missing |  | 
    川北片区 | 西南科技大学 | 1 | 西南科技大学《猫》 | accepted with warnings
    川南片区 | 宜宾学院 | by link |  | 
    川南片区 | 四川轻化工大学 | missing |  |
    ");
    insta::assert_snapshot!(lines(&sheet(&mut book, "Links"), &[0, 1, 2, 3, 4]), @"
    Region | Unit | Title | Link (recorded, never fetched) | Written in
    川南片区 | 宜宾学院 | 长江之歌 | https://example.org/s/abc?x=1&y=2 | 川南片区/链接.txt
    ");
    insta::assert_snapshot!(lines(&sheet(&mut book, "Statistics"), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), @"
    Region | Received | Accepted | With warnings | Returned | Unreadable | Duplicate | Failed | Replaced | Links | Units on roster | Missing units
    成都第一片区 | 2 | 1 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 3 | 1
    成都第二片区 | 2 | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0
    成都第三片区 | 2 | 1 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0
    成都第四片区 | 1 | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0
    川北片区 | 3 | 0 | 1 | 1 | 0 | 1 | 0 | 1 | 0 | 1 | 0
    川东片区 | 1 | 0 | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 0
    川西片区 | 1 | 1 | 0 | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 0
    川南片区 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 2 | 1
    Total | 12 | 3 | 2 | 4 | 1 | 2 | 1 | 1 | 1 | 6 | 2
    ");
    insta::assert_snapshot!(lines(&sheet(&mut book, "By rule"), &[0, 1, 2, 3, 4, 5]), @"
    Rule | For instance | Videos | Requirements | Advice | Repaired or waived
    audio | there is no sound | 2 | 0 | 2 | 0
    naming | the file name is not in the form wanted | 2 | 1 | 0 | 1
    duration | the video is longer than 5 minutes | 1 | 1 | 0 | 0
    introduction | the introduction is missing | 1 | 1 | 0 | 0
    orientation | the picture is upright | 1 | 1 | 0 | 0
    readable | this is not a video but an archive | 1 | 1 | 0 | 0
    resolution | the resolution is low | 1 | 0 | 0 | 1
    ");
}

#[test]
fn a_run_without_roster_and_links_has_no_sheets_for_them() {
    let book = open(&sample::empty(), Lang::Zh);
    assert_eq!(book.sheet_names(), ["总表", "统计", "问题分类"]);
}

#[test]
fn three_hundred_hostile_names_are_three_hundred_strings_and_no_formula() {
    let names = sample::hostile_names();
    let mut book = open(&sample::named(&names), Lang::Zh);
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        let formulas = formulas
            .used_cells()
            .filter(|(.., formula)| !formula.is_empty());
        assert_eq!(formulas.count(), 0, "{name}");
    }
    let rows = sheet(&mut book, "总表");
    assert_eq!(rows.height(), names.len() + 1);
    let headings: Vec<_> = rows
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(Data::to_string)
        .collect();
    for title in ["单位", "视频名称", "原文件名"] {
        let column = headings
            .iter()
            .position(|heading| heading == title)
            .unwrap();
        for (row, name) in rows.rows().skip(1).zip(&names) {
            let expected = printable(name);
            match &row[column] {
                Data::String(text) => assert_eq!(*text, expected, "{name:?}"),
                Data::Empty => assert_eq!(expected, "", "{name:?}"),
                other => panic!("{name:?} became {other:?}"),
            }
        }
    }
}

#[test]
fn a_cell_holds_no_more_than_excel_takes() {
    let mut report = sample::report();
    report.submissions[0].original_name = "𠮷".repeat(20_000);
    let mut book = open(&report, Lang::Zh);
    let rows = sheet(&mut book, "总表");
    let kept = rows.get_value((1, 12)).unwrap().to_string();
    assert_eq!(kept.encode_utf16().count(), 32_766);
    assert_eq!(
        kept.chars().count(),
        16_383,
        "no half of a character is left"
    );
}

#[test]
fn sheet_names_are_those_that_excel_takes() {
    let mut names = SheetNames::default();
    let long = "一二三四五六七八九十".repeat(4);
    let taken: Vec<_> = [
        "总表",
        "a/b:c*?[x]\\",
        "'quoted'",
        "History",
        "",
        "总表",
        &long,
        &long,
    ]
    .into_iter()
    .map(|name| names.take(name))
    .collect();
    let legal = ["总表", "a_b_c___x__", "quoted", "_History", "_", "总表 (2)"];
    assert_eq!(
        taken[..6],
        legal.map(|name| if name == "_History" { "_history" } else { name })
    );
    assert_eq!(
        taken[6],
        "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"
    );
    assert_eq!(
        taken[7],
        "一二三四五六七八九十一二三四五六七八九十一二三四五六七 (2)"
    );
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = sample::full();
    assert!(to_xlsx(&report, Lang::Zh).unwrap() == to_xlsx(&report, Lang::Zh).unwrap());
}

#[test]
fn a_hanzi_needs_two_columns() {
    let sheet = Sheet {
        name: Text::same("x"),
        columns: vec![column("单位", "Unit", 30)],
        second_page: None,
        rows: vec![
            vec![Cell::name("西南民族大学")],
            vec![Cell::name(&"长".repeat(40))],
        ],
    };
    let page = Page {
        sheet: &sheet,
        lang: Lang::Zh,
        title: "",
    };
    assert_eq!(page.widths(), [30]);
    let height = |row: usize| page.height(&sheet.rows[row], &[30]);
    assert!(height(1) > 2.0 * height(0), "{} {}", height(1), height(0));
}
