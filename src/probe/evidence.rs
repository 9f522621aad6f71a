//! What a person looks at before believing a finding: pictures and curves taken on the same pass as the measurements.
//! Plain data; pictures are JPEG in base64 on their way from the worker, and files of the report afterwards.

use serde::{Deserialize, Serialize};

/// Columns of the contact sheet.
pub const SHEET_COLUMNS: usize = 4;
/// Rows of the contact sheet.
pub const SHEET_ROWS: usize = 3;
/// Most points of a curve.
pub const CURVE_POINTS: usize = 600;

/// Pictures and curves of one film.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// [`SHEET_COLUMNS`] x [`SHEET_ROWS`] pictures spread evenly over the film, upright and in true shape; JPEG, base64.
    pub contact_sheet_jpeg: Option<String>,
    /// The lower third at a few moments, one below the other, where burnt-in subtitles may stand; JPEG, base64.
    pub subtitle_strip_jpeg: Option<String>,
    /// Peak of the sound over all channels in equal steps of the film, percent of full scale; at most
    /// [`CURVE_POINTS`]. Empty without sound.
    pub waveform: Vec<u8>,
    /// Short-term loudness (ITU-R BS.1770, 3 s) in LUFS in the same steps; none below -70 LUFS.
    pub loudness: Vec<Option<f32>>,
}
