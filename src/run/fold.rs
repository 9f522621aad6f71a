//! Folding: catalogue and outcomes into one [`Report`]. In: what was learnt and what was done. Out: the machine's truth.
//! Pure but for the versions of the libraries.

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime};

use rayon::prelude::*;

use super::evidence::{self, EvidenceFile};
use super::make::Ended;
use super::on_record;
use crate::av;
use crate::catalogue::{Catalogue, Entry};
use crate::check::{self, Finding, Level, Verdict};
use crate::config::RunConfig;
use crate::id::SubmissionId;
use crate::intake::RegionDelivery;
use crate::layout::{
    HLS, Layout, MULTIVARIANT, POSTER, POSTER_WEBP, SMALL_POSTERS, STORYBOARD, WEB_MP4,
    small_poster_name,
};
use crate::ledger::{Reading, Record};
use crate::preset::{Order, Site};
use crate::programme::selection::{Choice, Settled, Wish, settle};
use crate::report::model::{
    self, EvidenceReport, Job, JobOutcome, Libav, Outputs, Plays, ProgrammeSettings, Region,
    Report, Sandbox, Showcase, SubmissionReport, Tool, Totals, Website,
};
use crate::text::Text;
use crate::transcode::hall::HallFormat;
use crate::transcode::make::{Note, NoteKind};
use crate::units::{Bytes, Millis};

/// A report whose programme is still to come, and the pictures that it names.
pub(super) struct Folded {
    pub(super) report: Report,
    /// Pictures that the report names.
    pub(super) evidence: Vec<EvidenceFile>,
}

/// Time since `clock`.
pub(super) fn elapsed(clock: Instant) -> Millis {
    Millis(u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX))
}

pub(super) fn fold(config: &RunConfig, catalogue: &Catalogue, ended: Vec<Ended>) -> Folded {
    let (submissions, pictures): (Vec<SubmissionReport>, Vec<_>) = catalogue
        .entries
        .par_iter()
        .zip(ended)
        .map(|(entry, ended)| {
            let (evidence, files) = taken(entry, config);
            let submission = SubmissionReport {
                evidence,
                ..submission(entry, ended)
            };
            (submission, files)
        })
        .unzip();
    let pictures = pictures.into_iter().flatten().collect();
    let settled = settle_regions(config, catalogue);
    let regions: Vec<Region> = catalogue
        .regions
        .iter()
        .map(|delivery| {
            let settled = settled.get(&delivery.name).cloned().unwrap_or_default();
            let mut findings = delivery.findings.clone();
            findings.extend(check::attachments::of_region(
                &delivery.attachments,
                &config.rules.rules,
            ));
            findings.extend(settled.findings);
            on_record::waive_regional(&delivery.name, &mut findings, &config.decisions.waive);
            region(&delivery.name, &submissions, settled.recommended, findings)
        })
        .collect();
    let decided = on_record::on_record(&config.decisions, &config.rules, &regions, &submissions);
    let mut remarks = decided.remarks;
    remarks.extend(config.refused_encoder.clone());
    let report = Report {
        schema: model::SCHEMA.into(),
        showcase: Showcase {
            title: config.title.clone(),
            preset: config.rules.name.clone(),
            ladder: config.ladder.name.clone(),
            resubmit_by: config
                .resubmit_by
                .as_ref()
                .map(|day| day.as_str().to_owned()),
            programme: Some(programme_settings(config, catalogue)),
            site: website(&config.site),
        },
        tool: tool(),
        started_at: timestamp(config.started_at),
        regions,
        totals: totals(&submissions),
        programme: Vec::new(),
        programme_remarks: Vec::new(),
        submissions,
        other_files: catalogue.other_files.clone(),
        roster: catalogue.ledger.clone(),
        links: catalogue.links.clone(),
        changes: None,
        decisions: decided.decisions,
        remarks,
    };
    Folded {
        report,
        evidence: pictures,
    }
}

fn website(site: &Site) -> Website {
    let base_url = site.base_url.as_ref();
    Website {
        base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()),
        reveal: site.reveal.as_ref().map(|day| day.as_str().to_owned()),
        copyright: site.copyright.clone(),
    }
}

/// What was taken while measuring; nothing where the file could not be read.
fn taken(entry: &Entry, config: &RunConfig) -> (Option<EvidenceReport>, Vec<EvidenceFile>) {
    match &entry.reading {
        Reading::Measured(measured) => evidence::evidence(
            &entry.submission.id,
            &measured.evidence,
            config.layout.as_ref(),
        ),
        Reading::Unreadable(_) => (None, vec![]),
    }
}

fn submission(entry: &Entry, ended: Ended) -> SubmissionReport {
    let (media, thumbnail_jpeg) = match &entry.reading {
        Reading::Measured(measured) => (
            Some(measured.media.clone()),
            measured.thumbnail_jpeg.clone(),
        ),
        Reading::Unreadable(_) => (None, None),
    };
    let given = &entry.submission;
    let mut findings = entry.findings.clone();
    findings.extend(
        ended
            .record
            .iter()
            .flat_map(|record| record.notes.iter().map(made_note)),
    );
    SubmissionReport {
        id: given.id.clone(),
        source: given.source.clone(),
        source_blake3: entry.hash.clone(),
        region: given.region.clone(),
        unit: given.unit().map(str::to_owned),
        title: given.name.title.clone(),
        original_name: given.original_name.clone(),
        introduction: given.introduction.as_ref().map(|c| c.source.clone()),
        introduction_text: given
            .papers
            .introduction
            .as_ref()
            .map(|read| read.text.clone())
            .unwrap_or_default(),
        script: given.papers.script.as_ref().map(|c| c.source.clone()),
        attachments: given
            .papers
            .attachments
            .iter()
            .map(|attachment| attachment.file.source.clone())
            .collect(),
        verdict: entry.verdict,
        overridden: entry.overridden.clone(),
        duplicate_of: entry.duplicate_of.clone(),
        confirmed: entry.confirmed.clone(),
        findings,
        media,
        thumbnail_jpeg,
        evidence: None,
        superseded_by: entry.superseded_by.clone(),
        first_accepted: None,
        name_proposal: given.name.proposal.clone(),
        outputs: ended
            .record
            .as_ref()
            .map(|record| outputs(&given.id, record)),
        job: ended.outcome.map(|outcome| Job {
            outcome,
            reason: ended.reason,
            wall_ms: ended
                .record
                .as_ref()
                .map_or(Millis(0), |record| record.wall_ms),
            cpu_ms: ended
                .record
                .as_ref()
                .map_or(Millis(0), |record| record.cpu_ms),
        }),
    }
}

// What was noticed while making changes no verdict: the judging came first and must not depend on it.
fn made_note(note: &Note) -> Finding {
    let repaired = Text::new("已自动修复，不用处理", "repaired, nothing to do");
    let remedy = match note.kind {
        NoteKind::SubtitlesRepaired | NoteKind::OneEarRepaired => repaired.clone(),
        NoteKind::SubtitlesHardToRead => Text::new(
            "成品可以用。要改的话：在剪映里把太长的句子拆成两条，太短的拉长到 1 秒以上，每条最多两行，重新导出字幕文件",
            "the result can be used; to improve it, divide long sentences into two in the editor, let short ones stand for a \
             second or more, two lines each at most, and export the subtitle file again",
        ),
        NoteKind::NothingBurnt => Text::new(
            "请单位补交这种语言的字幕文件，或者在 showcase.toml 里改 burn_subtitles",
            "ask the unit for a subtitle file in this language, or change burn_subtitles in showcase.toml",
        ),
        NoteKind::CharactersMissing => Text::new(
            "请在这台电脑上装一套字更全的中文字体（例如 fonts-noto-cjk、fonts-noto-cjk-extra），再重做这个视频",
            "install fonts with more characters on this computer (fonts-noto-cjk, fonts-noto-cjk-extra), and make this video again",
        ),
        NoteKind::SubtitlesSpare => Text::new("不用处理", "nothing to do"),
        NoteKind::SubtitlesUnused => Text::new(
            "请补交 SRT、ASS、WebVTT 或 TTML 字幕文件",
            "hand in a subtitle file as SRT, ASS, WebVTT or TTML",
        ),
        NoteKind::PictureConcealed => Text::new("请打开成品看一遍", "please watch the result once"),
        NoteKind::ProofShortened => Text::new(
            "播放前请把成品从头到尾看一遍；不赶时间时，删掉 masters 里这个文件，不带 --proof count 再运行一次",
            "watch it once from end to end before it is shown; when there is time, delete its file in masters and run again without \
             --proof count",
        ),
        NoteKind::QualityMissed => Text::new(
            "成品可以用；还想更清晰，就在输出预设里把 crf_min 调小、max_bit_rate 调大，或者把目标降低",
            "the result can be used; for a better one lower crf_min and raise max_bit_rate in the ladder, or lower the target",
        ),
        NoteKind::LoudnessMissed => Text::new(
            "成品可以用，只是比别的节目轻；要一样响，请单位在剪映里先“降噪”，再把声音调大，把突出的响声单独调小，重新导出",
            "the result can be used and is only quieter than the others; to have it as loud, ask the unit to reduce the \
             noise in its editor, turn the sound up and the bursts down, and export it again",
        ),
    };
    let is_repaired = matches!(
        note.kind,
        NoteKind::SubtitlesRepaired | NoteKind::OneEarRepaired
    );
    Finding {
        rule: "noticed-while-making".into(),
        level: Level::Advice,
        clause: None,
        measured: Text::default(),
        allowed: Text::default(),
        message: note.text.clone(),
        remedy,
        repaired: is_repaired.then_some(repaired.zh),
        waived: None,
    }
}

fn outputs(id: &SubmissionId, record: &Record) -> Outputs {
    let media = Layout::media_name(id);
    let made = |name: &str| {
        let path = format!("{media}/{name}");
        let there = record.files.iter().any(|file| file.path == path);
        there.then_some(path)
    };
    Outputs {
        master: Layout::master_name(id),
        web_mp4: format!("{media}/{WEB_MP4}"),
        hls: format!("{media}/{HLS}/{MULTIVARIANT}"),
        poster: format!("{media}/{POSTER}"),
        poster_webp: made(POSTER_WEBP),
        posters: small_posters().filter_map(|name| made(&name)).collect(),
        storyboard: made(STORYBOARD),
        subtitles: record
            .subtitles
            .iter()
            .map(|name| format!("{media}/{name}"))
            .collect(),
        variants: record.variants.clone(),
        loudness: record.loudness,
        quality: record.quality.clone(),
        bytes: Bytes(distinct_bytes(record)),
    }
}

fn small_posters() -> impl Iterator<Item = String> {
    let (jpeg, webp) = SMALL_POSTERS;
    let jpeg = jpeg
        .into_iter()
        .map(|width| small_poster_name(width, "jpg"));
    jpeg.chain(
        webp.into_iter()
            .map(|width| small_poster_name(width, "webp")),
    )
}

// The master is often a second name of the web's MP4: the same content is counted once.
fn distinct_bytes(record: &Record) -> u64 {
    let by_content: BTreeMap<_, _> = record
        .files
        .iter()
        .map(|file| (&file.blake3, file.bytes))
        .collect();
    by_content.into_values().sum()
}

/// What is settled, region by region: where the preset names regions, or somebody recommends something.
fn settle_regions(config: &RunConfig, catalogue: &Catalogue) -> BTreeMap<String, Settled> {
    if config.rules.regions.is_empty() && !recommends(config, catalogue) {
        return BTreeMap::new();
    }
    let plays = plays(config, catalogue);
    let regions = catalogue
        .regions
        .iter()
        .filter(|region| !region.name.is_empty());
    regions
        .filter_map(|region| {
            let choices = choices(catalogue, &region.name);
            let wishes = wishes(config, catalogue, region);
            // A region that sent nothing at all has heard so already.
            let silent = choices.is_empty() && wishes.is_empty();
            (!silent).then(|| (region.name.clone(), settle(&wishes, &choices, plays)))
        })
        .collect()
}

/// Whether anybody recommends anything.
fn recommends(config: &RunConfig, catalogue: &Catalogue) -> bool {
    !config.recommend.is_empty()
        || catalogue
            .regions
            .iter()
            .any(|region| !region.recommendations.is_empty())
}

fn wishes(config: &RunConfig, catalogue: &Catalogue, region: &RegionDelivery) -> Vec<Wish> {
    // Films are called by their unit's name of today, and the secretary may write another of its names.
    let of_today = |unit: String| match &catalogue.roster {
        Some(roster) => roster.name_of_today(unit, &region.name),
        None => unit,
    };
    let decided: Vec<Wish> = config
        .recommend
        .iter()
        .filter(|wish| wish.region == region.name)
        .map(|wish| Wish {
            unit: wish.unit.clone().map(of_today),
            title: wish.title.clone(),
            source: "showcase.toml".to_owned(),
        })
        .collect();
    if !decided.is_empty() {
        return decided;
    }
    region
        .recommendations
        .iter()
        .map(|r| Wish {
            unit: r.unit.clone(),
            title: r.title.clone(),
            source: r.source.clone(),
        })
        .collect()
}

fn choices<'a>(catalogue: &'a Catalogue, region: &str) -> Vec<Choice<'a>> {
    let of_region = catalogue
        .entries
        .iter()
        .filter(|entry| entry.submission.region == region);
    of_region
        .map(|entry| Choice {
            id: &entry.submission.id,
            unit: entry.submission.unit(),
            title: entry.submission.name.title.as_deref(),
            verdict: entry.verdict,
            repeats: repeats(catalogue, entry),
        })
        .collect()
}

/// The submission that this one repeats, in words.
fn repeats(catalogue: &Catalogue, entry: &Entry) -> Option<String> {
    let of = entry.duplicate_of.as_ref()?;
    let original = catalogue
        .entries
        .iter()
        .find(|other| other.submission.id == of.id)?;
    Some(original.label())
}

/// What the programme plays where no items are listed.
fn plays(config: &RunConfig, catalogue: &Catalogue) -> Plays {
    if config.programme.order == Order::Recommendations && recommends(config, catalogue) {
        Plays::Recommended
    } else {
        Plays::Accepted
    }
}

fn programme_settings(config: &RunConfig, catalogue: &Catalogue) -> ProgrammeSettings {
    ProgrammeSettings {
        plays: plays(config, catalogue),
        // A title that would do for any event is nothing for a hall's screen.
        event: if config.rules.event.as_ref() == Some(&config.title) {
            String::new()
        } else {
            config.title.zh.clone()
        },
        wishes: config.programme.clone(),
        format: HallFormat::of(&config.ladder),
        regions: config.rules.regions.clone(),
    }
}

fn region(
    name: &str,
    submissions: &[SubmissionReport],
    recommended: Option<SubmissionId>,
    findings: Vec<Finding>,
) -> Region {
    let own = || submissions.iter().filter(|s| s.region == name);
    let accepted = own().filter(|s| s.verdict.is_accepted()).count();
    let received = own().count();
    Region {
        name: name.to_owned(),
        received,
        accepted,
        returned: received - accepted,
        recommended,
        findings,
    }
}

fn totals(submissions: &[SubmissionReport]) -> Totals {
    let verdict = |wanted| submissions.iter().filter(|s| s.verdict == wanted).count();
    let outcome = |wanted| {
        submissions
            .iter()
            .filter(|s| s.job.as_ref().is_some_and(|job| job.outcome == wanted))
            .count()
    };
    let accepted = submissions.iter().filter(|s| s.verdict.is_accepted());
    let duration = accepted
        .filter_map(|s| s.media.as_ref())
        .map(|media| media.duration_ms.0)
        .sum();
    Totals {
        received: submissions.len(),
        accepted: verdict(Verdict::Accepted),
        accepted_with_warnings: verdict(Verdict::AcceptedWithWarnings),
        returned: verdict(Verdict::Returned),
        unreadable: verdict(Verdict::Unreadable),
        duplicate: verdict(Verdict::Duplicate),
        superseded: submissions
            .iter()
            .filter(|s| s.superseded_by.is_some())
            .count(),
        made: outcome(JobOutcome::Done),
        up_to_date: outcome(JobOutcome::UpToDate),
        failed: outcome(JobOutcome::Failed),
        cancelled: outcome(JobOutcome::Cancelled),
        duration_ms: Millis(duration),
        wall_ms: Millis(0),
    }
}

fn tool() -> Tool {
    let libav = av::version();
    Tool {
        version: env!("CARGO_PKG_VERSION").into(),
        libav: Libav {
            ffmpeg: libav.ffmpeg,
            avcodec: libav.avcodec,
            avformat: libav.avformat,
            avfilter: libav.avfilter,
            license: libav.license,
        },
        // The kernel's walls are not built yet, and the report says so.
        sandbox: Sandbox {
            process: true,
            guarded_input: true,
            landlock: false,
            seccomp: false,
        },
    }
}

pub(super) fn timestamp(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time)
        .and_then(|t| t.round(jiff::Unit::Second))
        .map_or_else(|_| "1970-01-01T00:00:00Z".into(), |t| t.to_string())
}
