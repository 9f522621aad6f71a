//! Judging a package, one file a group of clauses. In: a [`Package`]. Out: findings. Pure: opens nothing.

mod i_frames;
mod media;
mod multivariant;
mod picture;
mod rates;
mod segments;
mod sound;
mod subtitles;

use super::finding::Findings;
use super::package::Package;

/// All groups.
pub(super) fn all(package: &Package, findings: &mut Findings) {
    for rendition in &package.renditions {
        media::check(rendition, findings);
        segments::check(package, rendition, findings);
        sound::check(rendition, findings);
        subtitles::check(rendition, findings);
        i_frames::check(rendition, findings);
    }
    multivariant::check(package, findings);
    multivariant::beside_each_other(package, findings);
    picture::check(package, findings);
    rates::check(package, findings);
    i_frames::of_package(package, findings);
}
