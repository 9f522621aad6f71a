//! One function a subcommand: settings in, library called, answer printed through `ui`, exit code out.

mod certify;
mod serve;
mod verify;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::CommandFactory as _;

use crate::cli::{
    CheckArgs, Cli, Command, FileKind, GlobalArgs, HlsLintArgs, IndexAction, IndexArgs, InitArgs,
    PresetsAction, PresetsArgs, ProgrammeArgs, ReportArgs, RunArgs, SiteArgs,
};
use crate::config::{self, Mode, RunConfig};
use crate::doctor::{self, Health};
use crate::error::RunError;
use crate::init::{self, Placed};
use crate::layout::Layout;
use crate::plan::{Action, Plan};
use crate::preset::PresetKind;
use crate::programme::run_sheet::PAGE;
use crate::report::model::Report;
use crate::report::terminal::{Pages, printable, summary};
use crate::text::{Lang, Text, count};
use crate::ui::{self, Voice};
use crate::{check, library, lint, preset, run};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Well,
    /// Some submissions were returned or failed.
    Returned,
    /// The run could not be done.
    Impossible,
    /// Stopped by the operator.
    Interrupted,
}

impl Exit {
    /// The code, as `--help` lists it.
    pub fn code(self) -> u8 {
        match self {
            Exit::Well => 0,
            Exit::Returned => 1,
            Exit::Impossible => 2,
            Exit::Interrupted => 130,
        }
    }
}

/// Does what was typed.
pub fn execute(cli: &Cli, cancelled: &Arc<AtomicBool>) -> Exit {
    let lang = config::lang(&cli.global);
    let done = match &cli.command {
        Command::Run(args) => run(args, &cli.global, lang, cancelled),
        Command::Check(args) => check(args, &cli.global, lang, cancelled),
        Command::Plan(args) => plan(args, &cli.global, lang, cancelled),
        Command::Report(args) => report(args, &cli.global, lang),
        Command::Programme(args) if args.certify => {
            certify::certify(args, &cli.global, lang, cancelled)
        }
        Command::Programme(args) => programme(args, &cli.global, lang, cancelled),
        Command::Site(args) => site(args, &cli.global, lang),
        Command::Presets(args) => presets(args, &cli.global, lang),
        Command::Rule { name } => rule(name.as_deref(), lang),
        Command::HlsLint(args) => hls_lint(args, &cli.global, lang),
        Command::Index(args) => index(args, &cli.global, lang),
        Command::Init(args) => init(args, lang),
        Command::Verify(args) => verify::verify(args, &cli.global, lang, cancelled),
        Command::Serve(args) => serve::serve(args, &cli.global, lang, cancelled),
        Command::Completions { shell } => Ok(completions(*shell)),
        Command::Man { command } => man(command.as_deref()),
        Command::Doctor => Ok(examine(&cli.global, lang, cancelled)),
        // `main` has already gone another way.
        Command::Worker { .. } => Ok(Exit::Well),
    };
    let exit = done.unwrap_or_else(|error| {
        complain(&error, lang);
        Exit::Impossible
    });
    // A server has no other end than being stopped.
    let is_cut_short = !matches!(cli.command, Command::Serve(_));
    if is_cut_short && cancelled.load(Ordering::Relaxed) {
        Exit::Interrupted
    } else {
        exit
    }
}

fn complain(error: &RunError, lang: Lang) {
    let mut chain = printable(&error.to_string());
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        chain = format!("{chain}: {}", printable(&error.to_string()));
        cause = error.source();
    }
    ui::remark(&format!("zhanbo: {chain}"));
    ui::remark(&format!(
        "{}: {}",
        lang.pick("提示", "hint"),
        printable(error.hint().in_lang(lang))
    ));
}

fn voice(global: &GlobalArgs) -> Voice {
    if global.json {
        Voice::Json
    } else if global.quiet {
        Voice::Quiet
    } else {
        Voice::Normal
    }
}

fn run(
    args: &RunArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let config = config::run(args, Mode::Execute, lang, Arc::clone(cancelled))?;
    carry_out(&config, global)
}

fn check(
    args: &CheckArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let config = config::check(args, lang, Arc::clone(cancelled))?;
    carry_out(&config, global)
}

fn carry_out(config: &RunConfig, global: &GlobalArgs) -> Result<Exit, RunError> {
    let listener = ui::listener(voice(global), config.lang);
    let done = run::run(config, listener.as_ref())?;
    if !global.json {
        tell(&done.report, config.layout.as_ref(), global, config.lang);
    }
    Ok(exit(&done.report))
}

fn report(args: &ReportArgs, global: &GlobalArgs, lang: Lang) -> Result<Exit, RunError> {
    let layout = Layout::new(&args.out);
    let report = run::rebuild(&layout, lang)?;
    if global.json {
        let totals = serde_json::to_string(&report.totals).unwrap_or_default();
        ui::say(&format!("{totals}\n"));
    } else if !global.quiet {
        tell(&report, Some(&layout), global, lang);
    }
    Ok(exit(&report))
}

fn programme(
    args: &ProgrammeArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let layout = Layout::new(&args.out);
    let workers = config::workers(Arc::clone(cancelled));
    let listener = ui::listener(voice(global), lang);
    let report = run::programme(&run::Hall {
        layout: &layout,
        workers: &workers,
        listener: listener.as_ref(),
        lang,
        threads: config::cores(),
        started_at: config::now(),
    })?;
    if global.json {
        let items = serde_json::to_string(&report.programme).unwrap_or_default();
        ui::say(&format!("{items}\n"));
    } else {
        ui::say(&programme_text(&report, &layout, lang));
    }
    Ok(Exit::Well)
}

fn site(args: &SiteArgs, global: &GlobalArgs, lang: Lang) -> Result<Exit, RunError> {
    let layout = Layout::new(&args.out);
    let listener = ui::listener(voice(global), lang);
    run::site(&layout, &config::today(), lang, listener.as_ref())?;
    if !global.json && !global.quiet {
        let page = layout.site().join("index.html").display().to_string();
        let line = Text::new(format!("请打开 {page}"), format!("open {page}"));
        ui::say(&format!("{}\n", printable(line.in_lang(lang))));
    }
    Ok(Exit::Well)
}

fn programme_text(report: &Report, layout: &Layout, lang: Lang) -> String {
    let mut text = String::new();
    for remark in &report.programme_remarks {
        text.push_str(&printable(remark.in_lang(lang)));
        text.push('\n');
    }
    let (videos, sheet) = (report.programme.len(), layout.programme().join(PAGE));
    let line = Text::new(
        format!("节目单有 {videos} 个视频，请看 {}", sheet.display()),
        format!(
            "{} in the programme, see {}",
            count(videos, "video"),
            sheet.display()
        ),
    );
    text.push_str(&printable(line.in_lang(lang)));
    text.push('\n');
    text
}
/// The summary, and where to read more.
fn tell(report: &Report, layout: Option<&Layout>, global: &GlobalArgs, lang: Lang) {
    let color = ui::color(config::no_color(global));
    let pages = match layout {
        Some(_) => Pages::Written,
        None => Pages::None,
    };
    ui::say(&summary(report, lang, color, ui::width(), pages));
    if let Some(layout) = layout {
        let page = layout.index();
        let line = Text::new(
            format!("请打开 {}", page.display()),
            format!("open {}", page.display()),
        );
        ui::say(&format!("{}\n", printable(line.in_lang(lang))));
    }
}

fn exit(report: &Report) -> Exit {
    let totals = &report.totals;
    let bad =
        totals.returned + totals.unreadable + totals.repeated() + totals.failed + totals.cancelled;
    // A delivery that could not be opened may hold any number of videos.
    let regions = report.regions.iter().flat_map(|region| &region.findings);
    let unmet = regions.filter(|f| f.is_open() && f.level == check::Level::Requirement);
    if bad == 0 && unmet.count() == 0 {
        Exit::Well
    } else {
        Exit::Returned
    }
}

fn plan(
    args: &RunArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let config = config::run(args, Mode::PlanOnly, lang, Arc::clone(cancelled))?;
    if let Some(why) = &config.refused_encoder {
        ui::remark(why.in_lang(lang));
    }
    let (_, plan) = run::plan_only(&config, &ui::Silence)?;
    if global.json {
        let text = serde_json::to_string_pretty(&plan).unwrap_or_default();
        ui::say(&format!("{text}\n"));
    } else {
        ui::say(&plan_text(&plan, lang));
    }
    Ok(Exit::Well)
}

fn plan_text(plan: &Plan, lang: Lang) -> String {
    let mut text = String::new();
    for job in &plan.jobs {
        let line = match &job.action {
            Action::Make { reason, recipe, .. } => {
                let rungs: Vec<_> = recipe
                    .rungs
                    .iter()
                    .map(|r| format!("{}x{}", r.width, r.height))
                    .collect();
                let (rungs, rate, why) = (rungs.join(" "), recipe.frame_rate, reason.text());
                Text::new(
                    format!(
                        "制作    {}：{}；{rungs}，{rate} 帧/秒，{}",
                        job.label,
                        why.zh,
                        recipe.duration()
                    ),
                    format!(
                        "make    {}: {}; {rungs} at {rate} fps, {}",
                        job.label,
                        why.en,
                        recipe.duration()
                    ),
                )
            }
            Action::UpToDate => Text::new(
                format!("不必做  {}：没有变化", job.label),
                format!("keep    {}: up to date", job.label),
            ),
            Action::Skip { verdict } => Text::new(
                format!("不制作  {}：{}", job.label, verdict.text().zh),
                format!("skip    {}: {}", job.label, verdict.text().en),
            ),
        };
        text.push_str(&printable(line.in_lang(lang)));
        text.push('\n');
    }
    text
}

fn presets(args: &PresetsArgs, global: &GlobalArgs, lang: Lang) -> Result<Exit, RunError> {
    match &args.action {
        None | Some(PresetsAction::List) => list_presets(global, lang)?,
        Some(PresetsAction::Show { name }) => ui::say(preset::source_text(name)?),
        Some(PresetsAction::Template { kind }) => ui::say(preset::template(kind_of(*kind))),
        Some(PresetsAction::Schema { kind }) => ui::say(&schema_text(*kind)),
        Some(PresetsAction::Check { file }) => check_preset(file, lang)?,
    }
    Ok(Exit::Well)
}

fn kind_of(kind: FileKind) -> PresetKind {
    match kind {
        FileKind::Rules => PresetKind::Rules,
        FileKind::Ladder => PresetKind::Ladder,
        FileKind::Showcase => PresetKind::Showcase,
    }
}

fn schema_text(kind: FileKind) -> String {
    let schema = preset::schema(kind_of(kind));
    format!(
        "{}\n",
        serde_json::to_string_pretty(&schema).unwrap_or_default()
    )
}

fn init(args: &InitArgs, lang: Lang) -> Result<Exit, RunError> {
    let name = args.preset.as_deref().unwrap_or(preset::DEFAULT_RULES);
    let rules = preset::rule_set(name)?;
    let written = config::preset_for(name);
    let pieces = init::pieces(&rules.regions, &written);
    let placed = init::place(&args.inbox, &pieces)
        .map_err(|(path, source)| RunError::write(&path, source))?;
    for (piece, placed) in pieces.iter().zip(placed) {
        let path = args.inbox.join(piece.name()).display().to_string();
        let line = match placed {
            Placed::Made => Text::new(format!("已建  {path}"), format!("made  {path}")),
            Placed::Kept => Text::new(
                format!("已有  {path}，没有改动"),
                format!("kept  {path}, as it was"),
            ),
        };
        ui::say(&format!("{}\n", printable(line.in_lang(lang))));
    }
    let next = Text::new(
        "下一步：改好 showcase.toml 和 roster.csv，把各片区的材料放进去，然后运行 zhanbo check。",
        "next: edit showcase.toml and roster.csv, put in what the regions send, and run `zhanbo check`",
    );
    ui::say(&format!("{}\n", next.in_lang(lang)));
    Ok(Exit::Well)
}

fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "zhanbo", &mut script);
    ui::say(&String::from_utf8_lossy(&script));
    Exit::Well
}

fn man(name: Option<&str>) -> Result<Exit, RunError> {
    let mut all = Cli::command();
    all.build();
    let page = match name {
        None => all,
        Some(name) => command_called(&all, name)?,
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| RunError::Render {
            what: "man",
            reason: error.to_string(),
        })?;
    ui::say(&String::from_utf8_lossy(&roff));
    Ok(Exit::Well)
}

fn command_called(all: &clap::Command, name: &str) -> Result<clap::Command, RunError> {
    let shown: Vec<_> = all.get_subcommands().filter(|c| !c.is_hide_set()).collect();
    let found = shown.iter().find(|command| command.get_name() == name);
    found.map(|command| (*command).clone()).ok_or_else(|| {
        let known: Vec<_> = shown.iter().map(|command| command.get_name()).collect();
        RunError::UnknownCommand {
            name: name.to_owned(),
            known: known.join(", "),
        }
    })
}

fn list_presets(global: &GlobalArgs, lang: Lang) -> Result<(), RunError> {
    for listed in preset::list()? {
        let line = if global.json {
            serde_json::json!({ "name": listed.name, "kind": listed.kind.name(), "title": listed.title }).to_string()
        } else {
            format!(
                "{:<24} {:<9} {}",
                listed.name,
                listed.kind.name(),
                listed.title.in_lang(lang)
            )
        };
        ui::say(&format!("{line}\n"));
    }
    Ok(())
}

fn check_preset(file: &Path, lang: Lang) -> Result<(), RunError> {
    let kind = preset::check_file(file)?;
    let line = Text::new(
        format!("{} 没有问题（{}）", file.display(), kind.name()),
        format!("{} is a good {}", file.display(), kind.name()),
    );
    ui::say(&format!("{}\n", printable(line.in_lang(lang))));
    Ok(())
}

fn index(args: &IndexArgs, global: &GlobalArgs, lang: Lang) -> Result<Exit, RunError> {
    match &args.action {
        IndexAction::Add { out, library, year } => {
            let folder = config::library(library.as_deref())?;
            let added = library::add(&folder, &Layout::new(out), *year, &run::tool())?;
            ui::say(&format!("{}\n", added_text(&added, global, lang)));
        }
        IndexAction::List { library } => list_works(library.as_deref(), global, lang)?,
    }
    Ok(Exit::Well)
}

fn added_text(added: &library::Added, global: &GlobalArgs, lang: Lang) -> String {
    let library::Added {
        file,
        year,
        works,
        new,
    } = added;
    if global.json {
        let line = serde_json::json!({ "file": file, "year": year, "works": works, "new": new });
        return line.to_string();
    }
    let text = Text::new(
        format!(
            "{year} 年的 {works} 部作品在作品库里，其中新加或更新 {new} 部：{}",
            file.display()
        ),
        format!(
            "{works} works of {year} are in the library, {new} of them new or changed: {}",
            file.display()
        ),
    );
    printable(text.in_lang(lang))
}

fn list_works(named: Option<&Path>, global: &GlobalArgs, lang: Lang) -> Result<(), RunError> {
    let folder = config::library(named)?;
    // Nobody has begun this user's own library yet: that is no error.
    if named.is_none() && !folder.exists() {
        let text = Text::new(
            format!("作品库还是空的：{}", folder.display()),
            format!("the library is still empty: {}", folder.display()),
        );
        ui::remark(&printable(text.in_lang(lang)));
        return Ok(());
    }
    for volume in library::load(&folder)? {
        for work in &volume.works {
            let line = if global.json {
                serde_json::json!({ "id": work.id, "earlier": volume.earlier(work) }).to_string()
            } else {
                let length = work.signature.duration_ms;
                let title = volume.showcase.in_lang(lang);
                printable(&format!(
                    "{}  {}《{}》  {length}  {title}",
                    volume.year, work.unit, work.title
                ))
            };
            ui::say(&format!("{line}\n"));
        }
    }
    Ok(())
}

fn rule(name: Option<&str>, lang: Lang) -> Result<Exit, RunError> {
    let known = check::rule_names();
    let Some(name) = name else {
        ui::say(&format!("{}\n", known.join("\n")));
        return Ok(Exit::Well);
    };
    let Some(manual) = check::manual(name, lang) else {
        return Err(RunError::UnknownRule {
            name: name.to_owned(),
            known: known.join(", "),
        });
    };
    ui::say(&format!("{}\n", manual.trim_end()));
    Ok(Exit::Well)
}

fn hls_lint(args: &HlsLintArgs, global: &GlobalArgs, lang: Lang) -> Result<Exit, RunError> {
    let Some(path) = args.playlist.as_ref().filter(|_| !args.list) else {
        ui::say(&if global.json {
            format!("{}\n", lint::page::list_json())
        } else {
            lint::page::list(lang)
        });
        return Ok(Exit::Well);
    };
    let found = lint::lint(path)?;
    ui::say(&if global.json {
        format!("{:#}\n", lint::page::to_json(&found))
    } else {
        lint::page::to_text(&found, lang)
    });
    Ok(if found.is_clean() {
        Exit::Well
    } else {
        Exit::Returned
    })
}

fn examine(global: &GlobalArgs, lang: Lang, cancelled: &Arc<AtomicBool>) -> Exit {
    let answers = doctor::examine(&config::workers(Arc::clone(cancelled)), Path::new("."));
    for answer in &answers {
        let line = if global.json {
            serde_json::to_string(answer).unwrap_or_default()
        } else {
            let mark = match answer.health {
                Health::Good => lang.pick("正常", "ok     "),
                Health::Weak => lang.pick("注意", "note   "),
                Health::Missing => lang.pick("缺少", "MISSING"),
                Health::Spare => lang.pick("没有", "without"),
            };
            let remedy = answer
                .remedy
                .as_ref()
                .map(|r| format!("\n         → {}", r.in_lang(lang)))
                .unwrap_or_default();
            format!(
                "{mark}  {}{}{}{remedy}",
                answer.what.in_lang(lang),
                lang.pick("：", ": "),
                answer.found.in_lang(lang)
            )
        };
        ui::say(&format!("{line}\n"));
    }
    let missing = answers
        .iter()
        .any(|answer| answer.health == Health::Missing);
    if missing {
        Exit::Impossible
    } else {
        Exit::Well
    }
}
