//! Each entry to its place. In: the listing, the regions, and somebody who reads documents. Out: the [`Inbox`], in an
//! order that never changes. Opens only lists and the heads of pictures, and of files without a known extension the first
//! 64 bytes; office documents are read by [`ReadDocuments`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::attachment::Attachment;
use super::companion::{self, Loose, Place, Says, Video};
use super::introduction::Introduction;
use super::kind::{self, Kind, ListFormat, kind_of};
use super::link::{self, Link};
use super::name::{Grammar, split_extension};
use super::packed::Packed;
use super::recommendation::{self, ListFile, NotRead};
use super::region::RegionBook;
use super::roster::{self, RosterError};
use super::unit::Roster;
use super::walk::{Entry, Listing, Shape};
use super::{
    Companion, Inbox, Papers, ReadDocuments, Recommendation, Refused, RegionDelivery, Submission,
};
use super::{finding, peek};
use crate::check::Finding;
use crate::document::{Document, DocumentFault};
use crate::id::SubmissionId;
use crate::likeness;
use crate::preset::RuleSet;
use crate::report::model::{LinkSubmission, OtherFile, RosterUnit};
use crate::text::Text;

/// Mistakes in a roster that are told one by one.
const MAX_ROSTER_PROBLEMS: usize = 20;

/// The inbox from its listing.
pub(super) fn sort(listing: Listing, rules: &RuleSet, documents: &dyn ReadDocuments) -> Inbox {
    let mut desk = Desk::new(&listing, rules);
    desk.read_rosters(&listing);
    desk.packed = listing.packed;
    for entry in &listing.entries {
        desk.take(entry);
    }
    desk.other = listing.notes.into_iter().chain(desk.other).collect();
    desk.read_links();
    desk.reclaim_introductions();
    desk.sort_videos();
    desk.read_documents(documents);
    desk.pair();
    desk.look_units_up();
    desk.read_lists(documents);
    desk.settle_lists();
    desk.judge_regions(&rules.regions);
    desk.into_inbox()
}

/// What is known of each region while the entries are sorted.
#[derive(Debug, Default)]
struct Delivery {
    /// A folder or archive bears the region's name.
    has_place: bool,
    archives: usize,
    lists: Vec<ListFile>,
    recommendations: Vec<Recommendation>,
    findings: Vec<Finding>,
    attachments: Vec<Attachment>,
}

struct Desk<'a> {
    rules: &'a RuleSet,
    book: RegionBook,
    roster: Option<Roster>,
    /// The region of each folder right below the inbox.
    folders: BTreeMap<OsString, usize>,
    deliveries: Vec<Delivery>,
    videos: Vec<Video>,
    /// Documents that nobody has read yet, with what their names say they are.
    unread: Vec<(Loose, Kind)>,
    introductions: Vec<Loose>,
    scripts: Vec<Loose>,
    /// Files that should be introductions and are not.
    refused: Vec<Loose>,
    subtitles: Vec<Loose>,
    attachments: Vec<Loose>,
    lists: Vec<(usize, Entry, ListFormat)>,
    /// Files that may hold links.
    texts: Vec<Entry>,
    links: Vec<LinkSubmission>,
    ledger: Vec<RosterUnit>,
    other: Vec<OtherFile>,
    packed: BTreeMap<PathBuf, Packed>,
}

impl<'a> Desk<'a> {
    fn new(listing: &Listing, rules: &'a RuleSet) -> Self {
        let lossy = |name: &OsString| name.to_string_lossy().into_owned();
        let folders: Vec<_> = listing.top_folders.iter().map(lossy).collect();
        let at_top = listing.entries.iter().filter(|e| e.top_folder().is_none());
        let archives: Vec<_> = at_top
            .filter(|e| e.shape == Shape::File && kind_of(&e.name()) == Kind::Archive)
            .filter(|e| !listing.packed.contains_key(&e.relative))
            .map(|e| kind::archive_stem(&e.name()).to_owned())
            .collect();
        let book = RegionBook::new(&rules.regions, &folders, &archives);
        let mut deliveries: Vec<Delivery> =
            book.names().iter().map(|_| Delivery::default()).collect();
        let mut by_folder = BTreeMap::new();
        for (name, raw) in folders.iter().zip(&listing.top_folders) {
            let region = book.find(name).unwrap_or(book.nowhere());
            deliveries[region].has_place = true;
            by_folder.insert(raw.clone(), region);
        }
        Desk {
            rules,
            book,
            roster: None,
            folders: by_folder,
            deliveries,
            videos: Vec::new(),
            unread: Vec::new(),
            introductions: Vec::new(),
            scripts: Vec::new(),
            refused: Vec::new(),
            subtitles: Vec::new(),
            attachments: Vec::new(),
            lists: Vec::new(),
            texts: Vec::new(),
            links: Vec::new(),
            ledger: Vec::new(),
            other: Vec::new(),
            packed: BTreeMap::new(),
        }
    }

    fn grammar(&self) -> Grammar<'_> {
        Grammar {
            pattern: self.rules.name_pattern(),
            year: self.rules.year(),
            roster: self.roster.as_ref(),
        }
    }

    /// The first roster at the top of the inbox that can be read; names of videos are read by it.
    fn read_rosters(&mut self, listing: &Listing) {
        let at_top = listing.entries.iter().filter(|e| e.top_folder().is_none());
        for entry in at_top.filter(|e| e.shape == Shape::File && kind_of(&e.name()) == Kind::Roster)
        {
            if self.roster.is_some() {
                self.note(entry, second_roster(), true);
                continue;
            }
            let name = entry.name().to_lowercase();
            let extension = split_extension(&name).1.unwrap_or_default();
            let read = peek::head(&entry.path, roster::MAX_BYTES + 1)
                .map_err(RosterError::Closed)
                .and_then(|bytes| roster::read(&bytes, extension, &self.book));
            match read {
                Ok(read) => self.take_roster(entry, read),
                Err(error) => self.refuse_roster(entry, &error),
            }
        }
    }

    fn take_roster(&mut self, entry: &Entry, read: roster::Read) {
        let source = entry.source();
        let units = read.roster.units().len();
        let note = Text::new(
            format!("单位名册，{units} 个单位。"),
            format!("the roster; units in it: {units}"),
        );
        self.note(entry, note, !read.problems.is_empty());
        self.roster = Some(read.roster);
        let shown = read.problems.iter().take(MAX_ROSTER_PROBLEMS);
        let findings = shown.map(|problem| finding::roster_row(&source, problem));
        let nowhere = self.book.nowhere();
        self.deliveries[nowhere].findings.extend(findings);
    }

    fn refuse_roster(&mut self, entry: &Entry, error: &RosterError) {
        if matches!(error, RosterError::Empty) {
            let note = Text::new(
                "单位名册还是空的，没有按名册核对单位。",
                "a roster without a unit in it, so no unit was looked up",
            );
            return self.note(entry, note, false);
        }
        let reason = error.reason();
        let measured = Text::same(entry.bytes.to_string());
        let refused = finding::roster_not_read(&entry.source(), &reason, measured);
        let nowhere = self.book.nowhere();
        self.deliveries[nowhere].findings.push(refused);
        let note = Text::new(
            format!("单位名册，没有读取：{}", reason.zh),
            format!("a roster that was not read: {}", reason.en),
        );
        self.note(entry, note, true);
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
            Kind::Introduction | Kind::Script => {
                let loose = self.loose(entry);
                self.unread.push((loose, kind));
            }
            Kind::NotWord | Kind::Shortcut => self.take_text(entry),
            Kind::Subtitle => {
                let loose = self.loose(entry);
                self.subtitles.push(loose);
            }
            Kind::Recommendation(format) => {
                self.lists
                    .push((self.region_of(entry), entry.clone(), format));
            }
            Kind::Archive => self.take_archive(entry),
            Kind::Picture => {
                let loose = self.attachment(entry);
                self.attachments.push(loose);
            }
            Kind::Settings | Kind::Roster => self.take_settings(entry, &kind),
            Kind::Unfinished => self.note(entry, unfinished(), true),
            Kind::Unknown if has_extension(entry, "csv") => self.texts.push(entry.clone()),
            Kind::Unknown if has_extension(entry, "xml") && is_ttml(entry) => {
                let loose = self.loose(entry);
                self.subtitles.push(loose);
            }
            Kind::Unknown => self.take_unknown(entry),
        }
    }

    fn take_text(&mut self, entry: &Entry) {
        if ["txt", "url", "webloc"]
            .iter()
            .any(|e| has_extension(entry, e))
        {
            self.texts.push(entry.clone());
        } else {
            self.take_not_word(entry);
        }
    }

    /// Links out of small texts; what is a film's introduction after all, or holds none, is noted as such.
    fn read_links(&mut self) {
        let films = companion::video_keys(&self.videos);
        for entry in std::mem::take(&mut self.texts) {
            let region = self.region_of(&entry);
            let is_films = companion::introduction_keys(&place_of(&entry).stem)
                .into_iter()
                .any(|key| films.contains(&(region, key)));
            let links = match peek::head(&entry.path, link::MAX_BYTES) {
                Ok(bytes) if !is_films => link::read(&bytes, &entry.name(), &self.grammar()),
                _ => Vec::new(),
            };
            if !links.is_empty() {
                self.take_links(&entry, region, links);
            } else if has_extension(&entry, "csv") {
                self.take_unknown(&entry);
            } else if kind_of(&entry.name()) == Kind::Shortcut {
                self.note(&entry, no_address(), true);
            } else {
                self.take_not_word(&entry);
            }
        }
    }

    fn take_links(&mut self, entry: &Entry, region: usize, links: Vec<Link>) {
        let count = links.len();
        if !self.rules.links {
            return self.note(entry, links_not_taken(count), true);
        }
        let (region, source) = (self.book.names()[region].clone(), entry.source());
        self.links
            .extend(links.into_iter().map(|link| LinkSubmission {
                region: region.clone(),
                unit: link.unit,
                title: link.title,
                url: link.url,
                source: source.clone(),
            }));
        let note = Text::new(
            format!("链接，登记了 {count} 条，没有打开。"),
            format!("links; recorded and not opened: {count}"),
        );
        self.note(entry, note, false);
    }

    /// Asks the roster for the unit of each video and link, and draws up who handed in what.
    fn look_units_up(&mut self) {
        let Some(roster) = &self.roster else {
            return;
        };
        for video in &mut self.videos {
            let submission = &mut video.submission;
            let unit = submission.name.unit.as_ref();
            submission.roster = unit.map(|unit| roster.find(unit, &submission.region));
        }
        let submissions = self.videos.iter().map(|video| &video.submission);
        self.ledger = roster::ledger(roster, submissions, &self.links);
        for (region, missing) in roster::missing(&self.ledger) {
            let place = self.book.find(&region).unwrap_or(self.book.nowhere());
            self.deliveries[place].findings.push(missing);
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
                name: self.grammar().read(&original_name),
                roster: None,
                original_name,
                bytes: entry.bytes,
                not_a_file: (entry.shape != Shape::File).then(|| not_a_file(entry.shape)),
                introduction: None,
                subtitles: Vec::new(),
                papers: Papers::default(),
            },
        });
    }

    /// An introduction in another format than Word, or a scan: whose it is decides.
    fn take_not_word(&mut self, entry: &Entry) {
        let mut loose = self.loose(entry);
        let refused = companion::refused_for_its_format(&entry.source());
        loose.says = Says::Refused(Box::new(refused));
        self.refused.push(loose);
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
        // A roster at the top was read, and noted, before everything else.
        if *kind == Kind::Settings {
            let note = Text::new("本次展播的设置。", "this showcase's settings");
            self.note(entry, note, false);
        }
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
            says: Says::Nothing,
        }
    }

    fn attachment(&self, entry: &Entry) -> Loose {
        let mut loose = self.loose(entry);
        loose.says = Says::Attachment(Box::new(Attachment::of(loose.file.clone())));
        loose
    }

    fn sort_videos(&mut self) {
        self.videos.sort_by(|a, b| {
            let (one, other) = (&a.submission, &b.submission);
            (a.region, &one.original_name, &one.path).cmp(&(
                b.region,
                &other.original_name,
                &other.path,
            ))
        });
    }

    fn read_documents(&mut self, documents: &dyn ReadDocuments) {
        let unread = std::mem::take(&mut self.unread);
        let files: Vec<_> = unread.iter().map(|(loose, _)| &loose.file).collect();
        let read = documents.read_all(&files);
        for ((mut loose, kind), read) in unread.into_iter().zip(read) {
            match (read, kind) {
                (Ok(_), Kind::Script) => self.scripts.push(loose),
                (Ok(document), _) => {
                    loose.says = Says::Introduction(Box::new(Introduction::of(&document)));
                    self.introductions.push(loose);
                }
                (Err(fault), Kind::Script) => self.leave(&loose, not_opened(&fault), true),
                (Err(fault), _) => {
                    self.leave(&loose, not_opened(&fault), true);
                    loose.says = Says::Refused(Box::new(Refused {
                        source: loose.file.source.clone(),
                        why: fault.text(),
                        remedy: fault.remedy(),
                    }));
                    self.refused.push(loose);
                }
            }
        }
    }

    fn pair(&mut self) {
        let introductions = std::mem::take(&mut self.introductions);
        let keys = companion::video_keys(&self.videos);
        for at in companion::pair_introductions(&mut self.videos, &introductions) {
            if companion::is_spare(&introductions[at], &keys) {
                self.leave(&introductions[at], companion::spare(), true);
            } else {
                self.leave_unpaired(&introductions[at], "介绍", "introduction");
            }
        }
        let scripts = std::mem::take(&mut self.scripts);
        for at in companion::pair_scripts(&mut self.videos, &scripts) {
            self.leave_unpaired(&scripts[at], "讲稿", "script");
        }
        let subtitles = std::mem::take(&mut self.subtitles);
        for at in companion::pair_subtitles(&mut self.videos, &subtitles) {
            self.leave_unpaired(&subtitles[at], "字幕", "subtitle");
        }
        self.pair_what_is_not_word();
        let attachments = std::mem::take(&mut self.attachments);
        for at in companion::pair_attachments(&mut self.videos, &attachments) {
            self.keep_attachment(&attachments[at]);
        }
    }

    /// In an introduction's place they are told to the video; else a PDF is a scan, and the rest is named.
    fn pair_what_is_not_word(&mut self) {
        let refused = std::mem::take(&mut self.refused);
        let unpaired = companion::pair_refused(&mut self.videos, &refused);
        for (at, mut loose) in refused.into_iter().enumerate() {
            let extension = split_extension(&loose.file.source).1.unwrap_or_default();
            let is_word = matches!(kind_of(&loose.file.source), Kind::Introduction);
            if is_word {
                continue;
            }
            if unpaired.contains(&at) && extension.eq_ignore_ascii_case("pdf") {
                loose.says = Says::Attachment(Box::new(Attachment::of(loose.file.clone())));
                self.attachments.push(loose);
            } else {
                self.leave(&loose, companion::not_word(&loose.file.source), true);
            }
        }
    }

    /// A picture or scan of no video is the region's own.
    fn keep_attachment(&mut self, loose: &Loose) {
        if let Says::Attachment(attachment) = &loose.says {
            let kept = &mut self.deliveries[loose.region].attachments;
            kept.push((**attachment).clone());
        }
        let note = match split_extension(&loose.file.source).1 {
            Some(extension) if extension.eq_ignore_ascii_case("pdf") => {
                return self.leave(loose, companion::not_word(&loose.file.source), true);
            }
            _ => Text::new("图片，不参加展播。", "a picture; not part of the showcase"),
        };
        self.leave(loose, note, false);
    }

    /// A companion without a video: a note on the file, and a finding that names the video it may belong to.
    fn leave_unpaired(&mut self, loose: &Loose, zh: &str, en: &str) {
        let own = self.videos.iter().filter(|v| v.region == loose.region);
        let names = own.map(|v| v.submission.original_name.as_str());
        let closest: Vec<&str> = likeness::closest(&loose.place.stem, names);
        let finding = finding::companion_unpaired(&loose.file.source, (zh, en), &closest);
        self.deliveries[loose.region].findings.push(finding);
        self.leave(loose, companion::no_video(zh, en), true);
    }

    fn leave(&mut self, loose: &Loose, note: Text, attention: bool) {
        self.other.push(OtherFile {
            path: loose.file.source.clone(),
            note,
            attention,
        });
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
                "docx" | "doc" if is_films => {
                    let loose = self.loose(&entry);
                    self.unread.push((loose, Kind::Introduction));
                }
                "txt" if is_films => self.take_not_word(&entry),
                _ => self.lists.push((region, entry, format)),
            }
        }
    }

    fn read_lists(&mut self, documents: &dyn ReadDocuments) {
        let lists = std::mem::take(&mut self.lists);
        let is_office = |format| format == ListFormat::Office;
        let files: Vec<Companion> = lists
            .iter()
            .filter(|(_, _, format)| is_office(*format))
            .map(|(_, entry, _)| self.loose(entry).file)
            .collect();
        let mut office = documents
            .read_all(&files.iter().collect::<Vec<_>>())
            .into_iter();
        for (region, entry, format) in lists {
            let read = if is_office(format) {
                list_in(office.next())
            } else {
                peek::head(&entry.path, recommendation::MAX_BYTES + 1)
                    .map_err(|error| NotRead::Closed(error.to_string()))
                    .and_then(|bytes| recommendation::read(&bytes, format))
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
        let is_common = region == self.book.nowhere();
        for line in list.lines {
            // A list in a region's folder speaks for that region, whatever it says.
            let named = line.region.filter(|_| is_common);
            let meant = named
                .as_ref()
                .map_or(Some(region), |name| self.book.find(name));
            if let (None, Some(name)) = (meant, named) {
                let unknown = finding::recommendation_region_unknown(&source, &name);
                self.deliveries[region].findings.push(unknown);
            }
            let place = meant.unwrap_or(region);
            let unit = line.unit.map(|unit| match &self.roster {
                Some(roster) => roster.name_of_today(unit, &self.book.names()[place]),
                None => unit,
            });
            let lists = &mut self.deliveries[place].lists;
            recommendation::add(lists, is_common, &source, unit, line.title);
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

    /// Of several files that recommend, one counts; if they do not agree, the region hears of it.
    fn settle_lists(&mut self) {
        for delivery in &mut self.deliveries {
            let mut lists = std::mem::take(&mut delivery.lists);
            lists.sort_by_key(ListFile::precedence);
            let Some(first) = lists.first() else {
                continue;
            };
            if lists.iter().any(|list| !list.agrees_with(first)) {
                delivery
                    .findings
                    .push(finding::recommendation_lists_differ(&lists));
            }
            delivery.recommendations.clone_from(&first.recommendations);
        }
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
                    attachments: delivery.attachments,
                });
        Inbox {
            regions: regions.collect(),
            submissions: self.videos.into_iter().map(|v| v.submission).collect(),
            other_files: self.other,
            roster: self.roster,
            ledger: self.ledger,
            links: self.links,
        }
    }
}

fn has_extension(entry: &Entry, wanted: &str) -> bool {
    split_extension(&entry.name())
        .1
        .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn second_roster() -> Text {
    Text::new(
        "又一份单位名册，没有采用：已经读取了前一份，请只留一份。",
        "a second roster, not used: another one was read before it; keep only one",
    )
}

fn no_address() -> Text {
    Text::new(
        "网页快捷方式，里面没有网址；请交视频文件本身。",
        "a shortcut without an address in it; please hand in the video itself",
    )
}

fn links_not_taken(count: usize) -> Text {
    Text::new(
        format!("里面有 {count} 个链接。通知要求交视频文件，不接受链接；请交视频文件本身。"),
        format!(
            "links in it: {count}. The notice wants the video itself and takes no links; please hand in the file"
        ),
    )
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

/// What to say of a document that was not opened.
fn not_opened(fault: &DocumentFault) -> Text {
    let (why, remedy) = (fault.text(), fault.remedy());
    Text::new(
        format!("Word 文档，没有采用：{}。{}。", why.zh, remedy.zh),
        format!(
            "a Word document that is not used: {}; {}",
            why.en, remedy.en
        ),
    )
}

/// The list in a document.
fn list_in(read: Option<Result<Document, DocumentFault>>) -> Result<recommendation::List, NotRead> {
    match read {
        Some(Ok(document)) => recommendation::read_document(&document),
        Some(Err(fault)) => Err(NotRead::Document(fault)),
        None => Err(NotRead::Empty),
    }
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

fn is_ttml(entry: &Entry) -> bool {
    let head = peek::head(&entry.path, kind::XML_HEAD_BYTES);
    head.is_ok_and(|head| kind::starts_like_ttml(&head))
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
