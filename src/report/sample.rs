//! A run as it really happens, for tests: eleven submissions with every verdict and every way a job can end.

use super::model::{
    ChangedFinding, Changes, DuplicateKind, DuplicateOf, EvidenceReport, Job, JobOutcome, Libav,
    LimiterReport, LinkSubmission, OtherFile, OutputLoudness, Outputs, ProgrammeItem,
    QualityReport, Region, Report, RosterUnit, SCHEMA, Sandbox, Showcase, SoundLevel,
    SubmissionReport, Tool, Totals, VariantReport, Website,
};
use super::terminal::printable;
use crate::av::Measure;
use crate::check::{Finding, Level, Verdict, Waiver};
use crate::id::SubmissionId;
use crate::probe::{AudioInfo, Container, Hdr, MediaInfo, Scan, VideoInfo};
use crate::text::Text;
use crate::units::{BitRate, Bytes, FrameRate, Millis};

const DUSK: &str = "/9j/4AAQSkZJRgABAgAAAQABAAD/2wBDAAgcHCEcISYmJiYmJi0qLS8vLy0tLS0vLy8yMjI7OzsyMjIvLzIyODg7O0BCQD09Oz1CQkZGRlRUUFBiYmV4eJH/xABPAAEBAQAAAAAAAAAAAAAAAAAEAwYBAQEBAAAAAAAAAAAAAAAAAAMCBRABAQAAAAAAAAAAAAAAAAAAABERAQAAAAAAAAAAAAAAAAAAAAD/wAARCABIAIADARIAAhIAAxIA/9oADAMBAAIRAxEAPwDJQyNELNIHDIYIyBwyGCMgcMhgjIHDIYIyBwyGCMgcMhgjIHDIYIyBwyGCMgcMhgjIHDIYIyBwyGCMgcMhgjIHDIYIyBwyGCMgcMhgjIbDYIRSBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyGQ2BEUgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMgUNhRDIFDYUQyBQ2FEMhsMgRFIHDIUQyBwyFEMgcMhRDIHDIUQyBwyFEMgcMhRDIHDIUQyBwyFEMgcMhRDIHDIUQyBwyFEMgcMhRDIHDIUQyBwyFEMgcMhRDIbFQpKpKKqSlSUVUlKkoqpKVJRVSUqSiqkpUlFVJSpKKqSlSUVUlKkoqpKVJRVSUqSiqkpUlFVJSpKKqSlSUVUlKkoqpKVP/9k=";
const EMBER: &str = "/9j/4AAQSkZJRgABAgAAAQABAAD/2wBDAAgcHCEcISYmJiYmJi0qLS8vLy0tLS0vLy8yMjI7OzsyMjIvLzIyODg7O0BCQD09Oz1CQkZGRlRUUFBiYmV4eJH/xABQAAEBAQAAAAAAAAAAAAAAAAAFAwYBAQEBAQAAAAAAAAAAAAAAAAIBBQYQAQEAAAAAAAAAAAAAAAAAAAAREQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgASACAAwESAAISAAMSAP/aAAwDAQACEQMRAD8AxcIRno6cB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMB8IRUMCMIxBAR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhIR0IwhISMIxBAB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMB0IwhMCEIxEEB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMB0IxUMCMXFARCLqiohF1RUQi6oqIRdUVEIuqKiEXVFRCLqiohF1RUQi6oqIRdUVEIuqKiEXVFRCLqiohF1RUQi6oqP/Z";

pub(crate) fn report() -> Report {
    Report {
        schema: SCHEMA.into(),
        showcase: Showcase {
            title: Text::new(
                "庆祝建党100周年诗歌朗诵、合唱视频展播",
                "Showcase of poetry recitals and choirs for the centenary",
            ),
            preset: "showcase-2021".into(),
            ladder: "balanced".into(),
            resubmit_by: None,
            programme: None,
            site: Website::default(),
        },
        tool: tool(),
        started_at: "2026-07-12T08:30:00Z".into(),
        regions: regions(),
        submissions: submissions(),
        other_files: other_files(),
        decisions: Vec::new(),
        remarks: Vec::new(),
        roster: Vec::new(),
        links: Vec::new(),
        programme: programme(),
        programme_remarks: Vec::new(),
        totals: Totals {
            received: 11,
            accepted: 3,
            accepted_with_warnings: 2,
            returned: 3,
            unreadable: 1,
            duplicate: 2,
            superseded: 0,
            made: 3,
            up_to_date: 1,
            failed: 1,
            cancelled: 0,
            duration_ms: Millis(1_003_240),
            wall_ms: Millis(421_000),
        },
        changes: None,
    }
}

/// Nothing handed in.
pub(crate) fn empty() -> Report {
    Report {
        regions: Vec::new(),
        submissions: Vec::new(),
        other_files: Vec::new(),
        decisions: Vec::new(),
        remarks: Vec::new(),
        roster: Vec::new(),
        links: Vec::new(),
        programme: Vec::new(),
        programme_remarks: Vec::new(),
        totals: Totals::default(),
        ..report()
    }
}

/// Every text that comes from outside tries to break out of where it is shown.
pub(crate) fn hostile() -> Report {
    let attack =
        "<img src=x onerror=alert(1)>\"'`</script></style></textarea>{{7*7}}\u{202e}\x1b[31m&lt;";
    let mut report = report();
    report.showcase.title = Text::same(attack);
    report.showcase.preset = attack.into();
    report.started_at = attack.into();
    report.tool.version = attack.into();
    for region in &mut report.regions {
        region.name = format!("{attack}{}", region.name);
    }
    for submission in &mut report.submissions {
        for text in [
            &mut submission.region,
            &mut submission.source,
            &mut submission.original_name,
        ] {
            *text = format!("{attack}{text}");
        }
        submission.unit = Some(attack.into());
        submission.title = Some(attack.into());
        submission.thumbnail_jpeg = Some(attack.into());
        if let Some(outputs) = &mut submission.outputs {
            outputs.web_mp4 = "javascript:alert(1)".into();
            outputs.poster = format!("site/{attack}/poster.jpg");
            outputs.master = "masters/../../../etc/passwd".into();
        }
        for finding in &mut submission.findings {
            finding.message = Text::same(attack);
            finding.measured = Text::same(attack);
            finding.clause = Some(attack.into());
        }
    }
    report.other_files[0].path = attack.into();
    report.programme[0].file = attack.into();
    report
}

/// The same run with everything that a report may hold: a roster, links, a replaced version, evidence, a deadline, and
/// what changed since the last time.
pub(crate) fn full() -> Report {
    let mut report = report();
    report.showcase.resubmit_by = Some("2026-07-20".into());
    let unit = |region: &str, unit: &str, titles: &[&str], by_link| RosterUnit {
        to_be_confirmed: Vec::new(),
        region: region.into(),
        unit: unit.into(),
        submissions: titles.iter().map(|title| find(title).id).collect(),
        by_link,
    };
    report.roster = vec![
        unit("成都第一片区", "西南民族大学", &["爱我中华"], false),
        unit("成都第一片区", "西南交通大学", &["竖屏的校园"], false),
        unit("成都第一片区", "四川大学", &[], false),
        unit("川北片区", "西南科技大学", &["猫"], false),
        unit("川南片区", "宜宾学院", &[], true),
        unit("川南片区", "四川轻化工大学", &[], false),
    ];
    report.links = vec![LinkSubmission {
        region: "川南片区".into(),
        unit: Some("宜宾学院".into()),
        title: Some("长江之歌".into()),
        url: "https://example.org/s/abc?x=1&y=2".into(),
        source: "川南片区/链接.txt".into(),
    }];
    let mut earlier = returned("川北片区", "西南科技大学", "猫");
    earlier.id = SubmissionId::of("川北片区/初稿/西南科技大学《猫》.mp4");
    earlier.source = "川北片区/初稿/西南科技大学《猫》.mp4".into();
    earlier.superseded_by = Some(find("猫").id);
    report.submissions.push(earlier);
    for submission in &mut report.submissions {
        if submission.media.is_some() {
            submission.evidence = Some(evidence(&submission.id));
        }
    }
    report.changes = Some(changes());
    report
}

fn evidence(id: &SubmissionId) -> EvidenceReport {
    let picture = |kind: &str| Some(format!("report/evidence/{id}-{kind}.jpg"));
    let wave = |at: u32| 50.0 + 45.0 * (f64::from(at) / 9.0).sin() * (f64::from(at) / 71.0).cos();
    EvidenceReport {
        contact_sheet: picture("contact"),
        subtitle_strip: picture("subtitles"),
        side_by_side: picture("pair"),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 5 to 95"
        )]
        waveform: (0..600).map(|at| wave(at) as u8).collect(),
        #[expect(clippy::cast_possible_truncation, reason = "a made curve")]
        loudness: (0..600)
            .map(|at| (at % 150 > 9).then(|| (wave(at) / 5.0 - 38.0) as f32))
            .collect(),
    }
}

fn changes() -> Changes {
    let line = |title: &str, rule: &str, zh: &str, en: &str| {
        let film = find(title);
        ChangedFinding {
            submission: Some(film.id.clone()),
            region: film.region.clone(),
            name: format!("{}《{title}》", film.unit.unwrap_or_default()),
            rule: rule.into(),
            message: Text::new(zh, en),
        }
    };
    Changes {
        since: "2026-07-10T01:00:00Z".into(),
        new: vec![line(
            "雨巷",
            "introduction",
            "没有视频简介",
            "the introduction is missing",
        )],
        fixed: vec![line("爱我中华", "sound", "没有声音", "there is no sound")],
        open: vec![
            line(
                "雨巷",
                "duration",
                "视频超过 5 分钟",
                "the video is longer than 5 minutes",
            ),
            line(
                "竖屏的校园",
                "orientation",
                "画面是竖的",
                "the picture is upright",
            ),
        ],
        removed: Vec::new(),
    }
}

/// A report of as many submissions as names, in which every text from outside is one of them; two reports of the same
/// number of names differ in nothing else.
pub(crate) fn named(names: &[String]) -> Report {
    let mut report = full();
    let kinds = report.submissions.clone();
    report.submissions = names
        .iter()
        .zip(kinds.iter().cycle())
        .enumerate()
        .map(|(at, (name, kind))| {
            let mut submission = kind.clone();
            submission.id = SubmissionId::of(&at.to_string());
            submission.region = format!("片区{}", at % 8);
            submission.source.clone_from(name);
            submission.original_name.clone_from(name);
            submission.unit = Some(name.clone());
            submission.title = Some(name.clone());
            submission.introduction = Some(name.clone());
            for finding in &mut submission.findings {
                finding.measured = Text::same(format!("x{name}"));
                finding.clause = Some(name.clone());
                finding.repaired = finding.repaired.as_ref().map(|_| name.clone());
                if let Some(waiver) = &mut finding.waived {
                    waiver.reason.clone_from(name);
                }
            }
            submission
        })
        .collect();
    let region_names = (0..8).map(|at| format!("片区{at}"));
    report.regions = region_names
        .zip(report.regions.iter().cycle())
        .map(|(name, region)| Region {
            name,
            ..region.clone()
        })
        .collect();
    report.roster = names
        .iter()
        .map(|name| RosterUnit {
            to_be_confirmed: Vec::new(),
            region: "片区1".into(),
            unit: name.clone(),
            submissions: Vec::new(),
            by_link: false,
        })
        .collect();
    report.links = names
        .iter()
        .map(|name| LinkSubmission {
            region: "片区2".into(),
            unit: Some(name.clone()),
            title: Some(name.clone()),
            url: name.clone(),
            source: name.clone(),
        })
        .collect();
    report.other_files[0].path.clone_from(&names[0]);
    report.programme.clear();
    report
}

/// As many names as these, each of two plain characters. A name of which nothing is seen stays: a page may have no element
/// for it.
pub(crate) fn harmless_names(names: &[String]) -> Vec<String> {
    let names = names.iter().enumerate();
    names
        .map(|(at, name)| match printable(name) {
            blank if blank.trim().is_empty() => blank,
            _ => format!("甲{at}"),
        })
        .collect()
}

/// Three hundred names as nobody should give them, each another one.
pub(crate) fn hostile_names() -> Vec<String> {
    let long = "长".repeat(85);
    let seeds = [
        "=1+1",
        "=HYPERLINK(\"http://x\",\"y\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "\t=1+1",
        "\r\n=cmd|' /C calc'!A0",
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' onfocus='x",
        "`x`",
        "]]>",
        "<![CDATA[x]]>",
        "<!--",
        "-->",
        "&#x0;",
        "&lt;b&gt;",
        "&amp;amp;",
        "%00%0a",
        "a\0b",
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\u{9b}2J",
        "\u{202e}4pm.exe",
        "\u{2066}x\u{2069}",
        "\u{feff}bom",
        "zero\u{200b}width\u{200d}joiner",
        "\u{301}\u{302}\u{303}",
        "e\u{301}",
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "\u{fffe}\u{ffff}x",
        "\u{1fffe}x",
        "\u{e000}private",
        "{{7*7}}",
        "{% raw %}",
        "${x}",
        "_x0041_",
        "_x000D_",
        "[a](javascript:alert(1))",
        "![x](http://x)",
        "*bold* _it_ ~~no~~",
        "# head",
        "- list",
        "1. one",
        "| a | b |",
        "<http://x>",
        "http://example.org",
        "../../etc/passwd",
        "C:\\Windows",
        "CON",
        "a/b:c*?\"<>|",
        ".",
        "..",
        " ",
        "   lead",
        "trail. ",
        &long,
        "\u{0}",
        "\u{7f}\u{80}\u{85}",
        "行\u{2028}分\u{2029}段",
        "𠮷㐂",
        "ﷺ",
        "ｆｕｌｌ",
    ];
    (0..300)
        .map(|at| {
            let round = at / seeds.len();
            let seed = seeds[at % seeds.len()];
            if round == 0 {
                seed.to_owned()
            } else {
                format!("{seed}{round}")
            }
        })
        .collect()
}

pub(crate) fn find(title: &str) -> SubmissionReport {
    let matches = |s: &SubmissionReport| s.title.as_deref() == Some(title);
    submissions().into_iter().find(matches).unwrap()
}

pub(crate) fn waiver() -> Waiver {
    Waiver {
        by: "秘书处".into(),
        reason: "现场录像，仅此一份".into(),
    }
}

fn tool() -> Tool {
    Tool {
        version: "0.1.0".into(),
        libav: Libav {
            ffmpeg: "8.0".into(),
            avcodec: "62.11.100".into(),
            avformat: "62.3.100".into(),
            avfilter: "11.4.100".into(),
            license: "GPL version 2 or later".into(),
        },
        sandbox: Sandbox {
            process: true,
            guarded_input: true,
            landlock: true,
            seccomp: false,
        },
    }
}

fn regions() -> Vec<Region> {
    let region = |name: &str, received, accepted, returned, recommended: Option<&str>| Region {
        name: name.into(),
        received,
        accepted,
        returned,
        recommended: recommended.map(|title| find(title).id),
        findings: Vec::new(),
    };
    let mut regions = vec![
        region("成都第一片区", 2, 1, 1, Some("爱我中华")),
        region("成都第二片区", 2, 1, 1, Some("我们的食堂")),
        region("成都第三片区", 2, 1, 1, None),
        region("成都第四片区", 1, 0, 1, None),
        region("川北片区", 2, 1, 1, Some("猫")),
        region("川东片区", 1, 0, 1, None),
        region("川西片区", 1, 1, 0, None),
    ];
    regions[6].findings.push(Finding {
        clause: Some("每个片区推荐1个视频".into()),
        ..finding(
            "recommendation",
            Level::Requirement,
            ("推荐了两个视频", "two videos are recommended"),
            ("2 个", "2"),
            ("1 个", "1"),
            (
                "请片区确认推荐哪一个",
                "the region should say which one it means",
            ),
        )
    });
    regions
}

fn submissions() -> Vec<SubmissionReport> {
    vec![
        love_china(),
        upright(),
        canteen(),
        rain_lane(),
        my_country(),
        nameless(),
        choir(),
        copied(),
        cat(),
        kitten(),
        rice(),
    ]
}

fn love_china() -> SubmissionReport {
    SubmissionReport {
        thumbnail_jpeg: Some(EMBER.into()),
        ..accepted(
            "成都第一片区",
            "西南民族大学",
            "爱我中华",
            film(1920, 1080, 271_480),
        )
    }
}

fn upright() -> SubmissionReport {
    let mut upright = returned("成都第一片区", "西南交通大学", "竖屏的校园");
    upright.thumbnail_jpeg = Some(DUSK.into());
    upright.media = Some(film(2160, 3840, 182_000));
    upright.findings = vec![Finding {
        clause: Some("横屏拍摄".into()),
        ..finding(
            "orientation",
            Level::Requirement,
            ("画面是竖的", "the picture is upright"),
            (
                "2160×3840（旋转 90° 后）",
                "2160×3840 (after turning by 90°)",
            ),
            ("横屏", "landscape"),
            (
                "请横着拍摄，或重新剪辑为横屏后再报送",
                "shoot in landscape, or cut it again as a landscape video",
            ),
        )
    }];
    upright
}

fn canteen() -> SubmissionReport {
    let mut canteen = accepted(
        "成都第二片区",
        "成都大学",
        "我们的食堂",
        film(640, 360, 96_200),
    );
    canteen.verdict = Verdict::AcceptedWithWarnings;
    canteen.media.as_mut().unwrap().audio = None;
    canteen.findings = vec![no_sound()];
    canteen.job = Some(job(
        JobOutcome::UpToDate,
        "输入和参数都没有变",
        "neither input nor settings have changed",
    ));
    canteen
}

fn rain_lane() -> SubmissionReport {
    let mut lane = returned("成都第二片区", "成都信息工程大学", "雨巷");
    lane.media = Some(film(1280, 720, 362_800));
    lane.findings = vec![
        Finding {
            clause: Some("视频时长不超过5分钟".into()),
            ..finding(
                "duration",
                Level::Requirement,
                ("视频超过 5 分钟", "the video is longer than 5 minutes"),
                ("6:02.800", "6:02.800"),
                ("不超过 5:00.000", "at most 5:00.000"),
                ("请剪短至少 1:02.800", "cut at least 1:02.800"),
            )
        },
        Finding {
            clause: Some("附视频简介（Word文档）".into()),
            ..finding(
                "introduction",
                Level::Requirement,
                ("没有视频简介", "the introduction is missing"),
                ("没有找到", "not found"),
                ("一份 Word 文档", "a Word document"),
                ("请附上同名的 .docx 文件", "add a .docx of the same name"),
            )
        },
    ];
    lane
}

fn my_country() -> SubmissionReport {
    let mut country = accepted(
        "成都第三片区",
        "成都工业学院",
        "我的祖国",
        film(1920, 1080, 240_040),
    );
    country.original_name = "成都工业学院+我的祖国（最终版）(1).mp4".into();
    country.findings = vec![Finding {
        clause: Some("视频以“单位+视频名称”命名".into()),
        repaired: Some("成都工业学院《我的祖国》.mp4".into()),
        ..finding(
            "naming",
            Level::Advice,
            ("文件名不合格式", "the file name is not in the form wanted"),
            (
                "成都工业学院+我的祖国（最终版）(1).mp4",
                "成都工业学院+我的祖国（最终版）(1).mp4",
            ),
            ("单位《视频名称》.mp4", "单位《视频名称》.mp4"),
            ("无需处理", "nothing to do"),
        )
    }];
    country
}

fn nameless() -> SubmissionReport {
    let mut nameless = returned("成都第三片区", "", "");
    nameless.id = SubmissionId::of("成都第三片区/演示视频.mp4");
    nameless.source = "成都第三片区/演示视频.mp4".into();
    nameless.original_name = "演示视频.mp4".into();
    nameless.unit = None;
    nameless.title = None;
    nameless.findings = vec![finding(
        "naming",
        Level::Requirement,
        (
            "文件名里看不出单位和视频名称",
            "the file name tells neither the unit nor the title",
        ),
        ("演示视频.mp4", "演示视频.mp4"),
        ("单位《视频名称》.mp4", "单位《视频名称》.mp4"),
        ("请改名后重新报送", "rename it and hand it in again"),
    )];
    nameless
}

fn choir() -> SubmissionReport {
    let mut choir = returned("成都第四片区", "四川音乐学院", "合唱");
    choir.verdict = Verdict::Unreadable;
    choir.media = None;
    choir.source_blake3 = None;
    choir.findings = vec![finding(
        "readable",
        Level::Requirement,
        (
            "这不是视频，而是一个压缩包",
            "this is not a video but an archive",
        ),
        ("ZIP 压缩包", "a ZIP archive"),
        ("视频文件", "a video file"),
        (
            "请解压后报送其中的视频",
            "unpack it and hand in the video inside",
        ),
    )];
    choir
}

fn copied() -> SubmissionReport {
    let mut copied = returned("川北片区", "绵阳师范学院", "爱我中华");
    copied.verdict = Verdict::Duplicate;
    copied.media = Some(film(1920, 1080, 271_480));
    copied.thumbnail_jpeg = Some(EMBER.into());
    copied.duplicate_of = Some(DuplicateOf {
        id: love_china().id,
        kind: DuplicateKind::Exact,
        score: 1.0,
        offset_ms: None,
        earlier: None,
    });
    copied
}

fn cat() -> SubmissionReport {
    let mut cat = accepted("川北片区", "西南科技大学", "猫", film(256, 144, 74_000));
    cat.verdict = Verdict::AcceptedWithWarnings;
    cat.thumbnail_jpeg = Some(DUSK.into());
    cat.findings = vec![
        no_sound(),
        Finding {
            waived: Some(waiver()),
            ..finding(
                "resolution",
                Level::Advice,
                ("分辨率偏低", "the resolution is low"),
                ("256×144", "256×144"),
                ("建议 1280×720 以上", "1280×720 or more is advised"),
                (
                    "如有更清晰的版本请提供",
                    "hand in a sharper version if there is one",
                ),
            )
        },
    ];
    cat
}

fn kitten() -> SubmissionReport {
    let mut kitten = returned("川东片区", "四川文理学院", "小猫");
    kitten.verdict = Verdict::Duplicate;
    kitten.media = Some(film(256, 144, 74_000));
    kitten.thumbnail_jpeg = Some(DUSK.into());
    kitten.duplicate_of = Some(DuplicateOf {
        id: cat().id,
        kind: DuplicateKind::Near,
        score: 0.973,
        offset_ms: None,
        earlier: None,
    });
    kitten
}

fn rice() -> SubmissionReport {
    let mut rice = accepted(
        "川西片区",
        "四川农业大学",
        "稻花香",
        film(1920, 1080, 299_520),
    );
    let video = rice.media.as_mut().unwrap().video.as_mut().unwrap();
    video.hdr = Some(Hdr::Hlg);
    video.scan = Scan::TopFirst;
    video.variable_frame_rate = true;
    rice.outputs = None;
    rice.job = Some(job(
        JobOutcome::Failed,
        "磁盘已满，还差 1.20 GiB",
        "the disk is full, 1.20 GiB are missing",
    ));
    rice
}

fn accepted(region: &str, unit: &str, title: &str, media: MediaInfo) -> SubmissionReport {
    let source = format!("{region}/{unit}《{title}》.mp4");
    let id = SubmissionId::of(&source);
    SubmissionReport {
        source_blake3: Some(blake3::hash(source.as_bytes()).into()),
        region: region.into(),
        unit: Some(unit.into()),
        title: Some(title.into()),
        original_name: format!("{unit}《{title}》.mp4"),
        introduction: Some(format!("{region}/{unit}《{title}》.docx")),
        introduction_text: vec![],
        script: None,
        attachments: vec![],
        verdict: Verdict::Accepted,
        overridden: None,
        duplicate_of: None,
        confirmed: None,
        findings: Vec::new(),
        media: Some(media),
        thumbnail_jpeg: None,
        evidence: None,
        superseded_by: None,
        first_accepted: None,
        name_proposal: None,
        outputs: Some(outputs(&id)),
        job: Some(job(
            JobOutcome::Done,
            "第一次制作",
            "made for the first time",
        )),
        id,
        source,
    }
}

fn returned(region: &str, unit: &str, title: &str) -> SubmissionReport {
    SubmissionReport {
        verdict: Verdict::Returned,
        outputs: None,
        job: Some(job(JobOutcome::Returned, "未通过", "not accepted")),
        ..accepted(region, unit, title, film(1280, 720, 60_000))
    }
}

fn outputs(id: &SubmissionId) -> Outputs {
    let variant = |rung: &str, width, height| VariantReport {
        rung: rung.into(),
        width,
        height,
        frames: 6787,
        frame_rate: "25/1".into(),
        copied: rung == "1080p",
        encoder: (rung != "1080p").then(|| "libx264".to_owned()),
        peak_bit_rate: 5_120_000,
        average_bit_rate: 3_400_000,
    };
    Outputs {
        master: format!("masters/{id}.mp4"),
        web_mp4: format!("site/media/{id}/web.mp4"),
        hls: format!("site/media/{id}/hls/master.m3u8"),
        poster: format!("site/media/{id}/poster.jpg"),
        poster_webp: None,
        posters: vec![],
        storyboard: None,
        subtitles: Vec::new(),
        variants: vec![variant("1080p", 1920, 1080), variant("720p", 1280, 720)],
        loudness: Some(loudness()),
        quality: Some(QualityReport {
            measure: Measure::Vmaf,
            target: 93.0,
            reached: 93.42,
            rung: "720p".into(),
            crf: 25.5,
            pieces: 8,
        }),
        bytes: Bytes(248_000_000),
    }
}

/// A film that was quiet and has one loud moment.
pub(crate) fn loudness() -> OutputLoudness {
    let level = |target: f64, gain_db, limiter| SoundLevel {
        target_lufs: Some(target),
        true_peak_max_dbtp: Some(-1.0),
        integrated_lufs: Some(target + 0.04),
        loudness_range_lu: Some(7.3),
        true_peak_dbtp: Some(-1.42),
        gain_db,
        limiter,
    };
    let limiter = LimiterReport {
        deepest_db: 2.14,
        time_ms: Millis(1320),
    };
    OutputLoudness {
        web: level(-18.0, 8.3, Some(limiter)),
        hall: level(-23.0, 3.26, None),
    }
}

fn job(outcome: JobOutcome, zh: &str, en: &str) -> Job {
    Job {
        outcome,
        reason: Text::new(zh, en),
        wall_ms: Millis(83_000),
        cpu_ms: Millis(151_000),
    }
}

fn no_sound() -> Finding {
    finding(
        "audio",
        Level::Advice,
        ("没有声音", "there is no sound"),
        ("无音轨", "no audio track"),
        ("有声音", "sound"),
        (
            "如本应有声音，请重新导出",
            "if there should be sound, export it again",
        ),
    )
}

fn finding(
    rule: &str,
    level: Level,
    message: (&str, &str),
    measured: (&str, &str),
    allowed: (&str, &str),
    remedy: (&str, &str),
) -> Finding {
    let text = |(zh, en): (&str, &str)| Text::new(zh, en);
    Finding {
        rule: rule.into(),
        level,
        clause: None,
        measured: text(measured),
        allowed: text(allowed),
        message: text(message),
        remedy: text(remedy),
        repaired: None,
        waived: None,
    }
}

fn film(width: u32, height: u32, duration: u64) -> MediaInfo {
    MediaInfo {
        container: Container::Mp4,
        duration_ms: Millis(duration),
        header_duration_ms: Some(Millis(duration)),
        bytes: Bytes(duration * 800),
        video: Some(VideoInfo {
            codec: "h264".into(),
            profile: Some("High".into()),
            width,
            height,
            clean_aperture: None,
            display_width: width,
            display_height: height,
            rotation: 0,
            mirrored: false,
            sar: (1, 1),
            frame_rate: FrameRate { num: 25, den: 1 },
            variable_frame_rate: false,
            scan: Scan::Progressive,
            hdr: None,
            pixel_format: "yuv420p".into(),
            color_primaries: "bt709".into(),
            color_transfer: "bt709".into(),
            color_space: "bt709".into(),
            full_range: false,
            packets: duration / 40,
            start_ms: Millis(0),
            end_ms: Millis(duration),
            bit_rate: BitRate::from_kbps(6000),
        }),
        audio: Some(AudioInfo {
            codec: "aac".into(),
            profile: Some("LC".into()),
            channels: 2,
            sample_rate: 48_000,
            start_ms: Millis(0),
            end_ms: Millis(duration),
            loudness_lufs: Some(-23.1),
            true_peak_dbtp: Some(-1.2),
        }),
        subtitles: Vec::new(),
        cut_off_at_ms: None,
        picture_quality: None,
        sound_quality: None,
    }
}

fn other_files() -> Vec<OtherFile> {
    vec![
        OtherFile {
            path: "成都第二片区/成都第二片区/说明.exe".into(),
            note: Text::new("可执行文件，未打开", "a program; it was not opened"),
            attention: true,
        },
        OtherFile {
            path: "成都第一片区/Thumbs.db".into(),
            note: Text::new("系统文件", "a system's file"),
            attention: false,
        },
    ]
}

fn programme() -> Vec<ProgrammeItem> {
    let item = |order, title: &str, file: &str, starts, length| ProgrammeItem {
        order,
        submission: find(title).id,
        file: file.into(),
        starts_at_ms: Millis(starts),
        duration_ms: Millis(length),
    };
    vec![
        item(1, "爱我中华", "01-aiwozhonghua.mp4", 5_000, 271_480),
        item(2, "我们的食堂", "02-womendeshitang.mp4", 281_480, 96_200),
        item(3, "猫", "03-mao.mp4", 382_680, 74_000),
    ]
}
