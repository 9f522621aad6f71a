//! The functions of libarchive that are used, as `archive.h` and `archive_entry.h` of 3.6 declare them; all have been
//! there since 3.4. By hand, because the bindings on crates.io either hide what is needed (links, encryption, which entry
//! failed) or turn on every format and the filters that start other programs.

use libc::{c_char, c_int, c_uint, c_void};

pub(super) const EOF: c_int = 1;
pub(super) const OK: c_int = 0;
pub(super) const WARN: c_int = -20;
pub(super) const FATAL: c_int = -30;

/// `struct archive`.
#[repr(C)]
pub(super) struct CArchive {
    _private: [u8; 0],
}

/// `struct archive_entry`.
#[repr(C)]
pub(super) struct CEntry {
    _private: [u8; 0],
}

pub(super) type ReadCallback =
    unsafe extern "C" fn(*mut CArchive, *mut c_void, *mut *const c_void) -> isize;
pub(super) type SeekCallback = unsafe extern "C" fn(*mut CArchive, *mut c_void, i64, c_int) -> i64;

#[link(name = "archive")]
unsafe extern "C" {
    pub(super) fn archive_read_new() -> *mut CArchive;
    pub(super) fn archive_read_free(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_append_filter(archive: *mut CArchive, code: c_int) -> c_int;
    pub(super) fn archive_read_support_format_rar(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_support_format_rar5(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_support_format_tar(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_support_format_cab(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_support_format_lha(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_support_format_zip_streamable(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_set_read_callback(a: *mut CArchive, read: ReadCallback) -> c_int;
    pub(super) fn archive_read_set_seek_callback(a: *mut CArchive, seek: SeekCallback) -> c_int;
    pub(super) fn archive_read_set_callback_data(a: *mut CArchive, data: *mut c_void) -> c_int;
    pub(super) fn archive_read_open1(archive: *mut CArchive) -> c_int;
    pub(super) fn archive_read_next_header(a: *mut CArchive, entry: *mut *mut CEntry) -> c_int;
    pub(super) fn archive_read_data_block(
        archive: *mut CArchive,
        buffer: *mut *const c_void,
        size: *mut usize,
        offset: *mut i64,
    ) -> c_int;
    pub(super) fn archive_error_string(archive: *mut CArchive) -> *const c_char;
    pub(super) fn archive_set_error(a: *mut CArchive, number: c_int, text: *const c_char, ...);
    pub(super) fn archive_entry_pathname(entry: *mut CEntry) -> *const c_char;
    pub(super) fn archive_entry_pathname_utf8(entry: *mut CEntry) -> *const c_char;
    pub(super) fn archive_entry_filetype(entry: *mut CEntry) -> c_uint;
    pub(super) fn archive_entry_size(entry: *mut CEntry) -> i64;
    pub(super) fn archive_entry_size_is_set(entry: *mut CEntry) -> c_int;
    pub(super) fn archive_entry_hardlink(entry: *mut CEntry) -> *const c_char;
    pub(super) fn archive_entry_is_encrypted(entry: *mut CEntry) -> c_int;
}
