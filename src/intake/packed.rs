//! Archives in the listing. In: a [`Listing`], and what a worker found in an archive. Out: [`Package`]s to be opened, and
//! the listing with their entries in it, as if each archive were a folder. Never opens an archive itself; of files whose
//! name says nothing it reads the first 512 bytes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::kind::{self, Kind, kind_of};
use super::name::split_extension;
use super::region::{RegionBook, is_everything};
use super::walk::{Entry, Listing, MAX_ENTRIES, Shape};
use super::{packed_finding, peek};
use crate::archive::{self, Fate, HEAD_BYTES, Manifest};
use crate::check::Finding;
use crate::report::model::OtherFile;
use crate::text::Text;
use crate::units::Bytes;

/// Formats that are ZIP inside and no delivery.
const ZIP_INSIDE: &[&str] = &[
    "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "docm", "dotx", "odt", "ods", "odp", "epub",
    "jar", "apk", "xps", "vsdx", "wpsx", "etx", "dpsx", "key", "pages", "numbers",
];

/// What is known of an archive in the listing.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    /// The folder right below the inbox that it counts as; none for one that holds regions' folders.
    pub(super) home: Option<OsString>,
    pub(super) findings: Vec<Finding>,
    pub(super) note: Text,
    pub(super) attention: bool,
}

/// An archive to be opened, with all its volumes.
#[derive(Debug, Clone)]
pub struct Package {
    /// Path inside the inbox, `/` between parts; through archives as if they were folders.
    pub source: String,
    /// Its volumes in their order.
    pub volumes: Vec<Volume>,
    /// How many archives lie around it, itself counted.
    pub depth: usize,
    relative: PathBuf,
    place: PathBuf,
    /// Volumes that are not there, as far as the numbers tell.
    missing: Vec<usize>,
}

/// One file of an archive.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Path inside the inbox.
    pub source: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: Bytes,
}

impl Package {
    /// Bytes of all volumes.
    pub fn bytes(&self) -> Bytes {
        Bytes(self.volumes.iter().map(|v| v.bytes.0).sum())
    }

    fn is_at_top(&self) -> bool {
        self.place.components().count() == 1
    }

    fn name(&self) -> String {
        self.place
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }
}

/// Why an archive was not even begun, or not finished.
#[derive(Debug, Clone)]
pub enum NotOpened {
    /// It lies in more archives than the limit.
    TooDeep,
    /// More archives than the limit.
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// It cannot be read, or its worker failed.
    Failed(Text),
}

impl Listing {
    /// The archives that lie in the inbox as files.
    pub fn packages(&mut self) -> Vec<Package> {
        self.group(0, 1)
    }

    /// Takes in what a worker found: entries join the listing as if the archive were a folder. Returns the archives
    /// among them. `folder` is where the files lie, by number.
    pub fn unpacked(
        &mut self,
        package: &Package,
        manifest: &Manifest,
        folder: &Path,
        regions: &[String],
    ) -> Vec<Package> {
        if self.entries.len() + manifest.entries.len() > MAX_ENTRIES {
            let limit = MAX_ENTRIES;
            self.not_opened(package, &NotOpened::TooMany { limit });
            return Vec::new();
        }
        let placement = Placement::of(package, manifest, regions);
        let first = self.entries.len();
        let mut seen = BTreeMap::new();
        for entry in &manifest.entries {
            match &entry.fate {
                Fate::Folder => {}
                Fate::Extracted { .. } if litter_around(&entry.path).is_some() => {
                    self.notes.push(OtherFile {
                        path: format!("{}/{}", package.source, entry.path.join("/")),
                        note: litter_around(&entry.path).unwrap_or_default(),
                        attention: false,
                    });
                }
                Fate::Extracted { file, bytes, .. } => {
                    let inner: PathBuf = entry.path.iter().collect();
                    let copy = seen.entry(inner.clone()).or_insert(0_usize);
                    *copy += 1;
                    // Two entries of one name are two files: the second lies in a folder that only we see.
                    let apart = if *copy > 1 {
                        PathBuf::from(format!("同名-{copy}"))
                    } else {
                        PathBuf::new()
                    };
                    self.entries.push(Entry {
                        path: folder.join(archive::file_name(*file)),
                        relative: package.relative.join(apart).join(&inner),
                        place: placement.place(&entry.path),
                        shape: Shape::File,
                        bytes: Bytes(*bytes),
                    });
                }
                Fate::Refused(why) => self.notes.push(OtherFile {
                    path: format!("{}/{}", package.source, entry.name),
                    note: packed_finding::refused(why),
                    attention: true,
                }),
            }
        }
        let duplicates = seen.into_iter().filter(|(_, copies)| *copies > 1);
        let duplicates: Vec<String> = duplicates
            .map(|(path, _)| path.to_string_lossy().into_owned())
            .collect();
        for entry in &self.entries[first..] {
            let folder = entry.top_folder().map(OsString::from);
            if let Some(folder) = folder.filter(|f| !self.top_folders.contains(f)) {
                self.top_folders.push(folder);
            }
        }
        let findings =
            packed_finding::of_manifest(package, manifest, &package.missing, &duplicates);
        self.settle(
            package,
            placement.home,
            findings,
            packed_finding::note(manifest),
        );
        self.group(first, package.depth + 1)
    }

    /// Says of an archive why it stays closed.
    pub fn not_opened(&mut self, package: &Package, why: &NotOpened) {
        let home = Placement::closed(package).home;
        let finding = match why {
            NotOpened::TooDeep => packed_finding::too_deep(&package.source),
            NotOpened::TooMany { limit } => packed_finding::too_many(&package.source, *limit),
            NotOpened::Failed(why) => packed_finding::failed(package, why),
        };
        let note = Text::new(
            "压缩包，没有解开；见片区的说明。",
            "an archive that was not opened; see the region's findings",
        );
        self.settle(package, home, vec![finding], note);
    }

    fn settle(
        &mut self,
        package: &Package,
        home: Option<OsString>,
        findings: Vec<Finding>,
        note: Text,
    ) {
        if let Some(home) = &home
            && !self.top_folders.contains(home)
        {
            self.top_folders.push(home.clone());
        }
        let packed = Packed {
            home,
            attention: !findings.is_empty(),
            findings,
            note,
        };
        self.packed.insert(package.relative.clone(), packed);
    }

    /// The archives among the entries from `first` on, volumes put together.
    fn group(&mut self, first: usize, depth: usize) -> Vec<Package> {
        let mut sets: BTreeMap<(PathBuf, String), Vec<(usize, usize)>> = BTreeMap::new();
        let mut packages = Vec::new();
        for (at, entry) in self.entries.iter().enumerate().skip(first) {
            if entry.shape != Shape::File || !is_package(entry) {
                continue;
            }
            match volume(&entry.name()) {
                Some((set, number)) => {
                    let folder = entry.relative.parent().map(Path::to_owned);
                    let key = (folder.unwrap_or_default(), set);
                    sets.entry(key).or_default().push((number, at));
                }
                None => packages.push(self.package(&[(1, at)], depth)),
            }
        }
        for mut set in sets.into_values() {
            set.sort_unstable();
            let package = self.package(&set, depth);
            for (_, at) in &set {
                let relative = self.entries[*at].relative.clone();
                if relative != package.relative {
                    self.packed.insert(
                        relative,
                        Packed {
                            home: Placement::closed(&package).home,
                            findings: Vec::new(),
                            note: packed_finding::volume_of(&package.source),
                            attention: false,
                        },
                    );
                }
            }
            packages.push(package);
        }
        packages.sort_by(|a, b| a.relative.cmp(&b.relative));
        packages
    }

    fn package(&self, set: &[(usize, usize)], depth: usize) -> Package {
        let volumes: Vec<&Entry> = set.iter().map(|(_, at)| &self.entries[*at]).collect();
        // A ZIP in volumes ends in `.zip`, which bears the name; all others begin with it.
        let last = volumes.len() - 1;
        let is_zip = |at: usize| {
            split_extension(&volumes[at].name())
                .1
                .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
        };
        let named = volumes[if is_zip(last) { last } else { 0 }];
        let numbers: Vec<usize> = set
            .iter()
            .map(|(number, _)| *number)
            .filter(|n| *n < LAST)
            .collect();
        let end = numbers.iter().max().copied().unwrap_or(0);
        Package {
            source: named.source(),
            relative: named.relative.clone(),
            place: named.place.clone(),
            volumes: volumes
                .iter()
                .map(|entry| Volume {
                    source: entry.source(),
                    path: entry.path.clone(),
                    bytes: entry.bytes,
                })
                .collect(),
            depth,
            missing: (1..end)
                .filter(|number| !numbers.contains(number))
                .collect(),
        }
    }
}

/// The number of a volume that is always the last.
const LAST: usize = usize::MAX;

/// Whether a file is a delivery: by its name, or by its content where the name says nothing.
fn is_package(entry: &Entry) -> bool {
    let name = entry.name();
    match kind_of(&name) {
        Kind::Archive => true,
        Kind::Unknown => {
            let extension = split_extension(&name).1.unwrap_or_default().to_lowercase();
            let is_other = ZIP_INSIDE.contains(&extension.as_str());
            !is_other
                && peek::head(&entry.path, HEAD_BYTES).is_ok_and(|head| {
                    archive::Kind::of(&head).is_some() && !kind::starts_like_a_film(&head)
                })
        }
        _ => false,
    }
}

/// The set that a volume belongs to and its number in it; none for an archive that is one file by its name.
fn volume(name: &str) -> Option<(String, usize)> {
    let lower = name.trim().to_lowercase();
    let (before, last) = lower.rsplit_once('.')?;
    let number = |digits: &str| digits.parse::<usize>().ok().filter(|n| *n < 10_000);
    if last == "rar"
        && let Some((stem, part)) = before.rsplit_once('.')
        && let Some(number) = part.strip_prefix("part").and_then(number)
    {
        return Some((format!("{stem}.part.rar"), number));
    }
    if last.len() == 3 && last.bytes().all(|b| b.is_ascii_digit()) {
        return Some((format!("{before}.split"), number(last)?));
    }
    let two = |digits: &str| (digits.len() == 2).then(|| number(digits)).flatten();
    match (
        last,
        last.strip_prefix('r').and_then(two),
        last.strip_prefix('z').and_then(two),
    ) {
        (_, Some(at), _) => Some((format!("{before}.rar"), at + 2)),
        (_, _, Some(at)) => Some((format!("{before}.zip"), at)),
        // Alone they are whole, with others they are the first or the last.
        ("rar", ..) => Some((lower, 1)),
        ("zip", ..) => Some((lower, LAST)),
        _ => None,
    }
}

/// Where the entries of an archive count as lying.
#[derive(Debug)]
struct Placement {
    base: PathBuf,
    /// Folders in front of each entry's path that are left out.
    strip: usize,
    home: Option<OsString>,
}

impl Placement {
    /// An archive of which nothing is known: a folder of its name.
    fn closed(package: &Package) -> Self {
        let name = package.name();
        let parent = package.place.parent().unwrap_or(Path::new(""));
        Placement::at(parent.join(kind::archive_stem(&name)), 0)
    }

    fn at(base: PathBuf, strip: usize) -> Self {
        let home = base.iter().next().map(OsString::from);
        Placement { base, strip, home }
    }

    /// One folder around everything changes nothing if it is named like the archive or its region. An archive at the top
    /// that is no region's, but holds regions' folders or archives, is an inbox in itself.
    fn of(package: &Package, manifest: &Manifest, regions: &[String]) -> Self {
        let closed = Placement::closed(package);
        let files = manifest
            .entries
            .iter()
            .filter(|e| matches!(e.fate, Fate::Extracted { .. }));
        let paths: Vec<&[String]> = files
            .map(|e| e.path.as_slice())
            .filter(|path| !is_litter(path))
            .collect();
        let wrapper = wrapper(&paths);
        let book = RegionBook::new(regions, &[], &[]);
        let region = |name: &str| book.find(name).filter(|at| book.is_in_preset(*at));
        let name = package.name();
        let stem = kind::archive_stem(&name);
        let own = region(stem);
        let is_same = |w: &str| {
            let also = RegionBook::new(&[stem.to_owned()], &[], &[]);
            also.find(w) == Some(0) || (own.is_some() && region(w) == own)
        };
        if wrapper.is_some_and(is_same) {
            return Placement { strip: 1, ..closed };
        }
        if !package.is_at_top() || own.is_some() {
            return closed;
        }
        if let Some(wrapper) = wrapper.filter(|w| region(w).is_some()) {
            return Placement::at(PathBuf::from(wrapper), 1);
        }
        let strip = usize::from(wrapper.is_some());
        let tops: Vec<&str> = paths
            .iter()
            .filter_map(|path| path.get(strip))
            .map(|top| kind::archive_stem(top))
            .collect();
        let holds_regions = tops.iter().any(|top| region(top).is_some())
            || (is_everything(stem) && paths.iter().all(|path| path.len() > strip + 1));
        if holds_regions {
            return Placement {
                base: PathBuf::new(),
                strip,
                home: None,
            };
        }
        closed
    }

    fn place(&self, path: &[String]) -> PathBuf {
        let strip = self.strip.min(path.len().saturating_sub(1));
        self.base.join(path[strip..].iter().collect::<PathBuf>())
    }
}

/// The one folder that everything lies in.
fn wrapper<'m>(paths: &[&'m [String]]) -> Option<&'m str> {
    let first = paths.iter().find_map(|path| path.first())?;
    paths
        .iter()
        .all(|path| path.len() > 1 && path.first() == Some(first))
        .then_some(first.as_str())
}

fn is_litter(path: &[String]) -> bool {
    let is_file = path
        .last()
        .is_none_or(|file| matches!(kind_of(file), Kind::Litter(_)));
    is_file || litter_around(path).is_some()
}

/// Why nothing in one of the folders around a file is looked at.
fn litter_around(path: &[String]) -> Option<Text> {
    let (_, folders) = path.split_last()?;
    folders
        .iter()
        .find_map(|folder| kind::litter_folder(folder))
}
