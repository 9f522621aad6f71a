//! `verify`: compares, says what is wrong, and on request has it made again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Exit, voice};
use crate::cli::{GlobalArgs, ProofArg, RunArgs, VerifyArgs};
use crate::config::{self, Mode};
use crate::error::RunError;
use crate::layout::Layout;
use crate::run::{self, Forgotten};
use crate::text::{Lang, Text, count};
use crate::ui;
use crate::verify::{Verification, page, verify as verify_files};

pub(super) fn verify(
    args: &VerifyArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let listener = ui::listener(voice(global), lang);
    let compare = || verify_files(&args.path, listener.as_ref(), cancelled);
    let found = compare()?;
    tell(&found, global, lang);
    if found.problems.is_empty() {
        return Ok(Exit::Well);
    }
    if !args.repair {
        return Ok(Exit::Returned);
    }
    let layout = Layout::new(&args.path);
    let forgotten = run::forget(&layout, &found)?;
    ui::remark(noted(&forgotten, args.inbox.as_deref()).in_lang(lang));
    let Some(inbox) = &args.inbox else {
        return Ok(Exit::Returned);
    };
    let wanted = RunArgs {
        inbox: inbox.clone(),
        out: args.path.clone(),
        wanted: args.wanted.clone(),
        jobs: None,
        no_copy: false,
        proof: ProofArg::Decode,
        encoder: None,
    };
    let run_config = config::run(&wanted, Mode::Execute, lang, Arc::clone(cancelled))?;
    let others = run::others_made_too(&run_config, &ui::Silence)?;
    if others > 0 {
        return Err(RunError::OtherSettings { others });
    }
    run::run(&run_config, listener.as_ref())?;
    let again = compare()?;
    tell(&again, global, lang);
    Ok(if again.problems.is_empty() {
        Exit::Well
    } else {
        Exit::Returned
    })
}

fn tell(found: &Verification, global: &GlobalArgs, lang: Lang) {
    ui::say(&if global.json {
        format!("{}\n", page::to_json(found))
    } else {
        page::to_text(found, lang)
    });
}

fn noted(forgotten: &Forgotten, inbox: Option<&Path>) -> Text {
    let (submissions, files) = (forgotten.submissions.len(), forgotten.programme.len());
    let next = match inbox {
        Some(_) => Text::new("现在重新制作。", "they are made again now."),
        None => Text::new(
            "再运行一次 zhanbo run 就会重新制作。",
            "the next `zhanbo run` makes them again.",
        ),
    };
    Text::new(
        format!(
            "记下了坏的：{submissions} 部作品，{files} 个节目文件；{}",
            next.zh
        ),
        format!(
            "noted as damaged: {}, {} of the programme; {}",
            count(submissions, "film"),
            count(files, "file"),
            next.en
        ),
    )
}
