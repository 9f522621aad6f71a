//! The third and smallest room with `unsafe`: one system call. In: a process of one thread. Out: two.
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

/// Forks a process that has one thread; refuses where it has more, whose locks nobody would ever open in the child.
pub(super) fn fork() -> io::Result<Side> {
    let threads = fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!(
            "a process of {threads} threads cannot be forked, only one of a single thread"
        )));
    }
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
