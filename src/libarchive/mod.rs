//! The second room with `unsafe`: a thin hand on libarchive, for RAR and the formats around tar. In: a reader.
//! Out: one [`Header`] after the other, and the bytes of each as a reader. Never opens a path, never writes, never starts
//! a program: only the formats and filters named here are turned on. Called in the worker only.
#![expect(
    unsafe_code,
    reason = "FFI to libarchive is confined to this module; see ARCHITECTURE.md"
)]

mod ffi;

use std::ffi::CStr;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::ptr;

use libc::{c_int, c_void};

use ffi::{CArchive, CEntry};

/// Bytes handed to libarchive at once.
const PIECE: usize = 64 << 10;

/// Which formats are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// RAR up to 4 and RAR 5.
    Rar,
    /// tar, as it is or compressed once.
    Tar(Option<Filter>),
    /// Microsoft's cabinet.
    Cabinet,
    /// LHA.
    Lha,
    /// ZIP from its front, without its directory.
    ZipFromFront,
}

/// How a tar is compressed, with libarchive's number. Named, never guessed: a guess goes on with what comes out, and a
/// file that unpacks to itself would keep it busy for minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// gzip.
    Gzip = 1,
    /// bzip2.
    Bzip2 = 2,
    /// xz.
    Xz = 6,
    /// lzip.
    Lzip = 9,
    /// Zstandard.
    Zstd = 14,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic or hard link.
    Link,
    /// A device, a pipe, a socket.
    Special,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name as the archive has it; none where libarchive cannot give it.
    pub name: Option<Vec<u8>>,
    /// What it is.
    pub kind: EntryKind,
    /// Its size, if the archive says.
    pub size: Option<u64>,
    /// Whether it is behind a password.
    pub is_encrypted: bool,
}

/// What libarchive complains about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// In its words.
    pub message: String,
    /// Nothing more can be read.
    pub is_fatal: bool,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Complaint {}

/// What libarchive reads from.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// An archive that is being read from front to end.
pub struct Archive<'a> {
    handle: *mut CArchive,
    entry: *mut CEntry,
    // libarchive holds this pointer until the archive is freed, which `drop` does first.
    pipe: *mut Pipe<'a>,
}

struct Pipe<'a> {
    source: Box<dyn Source + 'a>,
    piece: Vec<u8>,
}

impl fmt::Debug for Archive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}

/// Lets libarchive keep names that are not ASCII. Once, at a worker's start, before there are threads.
pub fn init_worker() {
    // SAFETY: the name is a C string, and no other thread can be asking for the locale yet. Where the system has no such
    // locale nothing changes, and names come as far as the C locale carries them.
    unsafe { libc::setlocale(libc::LC_CTYPE, c"C.UTF-8".as_ptr()) };
}

impl<'a> Archive<'a> {
    /// Begins to read.
    pub fn open(source: Box<dyn Source + 'a>, formats: Formats) -> Result<Self, Complaint> {
        let pipe = Box::into_raw(Box::new(Pipe {
            source,
            piece: vec![0; PIECE],
        }));
        // SAFETY: takes nothing, gives null or a new archive; null is looked for below.
        let archive = unsafe { ffi::archive_read_new() };
        let archive = Archive {
            handle: archive,
            entry: ptr::null_mut(),
            pipe,
        };
        if archive.handle.is_null() {
            return Err(Complaint {
                message: "out of memory".to_owned(),
                is_fatal: true,
            });
        }
        archive.support(formats)?;
        // SAFETY: the archive is not null; the pipe lives until after the archive is freed, and only the callbacks use
        // it meanwhile. The callbacks have the signatures that archive.h asks for.
        let opened = unsafe {
            ffi::archive_read_set_read_callback(archive.handle, read_piece);
            ffi::archive_read_set_seek_callback(archive.handle, seek);
            ffi::archive_read_set_callback_data(archive.handle, pipe.cast());
            ffi::archive_read_open1(archive.handle)
        };
        archive.unless_failed(opened)?;
        Ok(archive)
    }

    fn support(&self, formats: Formats) -> Result<(), Complaint> {
        let archive = self.handle;
        // SAFETY: the archive is not null, and nothing was opened yet.
        let results: Vec<c_int> = unsafe {
            match formats {
                Formats::Rar => vec![
                    ffi::archive_read_support_format_rar(archive),
                    ffi::archive_read_support_format_rar5(archive),
                ],
                Formats::Tar(filter) => {
                    let format = ffi::archive_read_support_format_tar(archive);
                    let filter =
                        filter.map(|code| ffi::archive_read_append_filter(archive, code as c_int));
                    std::iter::once(format).chain(filter).collect()
                }
                Formats::Cabinet => vec![ffi::archive_read_support_format_cab(archive)],
                Formats::Lha => vec![ffi::archive_read_support_format_lha(archive)],
                Formats::ZipFromFront => {
                    vec![ffi::archive_read_support_format_zip_streamable(archive)]
                }
            }
        };
        // A warning means that a filter would need another program, which is then simply not there.
        match results.into_iter().find(|result| *result == ffi::FATAL) {
            Some(result) => self.unless_failed(result),
            None => Ok(()),
        }
    }

    /// The next entry; none at the end. After a complaint that is not fatal the next one may be asked for.
    pub fn next_entry(&mut self) -> Result<Option<Header>, Complaint> {
        // SAFETY: the archive is open; the entry that comes back belongs to it until the next call.
        let result = unsafe { ffi::archive_read_next_header(self.handle, &raw mut self.entry) };
        if result == ffi::EOF {
            return Ok(None);
        }
        self.unless_failed(result)?;
        Ok(Some(self.header()))
    }

    fn header(&self) -> Header {
        let entry = self.entry;
        // SAFETY: the entry was just given by `archive_read_next_header`; these only look at it.
        let (file_type, hard_link, size, size_is_set, encrypted) = unsafe {
            (
                ffi::archive_entry_filetype(entry),
                ffi::archive_entry_hardlink(entry),
                ffi::archive_entry_size(entry),
                ffi::archive_entry_size_is_set(entry),
                ffi::archive_entry_is_encrypted(entry),
            )
        };
        let kind = match file_type {
            _ if !hard_link.is_null() => EntryKind::Link,
            libc::S_IFLNK => EntryKind::Link,
            libc::S_IFDIR => EntryKind::Folder,
            libc::S_IFREG | 0 => EntryKind::File,
            _ => EntryKind::Special,
        };
        Header {
            name: self.name(),
            kind,
            size: u64::try_from(size).ok().filter(|_| size_is_set != 0),
            is_encrypted: encrypted != 0,
        }
    }

    fn name(&self) -> Option<Vec<u8>> {
        // SAFETY: both give null or a C string that belongs to the entry, which outlives this call.
        unsafe {
            let mut name = ffi::archive_entry_pathname(self.entry);
            if name.is_null() {
                name = ffi::archive_entry_pathname_utf8(self.entry);
            }
            (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes().to_vec())
        }
    }

    /// The content of the entry that came last.
    pub fn content(&mut self) -> Content<'_, 'a> {
        Content {
            archive: self,
            block: (ptr::null(), 0),
            block_at: 0,
            at: 0,
            is_at_end: false,
        }
    }

    fn unless_failed(&self, result: c_int) -> Result<(), Complaint> {
        if matches!(result, ffi::OK | ffi::WARN | ffi::EOF) {
            return Ok(());
        }
        // SAFETY: gives null or a C string that belongs to the archive, which outlives this call.
        let text = unsafe { ffi::archive_error_string(self.handle) };
        let message = if text.is_null() {
            "it cannot be read on".to_owned()
        } else {
            // SAFETY: as above, and not null.
            unsafe { CStr::from_ptr(text) }
                .to_string_lossy()
                .into_owned()
        };
        Err(Complaint {
            message,
            is_fatal: result <= ffi::FATAL,
        })
    }
}

impl Drop for Archive<'_> {
    fn drop(&mut self) {
        // SAFETY: the archive is ours alone and freed once (null is allowed); after that nothing holds the pipe, which
        // came from `Box::into_raw`.
        unsafe {
            ffi::archive_read_free(self.handle);
            drop(Box::from_raw(self.pipe));
        }
    }
}

/// The bytes of one entry; holes read as zeros. An error is a [`Complaint`] in an `io::Error`.
#[derive(Debug)]
pub struct Content<'r, 'a> {
    archive: &'r mut Archive<'a>,
    /// libarchive's own bytes, good until it is asked for more.
    block: (*const u8, usize),
    /// Where in the entry the block begins.
    block_at: u64,
    at: u64,
    is_at_end: bool,
}

impl Content<'_, '_> {
    fn next_block(&mut self) -> io::Result<()> {
        let (mut bytes, mut size, mut offset) = (ptr::null(), 0, 0);
        // SAFETY: the archive is open and stands in an entry; the three places are ours.
        let result = unsafe {
            ffi::archive_read_data_block(
                self.archive.handle,
                &raw mut bytes,
                &raw mut size,
                &raw mut offset,
            )
        };
        self.is_at_end = result == ffi::EOF;
        self.archive
            .unless_failed(result)
            .map_err(io::Error::other)?;
        self.block = if self.is_at_end || bytes.is_null() {
            (ptr::null(), 0)
        } else {
            (bytes.cast(), size)
        };
        let offset = u64::try_from(offset).unwrap_or(0);
        if offset < self.at && self.block.1 > 0 {
            return Err(io::Error::other(Complaint {
                message: "blocks overlap".to_owned(),
                is_fatal: false,
            }));
        }
        self.block_at = offset;
        Ok(())
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.block.1 == 0 {
            if self.is_at_end {
                return Ok(0);
            }
            self.next_block()?;
        }
        let hole = self.block_at.saturating_sub(self.at);
        let read = if hole > 0 {
            let zeros = buffer
                .len()
                .min(usize::try_from(hole).unwrap_or(usize::MAX));
            buffer[..zeros].fill(0);
            zeros
        } else {
            let (from, left) = self.block;
            let length = buffer.len().min(left);
            // SAFETY: `left` bytes at `from` are libarchive's and stay until `next_block`; `length` is no more than
            // that, and no more than the buffer holds; the two cannot overlap.
            unsafe {
                ptr::copy_nonoverlapping(from, buffer.as_mut_ptr(), length);
                self.block = (from.add(length), left - length);
            }
            self.block_at += length as u64;
            length
        };
        self.at += read as u64;
        Ok(read)
    }
}

/// Hands libarchive the next bytes.
unsafe extern "C" fn read_piece(
    archive: *mut CArchive,
    data: *mut c_void,
    buffer: *mut *const c_void,
) -> isize {
    // SAFETY: `data` is the pipe that `open` handed in, used by one callback at a time; `buffer` is libarchive's own.
    let pipe = unsafe { &mut *data.cast::<Pipe<'_>>() };
    loop {
        match pipe.source.read(&mut pipe.piece) {
            Ok(read) => {
                // SAFETY: as above; the piece stays until the next call.
                unsafe { *buffer = pipe.piece.as_ptr().cast() };
                return isize::try_from(read).unwrap_or(0);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let number = error.raw_os_error().unwrap_or(libc::EIO);
                // SAFETY: the archive is the caller's; the format takes no argument.
                unsafe {
                    ffi::archive_set_error(archive, number, c"the archive cannot be read".as_ptr());
                }
                return -1;
            }
        }
    }
}

/// Moves within the source.
unsafe extern "C" fn seek(
    _archive: *mut CArchive,
    data: *mut c_void,
    offset: i64,
    whence: c_int,
) -> i64 {
    // SAFETY: `data` is the pipe that `open` handed in, used by one callback at a time.
    let pipe = unsafe { &mut *data.cast::<Pipe<'_>>() };
    let to = match whence {
        libc::SEEK_SET => SeekFrom::Start(u64::try_from(offset).unwrap_or(0)),
        libc::SEEK_CUR => SeekFrom::Current(offset),
        libc::SEEK_END => SeekFrom::End(offset),
        _ => return i64::from(ffi::FATAL),
    };
    match pipe.source.seek(to) {
        Ok(at) => i64::try_from(at).unwrap_or(i64::from(ffi::FATAL)),
        Err(_) => i64::from(ffi::FATAL),
    }
}
