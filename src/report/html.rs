//! `report.html`, for a person in an office: what needs action first, everything else below. In: a [`Report`]. Out: one
//! page that needs no other file to be read.

use minijinja::{Value, context};

use super::model::{Outputs, Report, Sandbox, SubmissionReport};
use super::page::{self, RenderError, address, text};
use super::return_letter::letter;
use super::terminal::printable;
use super::wording::{
    ById, Standing, by_id, clock, date, duplicate_to_settle, name, needing_action, outcome, region,
};
use crate::check::{Finding, Level, Verdict};
use crate::probe::{AudioInfo, Hdr, MediaInfo, Scan, VideoInfo};
use crate::text::{Lang, Text};

/// Whether the page may point at what was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// The page lies in `report/` of the output folder: links lead from there to the outputs.
    InOutputFolder,
    /// The page is handed on alone, by mail for instance: no links.
    None,
}

/// The page in both languages; the reader's is shown first.
pub fn to_html(report: &Report, lang: Lang, links: Links) -> Result<String, RenderError> {
    let view = View {
        report,
        by_id: by_id(report),
        regions: region_names(report),
        links,
    };
    page::render(
        "report.html",
        include_str!("report.html"),
        lang,
        view.values(),
    )
}

/// The regions in the report's order, then those that only submissions name.
fn region_names(report: &Report) -> Vec<&str> {
    let mut names = Vec::new();
    let submissions = report.submissions.iter().map(|s| s.region.as_str());
    for name in report
        .regions
        .iter()
        .map(|r| r.name.as_str())
        .chain(submissions)
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The sums as shown on top of every page: values `standings` and `sums`.
pub(crate) fn totals(report: &Report) -> Value {
    let t = &report.totals;
    let counted = [
        (Verdict::Accepted, t.accepted),
        (Verdict::AcceptedWithWarnings, t.accepted_with_warnings),
        (Verdict::Returned, t.returned),
        (Verdict::Unreadable, t.unreadable),
        (Verdict::Duplicate, t.duplicate),
    ];
    let mut before = 0;
    let standings: Vec<_> = counted
        .into_iter()
        .map(|(verdict, count)| {
            let standing = context! { before, count, ..standing(Standing::Judged(verdict)) };
            before += count;
            standing
        })
        .collect();
    context! {
        standings,
        sums => context! {
            received => t.received,
            made => t.made,
            up_to_date => t.up_to_date,
            failed => t.failed,
            cancelled => t.cancelled,
            submissions => report.submissions.len(),
            shown => shown(report).count(),
            wall => clock(t.wall_ms),
        },
    }
}

/// Submissions with nothing left to do about them.
fn shown(report: &Report) -> impl Iterator<Item = &SubmissionReport> {
    let calm = |s: &&SubmissionReport| !Standing::of(s).needs_action();
    report.submissions.iter().filter(calm)
}

fn standing(standing: Standing) -> Value {
    context! { key => standing.key(), label => text(&standing.text()) }
}

struct View<'a> {
    report: &'a Report,
    by_id: ById<'a>,
    regions: Vec<&'a str>,
    links: Links,
}

impl View<'_> {
    fn values(&self) -> Value {
        let report = self.report;
        let title = &report.showcase.title;
        let page_title = Text::new(
            format!("验收报告 - {}", title.zh),
            format!("{} - acceptance report", title.en),
        );
        let mut kinds: Vec<_> = report.submissions.iter().map(Standing::of).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let own = context! {
            title => text(title),
            page_title => text(&page_title),
            date => text(&date(&report.started_at)),
            preset => printable(&report.showcase.preset),
            ladder => printable(&report.showcase.ladder),
            kinds => kinds.into_iter().map(standing).collect::<Vec<_>>(),
            todo => needing_action(report).into_iter().map(|s| self.card(s)).collect::<Vec<_>>(),
            walls => walls(&report.tool.sandbox),
        };
        context! {
            ..own,
            ..totals(report),
            ..self.tool(),
            ..self.deliveries(),
            ..self.on_record(),
            ..self.accepted(),
            ..self.programme(),
            ..self.jobs(),
        }
    }

    fn region_key(&self, name: &str) -> String {
        let place = self.regions.iter().position(|known| *known == name);
        place.map_or_else(String::new, |place| format!("r{place}"))
    }

    /// A card: a submission with everything that was found on it.
    fn card(&self, submission: &SubmissionReport) -> Value {
        let in_lang = |lang| letter(self.report, submission, &self.by_id, lang);
        let letter = in_lang(Lang::Zh)
            .zip(in_lang(Lang::En))
            .map(|(zh, en)| context! { zh, en });
        let reason = match (Standing::of(submission), &submission.job) {
            (Standing::Failed, Some(job)) => Some(text(&job.reason)),
            // The judging says so in a finding, with what to do about it.
            _ if submission.findings.iter().any(|f| f.rule == "duplicate") => None,
            _ => duplicate_to_settle(submission, &self.by_id).map(|same| text(&same)),
        };
        context! { letter, reason, ..self.submission(submission) }
    }

    fn submission(&self, submission: &SubmissionReport) -> Value {
        context! {
            name => name(submission),
            region => text(&region(&submission.region)),
            region_key => self.region_key(&submission.region),
            original_name => printable(&submission.original_name),
            standing => standing(Standing::of(submission)),
            thumbnail => submission.thumbnail_jpeg.as_deref().filter(|jpeg| is_base64(jpeg)),
            findings => submission.findings.iter().map(finding).collect::<Vec<_>>(),
        }
    }

    fn deliveries(&self) -> Value {
        let regions: Vec<_> = self
            .regions
            .iter()
            .enumerate()
            .map(|(place, name)| context! { key => format!("r{place}"), name => text(&region(name)) })
            .collect();
        let findings = self.report.regions.iter().flat_map(|r| {
            r.findings.iter().map(|f| {
                context! {
                    key => self.region_key(&r.name),
                    name => text(&region(&r.name)),
                    finding => finding(f),
                }
            })
        });
        let others = self.report.other_files.iter().filter(|o| o.attention);
        let others = others.map(|o| context! { path => printable(&o.path), note => text(&o.note) });
        context! {
            regions,
            region_findings => findings.collect::<Vec<_>>(),
            others => others.collect::<Vec<_>>(),
        }
    }

    /// What the secretary decided, and what is to be remarked about it.
    fn on_record(&self) -> Value {
        let decisions = self.report.decisions.iter().map(|decision| {
            context! {
                about => printable(&decision.about),
                what => text(&decision.what),
                by => printable(&decision.by),
                reason => printable(&decision.reason),
                line => decision.line,
                matched => decision.matched,
            }
        });
        let remarks = self.report.remarks.iter().map(text);
        context! {
            on_record => decisions.collect::<Vec<_>>(),
            remarks => remarks.collect::<Vec<_>>(),
        }
    }

    /// The accepted ones, one table a region.
    fn accepted(&self) -> Value {
        let groups = self.regions.iter().filter_map(|region_name| {
            let rows: Vec<_> = shown(self.report)
                .filter(|s| s.region == *region_name)
                .map(|s| self.row(s))
                .collect();
            let recommended = self
                .report
                .regions
                .iter()
                .find(|r| r.name == *region_name)
                .and_then(|r| r.recommended.as_ref())
                .and_then(|id| self.by_id.get(id))
                .map(|s| name(s));
            (!rows.is_empty())
                .then(|| context! { rows, recommended, name => text(&region(region_name)) })
        });
        context! { groups => groups.collect::<Vec<_>>() }
    }

    fn row(&self, submission: &SubmissionReport) -> Value {
        let media = submission.media.as_ref();
        let measured = |value: fn(&MediaInfo) -> String| media.map_or_else(String::new, value);
        let files = match (self.links, &submission.outputs) {
            (Links::InOutputFolder, Some(outputs)) => files(outputs),
            _ => Vec::new(),
        };
        context! {
            length => measured(|m| clock(m.duration_ms)),
            size => measured(|m| m.bytes.to_string()),
            picture => texts(&media.and_then(|m| m.video.as_ref()).map(picture).unwrap_or_default()),
            sound => texts(&media.map(|m| sound(m.audio.as_ref())).unwrap_or_default()),
            files,
            ..self.submission(submission),
        }
    }

    fn programme(&self) -> Value {
        let items = self.report.programme.iter().map(|item| {
            let of = self.by_id.get(&item.submission);
            context! {
                order => item.order,
                name => of.map_or_else(|| item.submission.to_string(), |s| name(s)),
                file => printable(&item.file),
                start => clock(item.starts_at_ms),
                length => clock(item.duration_ms),
            }
        });
        let playlist = match self.links {
            Links::InOutputFolder => address("../", "programme/programme.m3u8"),
            Links::None => None,
        };
        context! { playlist, programme => items.collect::<Vec<_>>() }
    }

    fn tool(&self) -> Value {
        let tool = &self.report.tool;
        context! {
            tool => context! {
                version => printable(&tool.version),
                ffmpeg => printable(&tool.libav.ffmpeg),
                avcodec => printable(&tool.libav.avcodec),
                avformat => printable(&tool.libav.avformat),
                avfilter => printable(&tool.libav.avfilter),
                license => printable(&tool.libav.license),
            },
        }
    }

    /// Why each one was made or not.
    fn jobs(&self) -> Value {
        let jobs = self.report.submissions.iter().filter_map(|s| {
            let job = s.job.as_ref()?;
            let variants = s.outputs.iter().flat_map(|o| &o.variants);
            let variants: Vec<_> = variants.map(|v| printable(&v.rung)).collect();
            Some(context! {
                name => name(s),
                id => s.id.as_str(),
                region_key => self.region_key(&s.region),
                standing => Standing::of(s).key(),
                outcome => text(&outcome(job.outcome)),
                reason => text(&job.reason),
                variants => variants.join(" "),
                wall => clock(job.wall_ms),
                cpu => clock(job.cpu_ms),
            })
        });
        context! { jobs => jobs.collect::<Vec<_>>() }
    }
}

// What is put into an address must not be able to be anything but a picture's bytes.
fn is_base64(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

fn finding(finding: &Finding) -> Value {
    let waived = finding.waived.as_ref().map(|waiver| {
        context! { by => printable(&waiver.by), reason => printable(&waiver.reason) }
    });
    context! {
        advice => finding.level == Level::Advice,
        message => text(&finding.message),
        measured => text(&finding.measured),
        allowed => text(&finding.allowed),
        remedy => text(&finding.remedy),
        clause => finding.clause.as_deref().map(printable),
        repaired => finding.repaired.as_deref().map(printable),
        waived,
    }
}

fn files(outputs: &Outputs) -> Vec<Value> {
    [
        (Text::new("网页视频", "web video"), &outputs.web_mp4),
        (Text::new("海报", "poster"), &outputs.poster),
        (Text::new("会场母版", "hall master"), &outputs.master),
    ]
    .into_iter()
    .filter_map(|(label, path)| {
        let address = address("../", path)?;
        Some(context! { address, label => text(&label) })
    })
    .collect()
}

fn texts(parts: &[Text]) -> Vec<Value> {
    parts.iter().map(text).collect()
}

/// `1920×1080`, `25 fps`, `h264`, and what is unusual about it.
fn picture(video: &VideoInfo) -> Vec<Text> {
    let (size, rate) = (
        format!("{}×{}", video.display_width, video.display_height),
        video.frame_rate,
    );
    let mut parts = vec![
        Text::same(size),
        Text::new(format!("{rate} 帧/秒"), format!("{rate} fps")),
        Text::same(&video.codec),
    ];
    if video.variable_frame_rate {
        parts.push(Text::new("帧率不均匀", "variable frame rate"));
    }
    if video.scan != Scan::Progressive {
        parts.push(Text::new("隔行", "interlaced"));
    }
    match video.hdr {
        Some(Hdr::Pq) => parts.push(Text::same("HDR (PQ)")),
        Some(Hdr::Hlg) => parts.push(Text::same("HDR (HLG)")),
        None => {}
    }
    parts
}

/// `aac`, `stereo`, `-23.1 LUFS`, or that there is none.
fn sound(audio: Option<&AudioInfo>) -> Vec<Text> {
    let Some(audio) = audio else {
        return vec![Text::new("没有声音", "none")];
    };
    let mut parts = vec![
        Text::same(&audio.codec),
        match audio.channels {
            1 => Text::new("单声道", "mono"),
            2 => Text::new("立体声", "stereo"),
            n => Text::new(format!("{n} 声道"), format!("{n} channels")),
        },
    ];
    if let Some(loudness) = audio.loudness_lufs {
        parts.push(Text::same(format!("{loudness:.1} LUFS")));
    }
    parts
}

fn walls(sandbox: &Sandbox) -> Vec<Value> {
    [
        (
            Text::new("每个视频单独的进程", "a process for each video"),
            sandbox.process,
        ),
        (
            Text::new("解码器和格式白名单", "only listed formats and decoders"),
            sandbox.guarded_input,
        ),
        (
            Text::new("文件隔离（Landlock）", "files shut off (Landlock)"),
            sandbox.landlock,
        ),
        (
            Text::new("系统调用限制（seccomp）", "system calls shut off (seccomp)"),
            sandbox.seccomp,
        ),
    ]
    .into_iter()
    .map(|(what, up)| context! { up, what => text(&what) })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::report::model::{DecisionKind, DecisionReport};
    use crate::report::seen::{self, Page};
    use crate::report::{index, sample};

    fn html(report: &Report, lang: Lang) -> String {
        to_html(report, lang, Links::InOutputFolder).unwrap()
    }

    fn seen(report: &Report, hidden: &str) -> Page {
        seen::read(&html(report, Lang::Zh), hidden)
    }

    fn section<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
        let (_, after) = text.split_once(from).unwrap();
        after.split_once(to).unwrap().0
    }

    #[test]
    fn what_needs_action_stands_first_in_chinese() {
        let page = seen(&sample::report(), "en");
        let cards = section(&page.text, "11 / 11\n", "\n成都信息工程大学《雨巷》 退回");
        insta::assert_snapshot!(cards, @"
        需要处理 7
        四川农业大学《稻花香》 制作失败
        川西片区 原文件名 四川农业大学《稻花香》.mp4
        磁盘已满，还差 1.20 GiB
        四川音乐学院《合唱》 无法读取
        成都第四片区 原文件名 四川音乐学院《合唱》.mp4
        这不是视频，而是一个压缩包
        实测 | ZIP 压缩包
        要求 | 视频文件
        处理办法 | 请解压后报送其中的视频
        复制退回说明已复制请手动复制说明文字
        退回说明
        四川音乐学院：
        报送的视频 四川音乐学院《合唱》（文件名：四川音乐学院《合唱》.mp4）未能通过，结论：无法读取。
        这不是视频，而是一个压缩包
        实测：ZIP 压缩包
        要求：视频文件
        处理办法：请解压后报送其中的视频
        请按以上说明处理后重新报送。
        庆祝建党100周年诗歌朗诵、合唱视频展播
        西南交通大学《竖屏的校园》 退回
        成都第一片区 原文件名 西南交通大学《竖屏的校园》.mp4
        画面是竖的
        实测 | 2160×3840（旋转 90° 后）
        要求 | 横屏
        依据 | “横屏拍摄”
        处理办法 | 请横着拍摄，或重新剪辑为横屏后再报送
        复制退回说明已复制请手动复制说明文字
        退回说明
        西南交通大学：
        报送的视频 西南交通大学《竖屏的校园》（文件名：西南交通大学《竖屏的校园》.mp4）未能通过，结论：退回。
        画面是竖的
        实测：2160×3840（旋转 90° 后）
        要求：横屏
        依据：横屏拍摄
        处理办法：请横着拍摄，或重新剪辑为横屏后再报送
        请按以上说明处理后重新报送。
        庆祝建党100周年诗歌朗诵、合唱视频展播
        ");
    }

    #[test]
    fn a_duplicate_is_for_the_office_to_confirm_and_for_the_unit_to_settle() {
        let page = seen(&sample::report(), "en");
        let card = section(&page.text, "\n四川文理学院《小猫》", "\n片区报送与其他文件");
        insta::assert_snapshot!(card, @"
         重复
        川东片区 原文件名 四川文理学院《小猫》.mp4
        与西南科技大学《猫》（川北片区）看起来是同一部片子（相似度 97%），请人工确认
        复制退回说明已复制请手动复制说明文字
        退回说明
        四川文理学院：
        报送的视频 四川文理学院《小猫》（文件名：四川文理学院《小猫》.mp4）未能通过，结论：重复。
        与西南科技大学《猫》（川北片区）看起来是同一部片子（相似度 97%）
        同一视频只展播一次。请商定由哪个单位报送；如果是两部不同的视频，请回复说明。
        庆祝建党100周年诗歌朗诵、合唱视频展播
        ");
    }

    #[test]
    fn the_top_reads_in_english() {
        let page = seen(&sample::report(), "zh");
        insta::assert_snapshot!(section(&page.text, "", "\nRegion\n"), @"
        验收报告 - 庆祝建党100周年诗歌朗诵、合唱视频展播
        Showcase acceptance report
        中文
        Showcase of poetry recitals and choirs for the centenary
        2026-07-12 08:30 (UTC) Rules: showcase-2021
        received | 11
        accepted | 3
        accepted with warnings | 2
        returned | 3
        unreadable | 1
        duplicate | 2
        made | 3
        up to date | 1
        failed | 1
        ");
    }

    #[test]
    fn deliveries_the_accepted_and_the_programme_read_in_english() {
        let page = seen(&sample::report(), "zh");
        let middle = section(&page.text, "\nDeliveries and ", "\nTechnical details");
        insta::assert_snapshot!(middle, @"
        other files 2
        川西片区
        two videos are recommended
        Measured | 2
        Allowed | 1
        Clause | “每个片区推荐1个视频”
        What to do | the region should say which one it means
        成都第二片区/成都第二片区/说明.exe
        a program; it was not opened
        Accepted 4
        成都第一片区 recommended: 西南民族大学《爱我中华》
        | | Unit and title | Length | Size | Picture | Sound | Findings | Files
        |
        | 西南民族大学《爱我中华》 accepted
        | Length 4:31
        | Size 207.12 MiB
        | Picture 1920×1080 25 fps h264
        | Sound aac stereo -23.1 LUFS
        |
        | | web video | poster | hall master
        成都第二片区 recommended: 成都大学《我们的食堂》
        | | Unit and title | Length | Size | Picture | Sound | Findings | Files
        |
        | 成都大学《我们的食堂》 accepted with warnings
        | Length 1:36
        | Size 73.39 MiB
        | Picture 640×360 25 fps h264
        | Sound none
        | Findings
        there is no sound
        | | web video | poster | hall master
        成都第三片区
        | | Unit and title | Length | Size | Picture | Sound | Findings | Files
        |
        | 成都工业学院《我的祖国》 accepted
        | Length 4:00
        | Size 183.14 MiB
        | Picture 1920×1080 25 fps h264
        | Sound aac stereo -23.1 LUFS
        | Findings
        the file name is not in the form wanted (repaired)
        | | web video | poster | hall master
        川北片区 recommended: 西南科技大学《猫》
        | | Unit and title | Length | Size | Picture | Sound | Findings | Files
        |
        | 西南科技大学《猫》 accepted with warnings
        | Length 1:14
        | Size 56.46 MiB
        | Picture 256×144 25 fps h264
        | Sound aac stereo -23.1 LUFS
        | Findings
        there is no sound
        the resolution is low (waived: 现场录像，仅此一份)
        | | web video | poster | hall master
        Programme 3
        | Open the playlist (with a media player)
        | No. | Unit and title | Start | Length
        | 1 | 西南民族大学《爱我中华》 01-aiwozhonghua.mp4 | Start 0:05 | Length 4:31
        | 2 | 成都大学《我们的食堂》 02-womendeshitang.mp4 | Start 4:41 | Length 1:36
        | 3 | 西南科技大学《猫》 03-mao.mp4 | Start 6:23 | Length 1:14
        ");
    }

    #[test]
    fn the_details_read_in_english() {
        let page = seen(&sample::report(), "zh");
        let details = page.text.find("\nTechnical details").unwrap();
        insta::assert_snapshot!(page.text[details..], @"
        Technical details
        Program | zhanbo 0.1.0
        FFmpeg | 8.0 (libavcodec 62.11.100, libavformat 62.3.100, libavfilter 11.4.100)
        Licence | GPL version 2 or later
        Ladder | web-1080p
        Time taken | 7:01
        Sandbox |
        a process for each video: yes
        only listed formats and decoders: yes
        files shut off (Landlock): yes
        system calls shut off (seccomp): no
        | Unit and title | Outcome | Why | Variants | Time | CPU
        | 西南民族大学《爱我中华》 4616bae54135 | Outcome made | Why made for the first time | Variants 1080p 720p | Time 1:23 | CPU 2:31
        | 西南交通大学《竖屏的校园》 ad71ad8b024d | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 成都大学《我们的食堂》 4e00a9c90f33 | Outcome up to date | Why neither input nor settings have changed | Variants 1080p 720p | Time 1:23 | CPU 2:31
        | 成都信息工程大学《雨巷》 31fc43d8f267 | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 成都工业学院《我的祖国》 70adce15f7dc | Outcome made | Why made for the first time | Variants 1080p 720p | Time 1:23 | CPU 2:31
        | 演示视频.mp4 9755f2baa154 | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 四川音乐学院《合唱》 79466d60c49e | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 绵阳师范学院《爱我中华》 4ee607c76b0e | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 西南科技大学《猫》 750afd7387cc | Outcome made | Why made for the first time | Variants 1080p 720p | Time 1:23 | CPU 2:31
        | 四川文理学院《小猫》 5876cdad1624 | Outcome not made | Why not accepted | Variants | Time 1:23 | CPU 2:31
        | 四川农业大学《稻花香》 a1a99b50c7d8 | Outcome failed | Why the disk is full, 1.20 GiB are missing | Variants | Time 1:23 | CPU 2:31
        ");
    }

    #[test]
    fn an_empty_run_has_a_calm_page() {
        let page = seen(&sample::empty(), "en");
        insta::assert_snapshot!(page.text, @"
        验收报告 - 庆祝建党100周年诗歌朗诵、合唱视频展播
        展播视频验收报告
        English
        庆祝建党100周年诗歌朗诵、合唱视频展播
        2026年7月12日 08:30（UTC） 规则：showcase-2021
        收到 | 0
        通过 | 0
        通过（有提醒） | 0
        退回 | 0
        无法读取 | 0
        重复 | 0
        本次制作 | 0
        制作失败 | 0
        片区
        全部
        结论
        全部
        显示 0 / 0
        需要处理 0
        没有需要处理的视频。
        技术细节
        程序 | zhanbo 0.1.0
        FFmpeg | 8.0 (libavcodec 62.11.100, libavformat 62.3.100, libavfilter 11.4.100)
        许可证 | GPL version 2 or later
        码率阶梯 | web-1080p
        用时 | 0:00
        隔离 |
        每个视频单独的进程：是
        解码器和格式白名单：是
        文件隔离（Landlock）：是
        系统调用限制（seccomp）：否
        ");
    }

    #[test]
    fn hostile_names_come_out_as_text() {
        let pages = [
            html(&sample::hostile(), Lang::Zh),
            index::to_index(&sample::hostile(), Lang::Zh).unwrap(),
        ];
        for html in pages {
            assert!(!html.contains("<img src=x"));
            assert_eq!(html.matches("</script>").count(), 1);
            assert!(!html.contains(['\u{202e}', '\x1b']));
            let page = seen::read(&html, "en");
            assert!(
                page.text
                    .contains("<img src=x onerror=alert(1)>\"'`</script>")
            );
            assert!(page.text.contains("{{7*7}}"));
            for element in &page.elements {
                assert_ne!(element.name, "img", "a picture that is none is not shown");
                let names = element.attributes.iter().map(|(name, _)| name);
                assert!(
                    names.clone().all(|n| !n.starts_with("on") && n != "style"),
                    "{element:?}"
                );
                let to = element.attribute("href").unwrap_or("../");
                assert!(
                    to.starts_with("../")
                        || to.starts_with("report/")
                        || to.starts_with("programme/"),
                    "{to}"
                );
            }
        }
    }

    #[test]
    fn a_hostile_path_makes_no_link_out_of_the_folder() {
        let page = seen(&sample::hostile(), "en");
        let to: Vec<_> = page
            .elements
            .iter()
            .filter_map(|e| e.attribute("href"))
            .collect();
        assert!(to.contains(&"../javascript%3Aalert%281%29"), "{to:?}");
        assert!(to.iter().all(|to| !to.contains("etc/passwd")), "{to:?}");
    }

    #[test]
    fn nothing_is_loaded_from_anywhere_and_the_policy_says_so() {
        let page = seen(&sample::report(), "en");
        let policy = page
            .elements
            .iter()
            .find(|e| e.attribute("http-equiv").is_some())
            .and_then(|e| e.attribute("content"))
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; img-src data:;"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for element in &page.elements {
            assert_ne!(element.name, "link");
            let source = element
                .attribute("src")
                .unwrap_or("data:image/jpeg;base64,");
            assert!(source.starts_with("data:image/jpeg;base64,"), "{source}");
        }
    }

    #[test]
    fn the_root_carries_the_readers_language() {
        for (lang, tag) in [(Lang::Zh, "zh-CN"), (Lang::En, "en")] {
            let page = seen::read(&html(&sample::report(), lang), "none");
            assert_eq!(page.elements[0].attribute("lang"), Some(tag));
        }
    }

    #[test]
    fn a_page_that_travels_alone_links_nothing() {
        let html = to_html(&sample::report(), Lang::Zh, Links::None).unwrap();
        assert!(!html.contains("<a "));
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        let report = sample::report();
        assert_eq!(html(&report, Lang::Zh), html(&report, Lang::Zh));
    }

    #[test]
    fn what_is_unusual_about_a_picture_is_said() {
        let en = |parts: Vec<Text>| parts.into_iter().map(|p| p.en).collect::<Vec<_>>();
        let mut film = sample::find("稻花香").media.unwrap();
        let video = film.video.as_mut().unwrap();
        let odd = ["variable frame rate", "interlaced", "HDR (HLG)"];
        assert_eq!(en(picture(video))[..3], ["1920×1080", "25 fps", "h264"]);
        assert_eq!(en(picture(video))[3..], odd);
        video.hdr = Some(Hdr::Pq);
        assert_eq!(en(picture(video))[5], "HDR (PQ)");
        let audio = film.audio.as_mut().unwrap();
        assert_eq!(en(sound(Some(audio))), ["aac", "stereo", "-23.1 LUFS"]);
        (audio.channels, audio.loudness_lufs) = (1, None);
        assert_eq!(en(sound(Some(audio))), ["aac", "mono"]);
        audio.channels = 6;
        assert_eq!(en(sound(Some(audio))), ["aac", "6 channels"]);
    }

    #[test]
    fn a_programme_item_of_an_unknown_submission_is_named_by_its_id() {
        let mut report = sample::report();
        let id = crate::id::SubmissionId::of("gone");
        report.programme[0].submission = id.clone();
        assert!(seen(&report, "en").text.contains(id.as_str()));
    }

    /// Leaves the pages in `target/report-preview`, for a person to open.
    #[test]
    fn the_sample_can_be_looked_at() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/report-preview");
        std::fs::create_dir_all(format!("{folder}/report")).unwrap();
        let report = sample::report();
        for (path, html) in [
            ("report/report.html", html(&report, Lang::Zh)),
            ("report/report.en.html", html(&report, Lang::En)),
            ("report/hostile.html", html(&sample::hostile(), Lang::Zh)),
            ("index.html", index::to_index(&report, Lang::Zh).unwrap()),
        ] {
            let mut file = std::fs::File::create(format!("{folder}/{path}")).unwrap();
            file.write_all(html.as_bytes()).unwrap();
        }
    }

    #[test]
    fn decisions_stay_on_record_and_a_slip_is_told() {
        let mut report = sample::report();
        report
            .remarks
            .push(Text::new("第 3 行没有生效", "line 3 had no effect"));
        report.decisions.push(DecisionReport {
            kind: DecisionKind::Waive,
            line: 3,
            about: "川比片区<b>".into(),
            what: Text::new("放行 late", "late may pass"),
            by: "秘书处".into(),
            reason: "停电".into(),
            matched: false,
        });
        let page = html(&report, Lang::Zh);
        let section = section(&page, "id=\"on-record\"", "</section>");
        for words in [
            "第 3 行没有生效",
            "川比片区&lt;b&gt;",
            "放行 late",
            "没有生效",
            "停电",
            "showcase.toml:3",
        ] {
            assert!(section.contains(words), "{words} is not in {section}");
        }
        assert!(!html(&sample::report(), Lang::Zh).contains("id=\"on-record\""));
    }
}
