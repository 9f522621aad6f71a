//! `report.html`, for a person in an office: what needs action first, everything else below. In: a [`Report`]. Out: one
//! page that needs no other file to be read.

use minijinja::{Value, context};

use super::graph::{SoundGraph, sound_graph};
use super::model::{
    ChangedFinding, EvidenceReport, LimiterReport, Outputs, QualityReport, Report, Sandbox,
    SoundLevel, SubmissionReport, VariantReport,
};
use super::page::{self, RenderError, address, text};
use super::return_letter::letter;
use super::terminal::printable;
use super::wording::{
    ById, Standing, by_id, clock, date, duplicate_to_settle, is_settled, name, needing_action,
    outcome, region, region_names, standard_name, superseded, superseding,
};
use super::{SPREADSHEET, notice};
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
        lang,
    };
    page::render(
        "report.html",
        include_str!("report.html"),
        lang,
        view.values(),
    )
}

/// The sums as shown on top of every page: values `standings` and `sums`.
pub(crate) fn totals(report: &Report) -> Value {
    let t = &report.totals;
    let counted = [
        (Verdict::Accepted, t.accepted),
        (Verdict::AcceptedWithWarnings, t.accepted_with_warnings),
        (Verdict::Returned, t.returned),
        (Verdict::Unreadable, t.unreadable),
        (Verdict::Duplicate, t.repeated()),
    ];
    let replaced = (t.superseded > 0).then_some((Standing::Superseded, t.superseded));
    let mut before = 0;
    let standings: Vec<_> = counted
        .into_iter()
        .map(|(verdict, count)| (Standing::Judged(verdict), count))
        .chain(replaced)
        .map(|(is, count)| {
            let standing = context! { before, count, ..standing(is) };
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

/// Submissions that are shown, with nothing left to do about them.
fn shown(report: &Report) -> impl Iterator<Item = &SubmissionReport> {
    report.submissions.iter().filter(|s| is_settled(s))
}

fn standing(standing: Standing) -> Value {
    context! { key => standing.key(), label => text(&standing.text()) }
}

struct View<'a> {
    report: &'a Report,
    by_id: ById<'a>,
    regions: Vec<&'a str>,
    links: Links,
    lang: Lang,
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
            until => report.showcase.resubmit_by.as_deref().map(printable),
        };
        context! {
            ..own,
            ..totals(report),
            ..self.tool(),
            ..self.deliveries(),
            ..self.waivers(),
            ..self.accepted(),
            ..self.programme(),
            ..self.jobs(),
            ..self.changes(),
            ..self.ledger(),
            ..self.on_record(),
            ..self.downloads(),
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
        let evidence = Evidence::of(submission, self.links);
        let (findings, elsewhere) = self.findings(submission, &evidence);
        context! {
            elsewhere,

            name => name(submission),
            region => text(&region(&submission.region)),
            region_key => self.region_key(&submission.region),
            original_name => printable(&submission.original_name),
            standing => standing(Standing::of(submission)),
            thumbnail => submission.thumbnail_jpeg.as_deref().filter(|jpeg| is_base64(jpeg)),
            findings,
        }
    }

    /// Each finding with what shows it, and the kinds of evidence that no finding asks for.
    fn findings(&self, submission: &SubmissionReport, evidence: &Evidence) -> (Vec<Value>, Value) {
        let is_new = |f: &Finding| {
            let changes = self.report.changes.iter().flat_map(|c| &c.new);
            let id = Some(&submission.id);
            f.is_open()
                && changes
                    .clone()
                    .any(|n| n.submission.as_ref() == id && n.rule == f.rule)
        };
        let mut left = Shows::ALL.to_vec();
        let findings = submission.findings.iter().map(|f| {
            let wanted = Shows::what(&f.rule).filter(|kind| left.contains(kind));
            left.retain(|kind| Some(*kind) != wanted);
            context! {
                is_new => is_new(f),
                shown => wanted.map(|kind| evidence.value(&[kind])),
                ..finding(f),
            }
        });
        let findings = findings.collect();
        (findings, evidence.value(&left))
    }

    /// What is different from the last run that found anything different.
    fn changes(&self) -> Value {
        let line = |f: &ChangedFinding| {
            context! {
                region_key => self.region_key(&f.region),
                region => text(&region(&f.region)),
                name => printable(&f.name),
                message => text(&f.message),
            }
        };
        let list = |findings: &[ChangedFinding]| findings.iter().map(line).collect::<Vec<_>>();
        let changes = self.report.changes.as_ref().map(|changes| {
            let lists = [
                ("new", Text::new("新出现", "new"), &changes.new),
                ("open", Text::new("仍未解决", "still open"), &changes.open),
                ("fixed", Text::new("已解决", "fixed"), &changes.fixed),
                (
                    "removed",
                    Text::new("随视频撤下", "gone with their videos"),
                    &changes.removed,
                ),
            ];
            let lists = lists.map(|(key, label, findings)| {
                context! { key, label => text(&label), findings => list(findings) }
            });
            context! { since => text(&date(&changes.since)), lists }
        });
        context! { changes }
    }

    /// The roster, what came as a link, and what a later delivery took the place of.
    fn ledger(&self) -> Value {
        let report = self.report;
        let units = report.roster.iter().map(|unit| {
            let sure = unit.submissions.iter().map(|id| (id, true));
            let perhaps = unit.to_be_confirmed.iter().map(|id| (id, false));
            let videos = sure
                .chain(perhaps)
                .filter_map(|(id, confirmed)| Some((self.by_id.get(id)?, confirmed)));
            context! {
                region_key => self.region_key(&unit.region),
                region => text(&region(&unit.region)),
                unit => printable(&unit.unit),
                missing => unit.is_missing(),
                by_link => unit.by_link,
                videos => videos.map(|(s, confirmed)| context! {
                    name => name(s),
                    standing => standing(Standing::of(s)),
                    confirmed,
                }).collect::<Vec<_>>(),
            }
        });
        let links = report.links.iter().map(|link| {
            context! {
                region_key => self.region_key(&link.region),
                region => text(&region(&link.region)),
                unit => link.unit.as_deref().map(printable),
                title => link.title.as_deref().map(printable),
                url => printable(&link.url),
                source => printable(&link.source),
            }
        });
        let superseded = superseded(report).map(|s| {
            context! {
                region_key => self.region_key(&s.region),
                standing => Standing::of(s).key(),
                name => name(s),
                source => printable(&s.source),
                by => superseding(s, &self.by_id),
                basis => s.findings.iter().find(|f| f.rule == "superseded").map(|f| text(&f.measured)),
            }
        });
        context! {
            roster => units.collect::<Vec<_>>(),
            missing => report.roster.iter().filter(|u| u.is_missing()).count(),
            link_submissions => links.collect::<Vec<_>>(),
            superseded => superseded.collect::<Vec<_>>(),
        }
    }

    /// The secretary's decisions, and the names that we gave.
    fn waivers(&self) -> Value {
        let of_submissions = self.report.submissions.iter().flat_map(|s| {
            s.findings
                .iter()
                .map(move |f| (s.region.as_str(), name(s), f))
        });
        let of_regions = self.report.regions.iter().flat_map(|r| {
            r.findings
                .iter()
                .map(move |f| (r.name.as_str(), String::new(), f))
        });
        let waivers = of_submissions
            .chain(of_regions)
            .filter_map(|(place, name, finding)| {
                let waiver = finding.waived.as_ref()?;
                Some(context! {
                    region_key => self.region_key(place),
                    region => text(&region(place)),
                    name,
                    message => text(&finding.message),
                    by => printable(&waiver.by),
                    reason => printable(&waiver.reason),
                })
            });
        let names = self.report.submissions.iter().filter_map(|s| {
            let proposed = standard_name(s)?;
            Some(context! {
                region_key => self.region_key(&s.region),
                original => printable(&s.original_name),
                proposed,
            })
        });
        context! {
            waivers => waivers.collect::<Vec<_>>(),
            names => names.collect::<Vec<_>>(),
        }
    }

    /// The spreadsheet and the notices beside the page.
    fn downloads(&self) -> Value {
        let stems = match self.links {
            Links::InOutputFolder => notice::stems(self.report, self.lang),
            Links::None => {
                return context! { spreadsheet => None::<String>, notices => Vec::<Value>::new() };
            }
        };
        let notices = self.regions.iter().filter_map(|name| {
            let stem = stems.get(name)?;
            Some(context! {
                region_key => self.region_key(name),
                region => text(&region(name)),
                word => address("", &format!("notices/{stem}.docx")),
                markdown => address("", &format!("notices/{stem}.md")),
            })
        });
        context! { spreadsheet => address("", SPREADSHEET), notices => notices.collect::<Vec<_>>() }
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
                    finding => context! { is_new => false, shown => Value::from(()), ..finding(f) },
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
        let remarks = self.report.all_remarks().map(text);
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
            proposed => standard_name(submission),
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
        let run_sheet = playlist
            .as_ref()
            .and(address("../", "programme/run-sheet.html"));
        context! { playlist, run_sheet, programme => items.collect::<Vec<_>>() }
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
            let copied =
                |v: &VariantReport| v.copied.then(|| text(&Text::new("原画直通", "copied")));
            // x264 is what everybody expects: only another encoder is named.
            let by = |v: &VariantReport| {
                let encoder = v.encoder.as_deref().filter(|name| *name != "libx264");
                encoder.map(printable)
            };
            let variants: Vec<_> = variants
                .map(|v| context! { rung => printable(&v.rung), copied => copied(v), by => by(v) })
                .collect();
            Some(context! {
                name => name(s),
                id => s.id.as_str(),
                region_key => self.region_key(&s.region),
                standing => Standing::of(s).key(),
                outcome => text(&outcome(job.outcome)),
                reason => text(&job.reason),
                variants,
                quality => picture_quality(s.outputs.as_ref()).as_ref().map(text),
                levels => texts(&levels(s.outputs.as_ref())),
                wall => clock(job.wall_ms),
                cpu => clock(job.cpu_ms),
            })
        });
        context! { jobs => jobs.collect::<Vec<_>>() }
    }
}

/// The kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Pictures,
    Subtitles,
    Pair,
    Sound,
}

impl Shows {
    const ALL: [Shows; 4] = [Shows::Pictures, Shows::Subtitles, Shows::Pair, Shows::Sound];

    /// What shows a rule's finding, by the words in its name; none where there is nothing to see.
    fn what(rule: &str) -> Option<Self> {
        const WORDS: [(Shows, &[&str]); 4] = [
            (Shows::Subtitles, &["subtitle"]),
            (Shows::Pair, &["duplicate"]),
            (
                Shows::Sound,
                &["sound", "audio", "loud", "peak", "silen", "clip", "channel"],
            ),
            (
                Shows::Pictures,
                &[
                    "picture",
                    "orientation",
                    "resolution",
                    "black",
                    "freez",
                    "frozen",
                    "blur",
                    "sharp",
                    "bars",
                    "letterbox",
                    "bright",
                    "dark",
                    "exposure",
                    "interlac",
                    "frame",
                    "upscal",
                    "watermark",
                ],
            ),
        ];
        let named = |words: &[&str]| words.iter().any(|word| rule.contains(word));
        let found = WORDS.iter().find(|(_, words)| named(words));
        found.map(|(kind, _)| *kind)
    }
}

/// What there is to look at for one submission.
struct Evidence {
    contact_sheet: Option<String>,
    subtitle_strip: Option<String>,
    side_by_side: Option<String>,
    graph: Option<SoundGraph>,
}

impl Evidence {
    fn of(submission: &SubmissionReport, links: Links) -> Self {
        let nothing = EvidenceReport::default();
        let evidence = submission.evidence.as_ref().unwrap_or(&nothing);
        let picture = |path: &Option<String>| match links {
            Links::InOutputFolder => address("../", path.as_deref()?),
            Links::None => None,
        };
        Evidence {
            contact_sheet: picture(&evidence.contact_sheet),
            subtitle_strip: picture(&evidence.subtitle_strip),
            side_by_side: picture(&evidence.side_by_side),
            graph: sound_graph(&evidence.waveform, &evidence.loudness),
        }
    }

    /// Some kinds of it, as far as they are there; none where there is nothing at all.
    fn value(&self, kinds: &[Shows]) -> Value {
        let wanted = |kind| kinds.contains(&kind);
        let picture = |kind, zh: &str, en: &str, path: &Option<String>| {
            let address = path.clone().filter(|_| wanted(kind))?;
            Some(context! { address, label => text(&Text::new(zh, en)) })
        };
        let pictures: Vec<_> = [
            picture(
                Shows::Pair,
                "上面是本片，下面是与它相同的那一部，同一时刻",
                "this film above, the one that it repeats below, at the same moments",
                &self.side_by_side,
            ),
            picture(
                Shows::Pictures,
                "全片均匀取的 12 个画面",
                "twelve pictures spread evenly over the film",
                &self.contact_sheet,
            ),
            picture(
                Shows::Subtitles,
                "画面下三分之一：看看有没有印在画面上的字幕",
                "the lower third of the picture: are subtitles burnt in?",
                &self.subtitle_strip,
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        let graph = self
            .graph
            .as_ref()
            .filter(|_| wanted(Shows::Sound))
            .map(|graph| {
                context! {
                    wave => &graph.wave,
                    loudness => &graph.loudness,
                    target_y => format!("{:.1}", graph.target_y),
                    scale => graph.scale.iter().map(|(y, level)| {
                        context! { y => format!("{y:.1}"), level }
                    }).collect::<Vec<_>>(),
                }
            });
        if pictures.is_empty() && graph.is_none() {
            return Value::from(());
        }
        context! { pictures, graph }
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

/// How good the picture was measured to be, where a target was set: `VMAF 93.4（目标 93），1080p 用 CRF 25.5，量了 8 段`.
fn picture_quality(outputs: Option<&Outputs>) -> Option<Text> {
    let QualityReport {
        measure,
        target,
        reached,
        rung,
        crf,
        pieces,
    } = outputs?.quality.as_ref()?;
    let score = measure.written(*reached);
    Some(Text::new(
        format!("{score}（目标 {target}），{rung} 用 CRF {crf}，量了 {pieces} 段"),
        format!("{score} (target {target}), CRF {crf} for {rung}, measured on {pieces} pieces"),
    ))
}

/// How loud web and hall came out, and what was done for it.
fn levels(outputs: Option<&Outputs>) -> Vec<Text> {
    let Some(made) = outputs.and_then(|outputs| outputs.loudness) else {
        return Vec::new();
    };
    vec![
        level(&Text::new("网站", "web"), &made.web),
        level(&Text::new("会场", "hall"), &made.hall),
    ]
}

/// `网站 -18.0 LUFS，峰值 -1.4 dBTP，调整 +8.3 dB，限幅最多 2.1 dB（共 1.3 秒）`.
fn level(place: &Text, level: &SoundLevel) -> Text {
    let (Some(loudness), Some(peak)) = (level.integrated_lufs, level.true_peak_dbtp) else {
        return Text::new(
            format!("{}：没有声音", place.zh),
            format!("{}: silent", place.en),
        );
    };
    let limited = level.limiter.as_ref().map(limited).unwrap_or_default();
    let gain = level.gain_db;
    Text::new(
        format!(
            "{} {loudness:.1} LUFS，峰值 {peak:.1} dBTP，调整 {gain:+.1} dB{}",
            place.zh, limited.zh
        ),
        format!(
            "{} {loudness:.1} LUFS, peak {peak:.1} dBTP, gain {gain:+.1} dB{}",
            place.en, limited.en
        ),
    )
}

fn limited(limiter: &LimiterReport) -> Text {
    let (deepest, seconds) = (limiter.deepest_db, limiter.time_ms.0 as f64 / 1000.0);
    Text::new(
        format!("，限幅最多 {deepest:.1} dB（共 {seconds:.1} 秒）"),
        format!(", limited by up to {deepest:.1} dB ({seconds:.1} s in all)"),
    )
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
    use crate::report::model::{LinkSubmission, RosterUnit};
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
        | Spreadsheet (Excel) | Notices to the regions 7
        ");
    }

    #[test]
    fn deliveries_and_the_accepted_read_in_english() {
        let page = seen(&sample::report(), "zh");
        let middle = section(&page.text, "\nDeliveries and ", "\nProgramme 3\n");
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
        |
        Details
        advicethere is no sound
        Measured | no audio track
        Allowed | sound
        What to do | if there should be sound, export it again
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
        |
        Details
        advicethe file name is not in the form wanted
        Measured | 成都工业学院+我的祖国（最终版）(1).mp4
        Allowed | 单位《视频名称》.mp4
        Clause | “视频以“单位+视频名称”命名”
        What to do | nothing to do
        Repaired as | 成都工业学院《我的祖国》.mp4
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
        |
        Details
        advicethere is no sound
        Measured | no audio track
        Allowed | sound
        What to do | if there should be sound, export it again
        advicethe resolution is low
        Measured | 256×144
        Allowed | 1280×720 or more is advised
        What to do | hand in a sharper version if there is one
        Waived | 秘书处: 现场录像，仅此一份
        ");
    }

    #[test]
    fn the_programme_and_what_is_on_record_read_in_english() {
        let page = seen(&sample::report(), "zh");
        let end = section(&page.text, "\nProgramme 3\n", "\nTechnical details");
        insta::assert_snapshot!(end, @"
        | Open the run sheet (to print) · | Open the playlist (with a media player)
        | No. | Unit and title | Start | Length
        | 1 | 西南民族大学《爱我中华》 01-aiwozhonghua.mp4 | Start 0:05 | Length 4:31
        | 2 | 成都大学《我们的食堂》 02-womendeshitang.mp4 | Start 4:41 | Length 1:36
        | 3 | 西南科技大学《猫》 03-mao.mp4 | Start 6:23 | Length 1:14
        Notices to the regions 7
        | 成都第一片区 | | Word | Markdown
        | 成都第二片区 | | Word | Markdown
        | 成都第三片区 | | Word | Markdown
        | 成都第四片区 | | Word | Markdown
        | 川北片区 | | Word | Markdown
        | 川东片区 | | Word | Markdown
        | 川西片区 | | Word | Markdown
        Waivers on record 1
        | Unit and title | Finding | By | Reason
        | 西南科技大学《猫》 | the resolution is low | 秘书处 | 现场录像，仅此一份
        Names put right 1
        | Handed in as | Standard name
        | 成都工业学院+我的祖国（最终版）(1).mp4 | 成都工业学院《我的祖国》.mp4
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
        Ladder | balanced
        Time taken | 7:01
        Sandbox |
        a process for each video: yes
        only listed formats and decoders: yes
        files shut off (Landlock): yes
        system calls shut off (seccomp): no
        | Unit and title | Outcome | Why | Variants | Sound made | Time | CPU
        | 西南民族大学《爱我中华》 4616bae54135 | Outcome made | Why made for the first time | Variants 1080p copied 720p VMAF 93.4 (target 93), CRF 25.5 for 720p, measured on 8 pieces | Sound made web -18.0 LUFS, peak -1.4 dBTP, gain +8.3 dB, limited by up to 2.1 dB (1.3 s in all) hall -23.0 LUFS, peak -1.4 dBTP, gain +3.3 dB | Time 1:23 | CPU 2:31
        | 西南交通大学《竖屏的校园》 ad71ad8b024d | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 成都大学《我们的食堂》 4e00a9c90f33 | Outcome up to date | Why neither input nor settings have changed | Variants 1080p copied 720p VMAF 93.4 (target 93), CRF 25.5 for 720p, measured on 8 pieces | Sound made web -18.0 LUFS, peak -1.4 dBTP, gain +8.3 dB, limited by up to 2.1 dB (1.3 s in all) hall -23.0 LUFS, peak -1.4 dBTP, gain +3.3 dB | Time 1:23 | CPU 2:31
        | 成都信息工程大学《雨巷》 31fc43d8f267 | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 成都工业学院《我的祖国》 70adce15f7dc | Outcome made | Why made for the first time | Variants 1080p copied 720p VMAF 93.4 (target 93), CRF 25.5 for 720p, measured on 8 pieces | Sound made web -18.0 LUFS, peak -1.4 dBTP, gain +8.3 dB, limited by up to 2.1 dB (1.3 s in all) hall -23.0 LUFS, peak -1.4 dBTP, gain +3.3 dB | Time 1:23 | CPU 2:31
        | 演示视频.mp4 9755f2baa154 | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 四川音乐学院《合唱》 79466d60c49e | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 绵阳师范学院《爱我中华》 4ee607c76b0e | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 西南科技大学《猫》 750afd7387cc | Outcome made | Why made for the first time | Variants 1080p copied 720p VMAF 93.4 (target 93), CRF 25.5 for 720p, measured on 8 pieces | Sound made web -18.0 LUFS, peak -1.4 dBTP, gain +8.3 dB, limited by up to 2.1 dB (1.3 s in all) hall -23.0 LUFS, peak -1.4 dBTP, gain +3.3 dB | Time 1:23 | CPU 2:31
        | 四川文理学院《小猫》 5876cdad1624 | Outcome not made | Why not accepted | Variants | Sound made | Time 1:23 | CPU 2:31
        | 四川农业大学《稻花香》 a1a99b50c7d8 | Outcome failed | Why the disk is full, 1.20 GiB are missing | Variants | Sound made | Time 1:23 | CPU 2:31
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
        | 汇总表（Excel）
        片区
        全部
        结论
        全部
        查找
        显示 0 / 0
        需要处理 0
        没有需要处理的视频。
        技术细节
        程序 | zhanbo 0.1.0
        FFmpeg | 8.0 (libavcodec 62.11.100, libavformat 62.3.100, libavfilter 11.4.100)
        许可证 | GPL version 2 or later
        码率阶梯 | balanced
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
                let source = element.attribute("src").unwrap_or("../report/evidence/");
                assert!(
                    source.starts_with("../report/evidence/"),
                    "a picture that is none is not shown: {source}"
                );
                let names = element.attributes.iter().map(|(name, _)| name);
                assert!(
                    names.clone().all(|n| !n.starts_with("on") && n != "style"),
                    "{element:?}"
                );
                let to = element.attribute("href").unwrap_or("../");
                assert!(
                    to.starts_with("../")
                        || to.starts_with("report/")
                        || to.starts_with("programme/")
                        || to.starts_with("notices/")
                        || to.starts_with('#')
                        || to == "%E6%B1%87%E6%80%BB%E8%A1%A8.xlsx",
                    "{to}"
                );
            }
        }
    }

    /// A report with a roster, links, and a version that was replaced.
    fn with_roster() -> Report {
        let mut report = sample::report();
        let (old, new) = (
            report.submissions[1].id.clone(),
            report.submissions[0].id.clone(),
        );
        report.submissions[1].verdict = Verdict::Duplicate;
        report.submissions[1].superseded_by = Some(new.clone());
        let unit = |unit: &str| RosterUnit {
            region: "成都第一片区".into(),
            unit: unit.into(),
            submissions: vec![],
            to_be_confirmed: vec![],
            by_link: false,
        };
        report.roster = vec![
            RosterUnit {
                submissions: vec![new, old],
                ..unit("西南民族大学")
            },
            RosterUnit {
                to_be_confirmed: vec![report.submissions[2].id.clone()],
                ..unit("成都大学")
            },
            RosterUnit {
                by_link: true,
                ..unit("四川大学")
            },
            unit("西华大学"),
        ];
        report.links = vec![LinkSubmission {
            region: "成都第一片区".into(),
            unit: Some("四川大学".into()),
            title: Some("锦江".into()),
            url: "https://mp.weixin.qq.com/s/1?a=1&b=2".into(),
            source: "成都第一片区/推文.txt".into(),
        }];
        report
    }

    #[test]
    fn units_links_and_replaced_versions_are_told() {
        let page = seen(&with_roster(), "en");
        let from = page.text.find("\n名册").unwrap();
        let to = page.text.find("\n放行记录").unwrap();
        insta::assert_snapshot!(page.text[from..to], @r"
        名册 4 1 个单位未报送
        | 片区 | 单位 | 报送的视频
        | 成都第一片区 | 西南民族大学 | 西南民族大学《爱我中华》 通过西南交通大学《竖屏的校园》 已有新版
        | 成都第一片区 | 成都大学 | 成都大学《我们的食堂》 通过（有提醒） （待确认）
        | 成都第一片区 | 四川大学 | 以链接报送
        | 成都第一片区 | 西华大学 | 未报送
        以链接报送的作品（只登记，不下载） 1
        | 片区 | 单位《视频名称》 | 链接
        | 成都第一片区 | 四川大学 锦江 | https://mp.weixin.qq.com/s/1?a=1&b=2 成都第一片区/推文.txt
        已被后来的版本代替 1
        | 单位《视频名称》 | 旧版本 | 现用版本 | 依据
        | 西南交通大学《竖屏的校园》 | 成都第一片区/西南交通大学《竖屏的校园》.mp4 | 成都第一片区/西南民族大学《爱我中华》.mp4 |
        ");
        assert!(!section(&page.text, "需要处理", "名册").contains("竖屏的校园"));
    }

    #[test]
    fn an_address_is_text_and_nothing_to_click() {
        let mut report = with_roster();
        report.links[0].url = "javascript:alert(1)\"><script>alert(1)</script>".into();
        report.links[0].title = Some("<img src=x onerror=alert(1)>\u{202e}".into());
        report.roster[0].unit = "<script>alert(1)</script>".into();
        let html = html(&report, Lang::Zh);
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x"));
        assert!(!html.contains("href=\"javascript") && !html.contains('\u{202e}'));
        assert!(!html.contains("href=\"https://mp.weixin"));
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
            policy.starts_with("default-src 'none'; img-src data: 'self' file:; style-src"),
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
        let html = to_html(&sample::full(), Lang::Zh, Links::None).unwrap();
        assert!(!html.contains("href=\"../") && !html.contains("src=\"../"));
    }

    #[test]
    fn three_hundred_hostile_names_add_no_element_and_no_attribute() {
        let names = sample::hostile_names();
        let harmless = sample::harmless_names(&names);
        let page = |names: &[String]| seen::parsed(&html(&sample::named(names), Lang::Zh));
        let (hostile, plain) = (page(&names), page(&harmless));
        assert_eq!(hostile.len(), plain.len());
        for (found, expected) in hostile.iter().zip(&plain) {
            assert_eq!(found, expected);
        }
        assert!(plain.len() > 10_000, "the page shows all of them");
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
    fn how_loud_the_outputs_are_and_what_was_done_for_it_is_said() {
        let mut outputs = sample::find("我的祖国").outputs.unwrap();
        let said = |outputs: &Outputs| {
            let lines = levels(Some(outputs)).into_iter();
            let lines: Vec<_> = lines.map(|l| format!("{} | {}", l.zh, l.en)).collect();
            lines.join("\n")
        };
        insta::assert_snapshot!(said(&outputs), @r"
        网站 -18.0 LUFS，峰值 -1.4 dBTP，调整 +8.3 dB，限幅最多 2.1 dB（共 1.3 秒） | web -18.0 LUFS, peak -1.4 dBTP, gain +8.3 dB, limited by up to 2.1 dB (1.3 s in all)
        会场 -23.0 LUFS，峰值 -1.4 dBTP，调整 +3.3 dB | hall -23.0 LUFS, peak -1.4 dBTP, gain +3.3 dB
        ");
        outputs.loudness.as_mut().unwrap().hall.integrated_lufs = None;
        insta::assert_snapshot!(said(&outputs).lines().nth(1).unwrap(), @"会场：没有声音 | hall: silent");
        outputs.loudness = None;
        assert_eq!(said(&outputs), "");
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
        let full = sample::full();
        let many: Vec<_> = (0..233).map(|at| format!("某某大学第{at}小组")).collect();
        let mut files = vec![
            (
                "report/report.html".into(),
                html(&full, Lang::Zh).into_bytes(),
            ),
            (
                "report/report.en.html".into(),
                html(&full, Lang::En).into_bytes(),
            ),
            (
                "report/hostile.html".into(),
                html(&sample::hostile(), Lang::Zh).into_bytes(),
            ),
            (
                "report/many.html".into(),
                html(&sample::named(&many), Lang::Zh).into_bytes(),
            ),
            (
                "index.html".into(),
                index::to_index(&report, Lang::Zh).unwrap().into_bytes(),
            ),
        ];
        for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
            let sheets = crate::report::spreadsheet::to_xlsx(&full, lang).unwrap();
            files.push((format!("report/{name}.xlsx"), sheets));
            for (region, stem) in notice::stems(&full, lang) {
                let word = notice::to_docx(&full, region, lang).unwrap().unwrap();
                files.push((format!("report/notices/{stem}.{name}.docx"), word));
                let text = notice::to_markdown(&full, region, lang).unwrap();
                files.push((
                    format!("report/notices/{stem}.{name}.md"),
                    text.into_bytes(),
                ));
            }
        }
        std::fs::create_dir_all(format!("{folder}/report/notices")).unwrap();
        for (path, bytes) in files {
            let mut file = std::fs::File::create(format!("{folder}/{path}")).unwrap();
            file.write_all(&bytes).unwrap();
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
