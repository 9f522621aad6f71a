//! Certifying the programme of an output folder: everything is read, played and judged, then the certificate is written. In: an output
//! folder. Out: a [`Certificate`], beside the programme and as a value. A list of checksums is there only of a programme
//! that passed.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::fold::timestamp;
use super::publish::read;
use super::survey::Lock;
use crate::certify::judge::{Drive, TARGET_LUFS};
use crate::certify::{self, Certificate, Order, page};
use crate::config::CertifyConfig;
use crate::error::RunError;
use crate::event::Listener;
use crate::id::ContentHash;
use crate::layout::{Layout, open_regular};
use crate::preset::Accept;
use crate::report::model::Report;
use crate::verify::list::{self, LIST};

/// Numbers of file systems that keep sizes in 32 bits (`statfs(2)`): FAT.
const FAT: i64 = 0x4d44;

/// Certifies, and writes the certificate.
pub fn certify(config: &CertifyConfig, listener: &dyn Listener) -> Result<Certificate, RunError> {
    let layout = &config.layout;
    let folder = layout.programme();
    let drive = config.target.as_deref().map(drive).transpose()?;
    let _lock = if folder.is_dir() {
        Some(Lock::take(layout)?)
    } else {
        None
    };
    let report = read(&layout.report_json()).ok();
    let order = Order {
        folder: &folder,
        workers: &config.workers,
        certified_at: &timestamp(config.started_at),
        target_lufs: report.as_ref().map_or(TARGET_LUFS, target_lufs),
        drive,
        meant: report.as_ref().map_or(&[], meant),
    };
    let certificate = certify::certify(&order, listener)?;
    write(config, &certificate)?;
    Ok(certificate)
}

/// A programme that was made anew is no longer what was certified: neither its list nor its certificate may say so. What each film
/// must be stands in the manifest, so the small files tell.
pub(super) fn withdraw_stale(layout: &Layout) -> Result<(), RunError> {
    let folder = layout.programme();
    let path = folder.join(LIST);
    let entries = open_regular(&path).and_then(|file| {
        let text = io::read_to_string(io::Read::take(file, list::MAX_BYTES))?;
        list::read(&text).map_err(io::Error::other)
    });
    let Ok(entries) = entries else {
        return Ok(());
    };
    let is_same = |entry: &list::Entry| {
        certify::hash(&folder.join(&entry.path)).is_ok_and(|(_, hash)| hash == entry.blake3)
    };
    let mut small = entries
        .iter()
        .filter(|entry| !certify::is_media(&entry.path));
    if small.all(is_same) {
        return Ok(());
    }
    for name in [LIST, certify::PAGE, certify::JSON] {
        remove(&folder.join(name))?;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), RunError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::write(path, error)),
        _ => Ok(()),
    }
}

/// What the secretary said is meant, as of the last run.
fn meant(report: &Report) -> &[Accept] {
    let programme = report.showcase.programme.as_ref();
    programme.map_or(&[], |programme| &programme.wishes.accept)
}

/// What the films of this folder were made for.
fn target_lufs(report: &Report) -> f64 {
    let mut targets = report.submissions.iter().filter_map(|submission| {
        let loudness = submission.outputs.as_ref()?.loudness.as_ref()?;
        loudness.hall.target_lufs
    });
    targets.next().unwrap_or(TARGET_LUFS)
}

fn drive(target: &Path) -> Result<Drive, RunError> {
    let failed = |error: rustix::io::Errno| certify::CertifyError::Unread {
        path: target.to_owned(),
        source: error.into(),
    };
    let disk = rustix::fs::statvfs(target).map_err(failed)?;
    let kind = rustix::fs::statfs(target).map_err(failed)?.f_type;
    Ok(Drive {
        free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        is_fat32: kind == FAT,
    })
}

fn write(config: &CertifyConfig, certificate: &Certificate) -> Result<(), RunError> {
    let (layout, folder) = (&config.layout, config.layout.programme());
    // First: should we be killed in between, nothing says more than is true.
    let list = folder.join(LIST);
    remove(&list)?;
    let html = page::to_html(certificate, config.lang).map_err(|error| RunError::Render {
        what: certify::PAGE,
        reason: error.to_string(),
    })?;
    let mut json = serde_json::to_string_pretty(certificate).unwrap_or_default();
    json.push('\n');
    for (name, text) in [(certify::PAGE, html), (certify::JSON, json)] {
        let path = folder.join(name);
        layout
            .publish_file(&path, text.as_bytes())
            .map_err(|source| RunError::write(&path, source))?;
    }
    if !certificate.passed {
        return Ok(());
    }
    let entries =
        checksums(&folder, certificate).map_err(|source| RunError::write(&list, source))?;
    let text = list::write(entries.iter().map(|(name, hash)| (name.as_str(), hash)));
    layout
        .publish_file(&list, text.as_bytes())
        .map_err(|source| RunError::write(&list, source))
}

/// Everything in the folder but the list itself. What was played is as it was played, and not read again.
fn checksums(
    folder: &Path,
    certificate: &Certificate,
) -> io::Result<BTreeMap<String, ContentHash>> {
    let played = certificate.files.iter();
    let played = played.map(|file| (file.file.clone(), file.blake3.clone()));
    let mut entries: BTreeMap<_, _> = played.collect();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_listed = entry.file_type()?.is_file() && name != LIST && !name.starts_with('.');
        if is_listed && !entries.contains_key(&name) {
            let (_, hash) = certify::hash(&entry.path())?;
            entries.insert(name, hash);
        }
    }
    Ok(entries)
}
