//! What a person looks at before believing a finding, from the worker's answer to files of the report. In: pictures in
//! base64 and curves. Out: an [`EvidenceReport`] that names files, and the files' bytes. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::id::SubmissionId;
use crate::layout::Layout;
use crate::probe::evidence::{CURVE_POINTS, Evidence};
use crate::report::model::EvidenceReport;

/// A picture on its way into the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EvidenceFile {
    /// Path inside the output folder.
    pub(super) path: String,
    pub(super) jpeg: Vec<u8>,
}

/// The evidence on one submission; none where nothing was taken. Pictures that are no JPEG are left out, and so are all
/// of them where there is no folder to put them in.
pub(super) fn evidence(
    id: &SubmissionId,
    evidence: &Evidence,
    layout: Option<&Layout>,
) -> (Option<EvidenceReport>, Vec<EvidenceFile>) {
    let mut files = Vec::new();
    let mut keep = |kind: &str, picture: &Option<String>| {
        layout?;
        let file = EvidenceFile {
            path: Layout::evidence_name(id, kind),
            jpeg: jpeg(picture.as_deref()?)?,
        };
        let path = file.path.clone();
        files.push(file);
        Some(path)
    };
    let report = EvidenceReport {
        contact_sheet: keep("contact", &evidence.contact_sheet_jpeg),
        subtitle_strip: keep("subtitles", &evidence.subtitle_strip_jpeg),
        side_by_side: None,
        waveform: evidence
            .waveform
            .iter()
            .copied()
            .take(CURVE_POINTS)
            .collect(),
        loudness: evidence
            .loudness
            .iter()
            .copied()
            .take(CURVE_POINTS)
            .collect(),
    };
    let report = (report != EvidenceReport::default()).then_some(report);
    (report, files)
}

// The worker's answer is input like any other: what is no JPEG does not become a file of that name.
fn jpeg(base64: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(base64).ok()?;
    bytes.starts_with(&[0xff, 0xd8, 0xff]).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken() -> Evidence {
        Evidence {
            contact_sheet_jpeg: Some(STANDARD.encode([0xff, 0xd8, 0xff, 0xe0])),
            subtitle_strip_jpeg: Some(STANDARD.encode("<html>")),
            waveform: vec![1; CURVE_POINTS + 1],
            loudness: vec![None],
        }
    }

    #[test]
    fn a_picture_becomes_a_file_and_what_is_none_does_not() {
        let id = SubmissionId::of("a.mp4");
        let layout = Layout::new("out");
        let (report, files) = evidence(&id, &taken(), Some(&layout));
        let report = report.unwrap();
        let path = format!("report/evidence/{id}-contact.jpg");
        assert_eq!(report.contact_sheet.as_ref(), Some(&path));
        assert_eq!(report.subtitle_strip, None);
        assert_eq!(report.waveform.len(), CURVE_POINTS);
        let jpeg = vec![0xff, 0xd8, 0xff, 0xe0];
        assert_eq!(files, [EvidenceFile { path, jpeg }]);
    }

    #[test]
    fn without_an_output_folder_there_are_curves_and_no_files() {
        let (report, files) = evidence(&SubmissionId::of("a"), &taken(), None);
        assert_eq!(files, []);
        assert_eq!(report.unwrap().contact_sheet, None);
    }

    #[test]
    fn nothing_taken_is_no_evidence() {
        let (report, files) = evidence(
            &SubmissionId::of("a"),
            &Evidence::default(),
            Some(&Layout::new("out")),
        );
        assert_eq!((report, files), (None, vec![]));
    }
}
