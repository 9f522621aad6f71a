//! The little that intake reads of a file. In: a path that was listed as a plain file. Out: its first bytes. Never
//! follows a link, never waits on a pipe, never reads more than it was told.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Up to `limit` bytes from the start of a plain file.
pub(super) fn head(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Between listing and opening, the name may have become a link or a pipe: ask again, of what is open.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a plain file"));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test's inbox needs no publishing"
    )]
    use super::*;

    #[test]
    fn only_plain_files_are_read_and_never_more_than_asked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "0123456789").unwrap();
        assert_eq!(head(&file, 4).unwrap(), b"0123");
        let link = folder.path().join("b");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(head(&link, 4).is_err());
        assert!(head(folder.path(), 4).is_err());
    }
}
