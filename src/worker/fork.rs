//! The third and smallest room with `unsafe`: one system call. In: a process of one thread. Out: two.
//! Never where there is a second thread.
#![expect(
    unsafe_code,
    reason = "fork(2) has no safe form; see ARCHITECTURE.md, A worker is a fork"
)]

use std::fs;
use std::io;

use rustix::process::Pid;

/// Which of the two processes goes on here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that was forked.
    Child,
    /// The one that forked, with the other one's number.
    Parent(Pid),
}

/// Refuses where this process has more than one thread: nobody would ever open the others' locks in a fork.
pub(super) fn only_one_thread() -> io::Result<()> {
    match fs::read_dir("/proc/self/task")?.count() {
        1 => Ok(()),
        threads => Err(io::Error::other(format!(
            "a process of {threads} threads cannot be forked, only one of a single thread"
        ))),
    }
}

/// Forks this process.
pub(super) fn fork() -> io::Result<Side> {
    only_one_thread()?;
    // SAFETY: with one thread, no lock is held by another and no state is half changed; libc's handlers mend its own.
    let number = unsafe { libc::fork() };
    match number {
        0 => Ok(Side::Child),
        _ => match Pid::from_raw(number) {
            Some(pid) if number > 0 => Ok(Side::Parent(pid)),
            _ => Err(io::Error::last_os_error()),
        },
    }
}
