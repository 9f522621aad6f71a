//! Each entry to its place. In: the listing and the regions. Out: the [`Inbox`], in an order that never changes. Opens
//! only companions and lists, and of files without a known extension the first 64 bytes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::companion::{self, Loose, Place, Video};
use super::kind::{self, Kind, ListFormat, kind_of};
use super::name::{parse_name, split_extension};
use super::packed::Packed;
use super::recommendation::{self, NotRead};
use super::region::RegionBook;
use super::walk::{Entry, Listing, Shape};
use super::{Companion, Inbox, Recommendation, RegionDelivery, Submission};
use super::{finding, peek};
use crate::check::Finding;
use crate::id::SubmissionId;
use crate::report::model::OtherFile;
use crate::text::Text;

/// Bytes that tell a Word document from something else.
const MAGIC_BYTES: u64 = 8;

/// The inbox from its listing.
pub(super) fn sort(listing: Listing, regions: &[String]) -> Inbox {
    let mut desk = Desk::new(&listing, regions);
    desk.packed = listing.packed;
    for entry in &listing.entries {
        desk.take(entry);
    }
    desk.other = listing.notes.into_iter().chain(desk.other).collect();
    desk.pair();
    desk.read_lists();
    desk.judge_regions(regions);
    desk.into_inbox()
}

/// What is known of each region while the entries are sorted.
#[derive(Debug, Default)]
struct Delivery {
    /// A folder or archive bears the region's name.
    has_place: bool,
    archives: usize,
    recommendations: Vec<Recommendation>,
    findings: Vec<Finding>,
}

struct Desk {
    book: RegionBook,
    /// The region of each folder right below the inbox.
    folders: BTreeMap<OsString, usize>,
    deliveries: Vec<Delivery>,
    videos: Vec<Video>,
    introductions: Vec<Loose>,
    subtitles: Vec<Loose>,
    lists: Vec<(usize, Entry, ListFormat)>,
    other: Vec<OtherFile>,
    packed: BTreeMap<PathBuf, Packed>,
}

impl Desk {
    fn new(listing: &Listing, regions: &[String]) -> Self {
        let lossy = |name: &OsString| name.to_string_lossy().into_owned();
        let folders: Vec<_> = listing.top_folders.iter().map(lossy).collect();
        let at_top = listing.entries.iter().filter(|e| e.top_folder().is_none());
        let archives: Vec<_> = at_top
            .filter(|e| e.shape == Shape::File && kind_of(&e.name()) == Kind::Archive)
            .filter(|e| !listing.packed.contains_key(&e.relative))
            .map(|e| kind::archive_stem(&e.name()).to_owned())
            .collect();
        let book = RegionBook::new(regions, &folders, &archives);
        let mut deliveries: Vec<Delivery> =
            book.names().iter().map(|_| Delivery::default()).collect();
        let mut by_folder = BTreeMap::new();
        for (name, raw) in folders.iter().zip(&listing.top_folders) {
            let region = book.find(name).unwrap_or(book.nowhere());
            deliveries[region].has_place = true;
            by_folder.insert(raw.clone(), region);
        }
        Desk {
            book,
            folders: by_folder,
            deliveries,
            videos: Vec::new(),
            introductions: Vec::new(),
            subtitles: Vec::new(),
            lists: Vec::new(),
            other: Vec::new(),
            packed: BTreeMap::new(),
        }
    }

    fn region_of(&self, entry: &Entry) -> usize {
        let folder = entry.top_folder().and_then(|top| self.folders.get(top));
        folder.copied().unwrap_or(self.book.nowhere())
    }

    fn take(&mut self, entry: &Entry) {
        if let Some(packed) = self.packed.remove(&entry.relative) {
            return self.take_packed(entry, packed);
        }
        let kind = kind_of(&entry.name());
        match kind {
            Kind::Litter(note) => self.note(entry, note, false),
            Kind::Video => self.take_video(entry),
            _ if entry.shape != Shape::File => self.note(entry, not_a_file(entry.shape), true),
            Kind::Introduction => self.take_introduction(entry),
            Kind::NotWord => self.note(entry, companion::not_word(&entry.name()), true),
            Kind::Subtitle => {
                let loose = self.loose(entry);
                self.subtitles.push(loose);
            }
            Kind::Recommendation(format) => {
                self.lists
                    .push((self.region_of(entry), entry.clone(), format));
            }
            Kind::Archive => self.take_archive(entry),
            Kind::Picture => self.note(
                entry,
                Text::new("图片，不参加展播。", "a picture; not part of the showcase"),
                false,
            ),
            Kind::Settings | Kind::Roster => self.take_settings(entry, &kind),
            Kind::Unfinished => self.note(entry, unfinished(), true),
            Kind::Unknown => self.take_unknown(entry),
        }
    }

    fn take_video(&mut self, entry: &Entry) {
        let region = self.region_of(entry);
        let original_name = entry.name();
        self.videos.push(Video {
            region,
            place: place_of(entry),
            submission: Submission {
                id: id_of(&entry.relative),
                region: self.book.names()[region].clone(),
                source: entry.source(),
                path: entry.path.clone(),
                name: parse_name(&original_name),
                original_name,
                bytes: entry.bytes,
                not_a_file: (entry.shape != Shape::File).then(|| not_a_file(entry.shape)),
                introduction: None,
                subtitles: Vec::new(),
            },
        });
    }

    fn take_introduction(&mut self, entry: &Entry) {
        if let Some(note) = introduction_fault(entry) {
            return self.note(entry, note, true);
        }
        let loose = self.loose(entry);
        self.introductions.push(loose);
    }

    fn take_archive(&mut self, entry: &Entry) {
        let region = match entry.top_folder() {
            Some(_) => self.region_of(entry),
            None => self
                .book
                .find(kind::archive_stem(&entry.name()))
                .unwrap_or(self.book.nowhere()),
        };
        let delivery = &mut self.deliveries[region];
        delivery.archives += 1;
        delivery.has_place |= entry.top_folder().is_none();
        let source = entry.source();
        delivery
            .findings
            .push(finding::archive_not_opened(&source, entry.bytes));
        let note = Text::new(
            "压缩包，尚未解开；见片区的说明。",
            "an archive that was not opened; see the region's findings",
        );
        self.note(entry, note, true);
    }

    /// An archive that was looked into: its entries stand in the listing by themselves.
    fn take_packed(&mut self, entry: &Entry, packed: Packed) {
        let region = match &packed.home {
            Some(home) => self.book.find(&home.to_string_lossy()),
            None => None,
        };
        let region = region.unwrap_or(self.region_of(entry));
        let delivery = &mut self.deliveries[region];
        delivery.archives += 1;
        delivery.findings.extend(packed.findings);
        self.note(entry, packed.note, packed.attention);
    }

    fn take_settings(&mut self, entry: &Entry, kind: &Kind) {
        if entry.top_folder().is_some() {
            let note = Text::new(
                "设置和名册只在收件夹的最上层有效，这一份没有采用。",
                "settings and rosters count only at the top of the inbox, so this one is not used",
            );
            return self.note(entry, note, true);
        }
        let note = match kind {
            Kind::Settings => Text::new("本次展播的设置。", "this showcase's settings"),
            _ => Text::new("单位名册。", "the roster of units"),
        };
        self.note(entry, note, false);
    }

    fn take_unknown(&mut self, entry: &Entry) {
        let note = match peek::head(&entry.path, kind::SNIFF_BYTES) {
            Ok(head) if kind::starts_like_a_film(&head) => return self.take_video(entry),
            Ok(head) if head.is_empty() => Text::new("空文件。", "an empty file"),
            Ok(_) => Text::new(
                "认不出这是什么文件，没有处理；如果是视频，请导出为 MP4 再交。",
                "not a kind of file that is known here, so it was left alone; if it is a video, export it as MP4",
            ),
            Err(error) => cannot_open(&error),
        };
        self.note(entry, note, true);
    }

    fn note(&mut self, entry: &Entry, note: Text, attention: bool) {
        self.other.push(OtherFile {
            path: entry.source(),
            note,
            attention,
        });
    }

    fn loose(&self, entry: &Entry) -> Loose {
        Loose {
            region: self.region_of(entry),
            place: place_of(entry),
            file: Companion {
                source: entry.source(),
                path: entry.path.clone(),
                bytes: entry.bytes,
            },
        }
    }

    fn pair(&mut self) {
        self.reclaim_introductions();
        self.videos.sort_by(|a, b| {
            let (one, other) = (&a.submission, &b.submission);
            (a.region, &one.original_name, &one.path).cmp(&(
                b.region,
                &other.original_name,
                &other.path,
            ))
        });
        let introductions = std::mem::take(&mut self.introductions);
        let subtitles = std::mem::take(&mut self.subtitles);
        let left = companion::pair_introductions(&mut self.videos, &introductions);
        self.other.extend(left);
        let left = companion::pair_subtitles(&mut self.videos, &subtitles);
        self.other.extend(left);
    }

    /// 《推荐一本书》.docx names a film, not a recommendation, when the film is there.
    fn reclaim_introductions(&mut self) {
        let keys = companion::video_keys(&self.videos);
        for (region, entry, format) in std::mem::take(&mut self.lists) {
            let is_films = companion::introduction_keys(&place_of(&entry).stem)
                .into_iter()
                .any(|key| keys.contains(&(region, key)));
            let extension = split_extension(&entry.name())
                .1
                .unwrap_or_default()
                .to_lowercase();
            match extension.as_str() {
                "docx" | "doc" if is_films => self.take_introduction(&entry),
                "txt" if is_films => self.note(&entry, companion::not_word(&entry.name()), true),
                _ => self.lists.push((region, entry, format)),
            }
        }
    }

    fn read_lists(&mut self) {
        for (region, entry, format) in std::mem::take(&mut self.lists) {
            let read = match format {
                ListFormat::Office => Err(NotRead::Office),
                _ => peek::head(&entry.path, recommendation::MAX_BYTES + 1)
                    .map_err(|error| NotRead::Closed(error.to_string()))
                    .and_then(|bytes| recommendation::read(&bytes, format)),
            };
            match read {
                Ok(list) => self.take_list(region, &entry, list),
                Err(reason) => self.refuse_list(region, &entry, &reason),
            }
        }
    }

    fn take_list(&mut self, region: usize, entry: &Entry, list: recommendation::List) {
        let source = entry.source();
        let (read, skipped) = (list.lines.len(), list.skipped);
        for line in list.lines {
            // A list in a region's folder speaks for that region, whatever it says.
            let named = line.region.filter(|_| region == self.book.nowhere());
            let meant = named
                .as_ref()
                .map_or(Some(region), |name| self.book.find(name));
            if let (None, Some(name)) = (meant, named) {
                let unknown = finding::recommendation_region_unknown(&source, &name);
                self.deliveries[region].findings.push(unknown);
            }
            let recommended = &mut self.deliveries[meant.unwrap_or(region)].recommendations;
            // The same video written twice, say in the region's list and in the common one, is one recommendation.
            if recommended
                .iter()
                .all(|r| (&r.unit, &r.title) != (&line.unit, &line.title))
            {
                recommended.push(Recommendation {
                    unit: line.unit,
                    title: line.title,
                    source: source.clone(),
                });
            }
        }
        let mut note = Text::new(
            format!("推荐结果，读取了 {read} 条。"),
            format!("a recommendation; lines read: {read}"),
        );
        if skipped > 0 {
            note = Text::new(
                format!("{}另有 {skipped} 行没有看懂。", note.zh),
                format!("{}, not understood: {skipped}", note.en),
            );
        }
        self.note(entry, note, skipped > 0);
    }

    fn refuse_list(&mut self, region: usize, entry: &Entry, reason: &NotRead) {
        let source = entry.source();
        let reason = reason.reason();
        let measured = Text::same(entry.bytes.to_string());
        let refused = finding::recommendation_not_read(&source, &reason, measured);
        self.deliveries[region].findings.push(refused);
        let note = Text::new(
            format!("推荐结果，没有读取：{}", reason.zh),
            format!(
                "a recommendation that was not read: {}",
                reason.en.trim_end_matches('.')
            ),
        );
        self.note(entry, note, true);
    }

    fn judge_regions(&mut self, regions: &[String]) {
        let mut received = vec![0_usize; self.deliveries.len()];
        for video in &self.videos {
            received[video.region] += 1;
        }
        let nowhere = self.book.nowhere();
        let is_sorted = self.deliveries.iter().any(|d| d.has_place);
        let in_preset = &self.deliveries[..regions.len()];
        let is_by_preset = in_preset.iter().any(|d| d.has_place);
        for (at, delivery) in self.deliveries.iter_mut().enumerate() {
            let name = &self.book.names()[at];
            let nothing = received[at] == 0 && delivery.archives == 0;
            if self.book.is_in_preset(at) {
                if is_by_preset && nothing {
                    delivery.findings.insert(0, finding::region_missing(name));
                }
            } else if at == nowhere {
                if is_sorted && received[at] > 0 {
                    delivery
                        .findings
                        .insert(0, finding::region_unassigned(received[at]));
                }
            } else if !regions.is_empty() {
                delivery
                    .findings
                    .insert(0, finding::region_unknown(name, regions));
            }
        }
    }

    fn into_inbox(mut self) -> Inbox {
        self.other.sort_by(|a, b| a.path.cmp(&b.path));
        let nowhere = self.book.nowhere();
        let is_used = self.videos.iter().any(|v| v.region == nowhere)
            || !self.deliveries[nowhere].findings.is_empty()
            || !self.deliveries[nowhere].recommendations.is_empty();
        let regions = self.book.names().iter().zip(self.deliveries).enumerate();
        let regions =
            regions
                .filter(|(at, _)| *at != nowhere || is_used)
                .map(|(_, (name, delivery))| RegionDelivery {
                    name: name.clone(),
                    recommendations: delivery.recommendations,
                    findings: delivery.findings,
                });
        Inbox {
            regions: regions.collect(),
            submissions: self.videos.into_iter().map(|v| v.submission).collect(),
            other_files: self.other,
        }
    }
}

fn place_of(entry: &Entry) -> Place {
    Place {
        folder: entry.folder().to_owned(),
        stem: split_extension(&entry.name()).0.to_owned(),
    }
}

/// The id of a path inside the inbox; of its bytes where it is not UTF-8, because there U+FFFD makes two names one.
fn id_of(relative: &Path) -> SubmissionId {
    if relative.to_str().is_some() {
        return SubmissionId::of(&super::walk::source_of(relative));
    }
    // No path holds a zero byte, so no other path has this text.
    let bytes = relative.as_os_str().as_encoded_bytes();
    SubmissionId::of(&format!("\0{bytes:02x?}"))
}

/// Why a file with a Word document's name is no introduction.
fn introduction_fault(entry: &Entry) -> Option<Text> {
    let head = match peek::head(&entry.path, MAGIC_BYTES) {
        Ok(head) => head,
        Err(error) => return Some(cannot_open(&error)),
    };
    if head.is_empty() {
        return Some(Text::new(
            "介绍文档是空文件，没有采用；请重新交。",
            "an introduction of zero bytes, so it is not used; please hand it in again",
        ));
    }
    (!kind::starts_like_word(&head)).then(|| {
        Text::new(
            "名为 Word 文档，内容却不是，没有采用；请用 Word 另存为 .docx 再交。",
            "named as a Word document, but it is none, so it is not used; please save it from Word as .docx",
        )
    })
}

fn cannot_open(error: &std::io::Error) -> Text {
    Text::new(
        format!("文件打不开（{error}），没有处理；请检查权限后再运行。"),
        format!(
            "cannot be opened ({error}), so it was left alone; check the permissions and run again"
        ),
    )
}

fn unfinished() -> Text {
    Text::new(
        "没有下载完的文件；请下载完再运行。",
        "not finished downloading; let it finish and run again",
    )
}

fn not_a_file(shape: Shape) -> Text {
    match shape {
        Shape::Pipe => Text::new(
            "是管道，不是文件，没有打开；请交文件本身。",
            "a pipe, not a file, so it was not opened; please hand in the file itself",
        ),
        Shape::Device => Text::new(
            "是设备，不是文件，没有打开；请交文件本身。",
            "a device, not a file, so it was not opened; please hand in the file itself",
        ),
        Shape::Link | Shape::File => Text::new(
            "是链接（快捷方式），不是文件本身，没有打开；请交文件本身。",
            "a link, not the file itself, so it was not opened; please hand in the file itself",
        ),
    }
}
