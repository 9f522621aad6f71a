//! Judging. In: a submission, what was measured on it, and the preset's rules. Out: a [`Verdict`] with its
//! [`Finding`]s. Pure: never opens a file, never encodes, and gives the same answer every time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// How binding a rule is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 须、不超过、支持格式为: a submission that fails is returned.
    Requirement,
    /// 建议: a warning, never a reason to return a video.
    Advice,
}

/// What the secretary decided about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// Who decided.
    pub by: String,
    /// Why; stays on record.
    pub reason: String,
}

/// One thing that was found, in words that a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's name, as in `zhanbo rule NAME`.
    pub rule: String,
    /// How binding it is.
    pub level: Level,
    /// The clause of the notice, in the notice's own words; none for rules that no notice writes.
    pub clause: Option<String>,
    /// What was measured.
    pub measured: Text,
    /// What is allowed.
    pub allowed: Text,
    /// What is wrong, in one sentence.
    pub message: Text,
    /// What to do about it.
    pub remedy: Text,
    /// What we repaired by ourselves, e.g. the standard file name; such a finding needs nobody's action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
    /// The secretary's decision to let it pass.
    #[serde(default)]
    pub waived: Option<Waiver>,
}

impl Finding {
    /// Whether somebody still has to do something about it.
    pub fn is_open(&self) -> bool {
        self.waived.is_none() && self.repaired.is_none()
    }
}

/// What becomes of a submission.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The file cannot be read as a video.
    Unreadable,
    /// A requirement is not met: back to the unit.
    Returned,
    /// The same video was handed in by another submission that stands before it.
    Duplicate,
    /// Good, with advice to the unit.
    AcceptedWithWarnings,
    /// Good.
    Accepted,
}

impl Verdict {
    /// Whether the submission is shown: in the hall or on the website.
    pub fn is_accepted(self) -> bool {
        matches!(self, Verdict::Accepted | Verdict::AcceptedWithWarnings)
    }

    /// The verdict in words.
    pub fn text(self) -> Text {
        match self {
            Verdict::Unreadable => Text::new("无法读取", "unreadable"),
            Verdict::Returned => Text::new("退回", "returned"),
            Verdict::Duplicate => Text::new("重复", "duplicate"),
            Verdict::AcceptedWithWarnings => Text::new("通过（有提醒）", "accepted with warnings"),
            Verdict::Accepted => Text::new("通过", "accepted"),
        }
    }
}
