//! `programme --certify`: plays everything, says what was found.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Exit, voice};
use crate::certify::page;
use crate::cli::{GlobalArgs, ProgrammeArgs};
use crate::error::RunError;
use crate::text::Lang;
use crate::{config, run, ui};

pub(super) fn certify(
    args: &ProgrammeArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &Arc<AtomicBool>,
) -> Result<Exit, RunError> {
    let config = config::certify(
        &args.out,
        args.target.as_deref(),
        lang,
        Arc::clone(cancelled),
    );
    let listener = ui::listener(voice(global), lang);
    let certificate = run::certify(&config, listener.as_ref())?;
    ui::say(&if global.json {
        format!(
            "{}\n",
            serde_json::to_string(&certificate).unwrap_or_default()
        )
    } else {
        page::to_text(&certificate, lang)
    });
    Ok(if certificate.passed {
        Exit::Well
    } else {
        Exit::Returned
    })
}
