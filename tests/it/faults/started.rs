//! A run that is going on: its events as they come, its workers, its end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::media_maker::Place;
use crate::program::arguments;

pub(crate) struct Started {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// In the environment of the program and of all its children.
    mark: String,
}

impl Started {
    /// `run --json` over a place.
    pub(crate) fn run(place: &Place) -> Self {
        let mark = format!("ZHANBO_TEST_MARK={}", place.root().display());
        let mut child = Command::new(env!("CARGO_BIN_EXE_zhanbo"))
            .args(arguments(place))
            .args(["--json", "--lang", "en"])
            .env("ZHANBO_TEST_MARK", place.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Started {
            child,
            stdout,
            mark,
        }
    }

    /// Reads events until one is as wanted; false where the run ended before.
    pub(crate) fn wait_for(&mut self, mut wanted: impl FnMut(&Value) -> bool) -> bool {
        let mut line = String::new();
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if wanted(&serde_json::from_str(&line).unwrap()) {
                return true;
            }
            line.clear();
        }
        false
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap()).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// How it ended; killed where it takes longer.
    pub(crate) fn end_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        // A pipe that nobody reads would hold the program up.
        let since = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| drop(self.stdout.read_to_end(&mut Vec::new())));
            while since.elapsed() < limit {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return Some(status);
                }
                thread::sleep(Duration::from_millis(10));
            }
            let _ = self.child.kill();
            None
        })
    }

    /// All living processes that were started by this run: children by their parent, orphans by the mark.
    pub(crate) fn workers(&self) -> Vec<u32> {
        let numbers = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        numbers
            .filter(|pid| *pid != self.child.id() && self.is_ours(*pid))
            .collect()
    }

    fn is_ours(&self, pid: u32) -> bool {
        let read = |what: &str| fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&read("stat")).into_owned();
        let mut after_name = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, parent) = (after_name.next(), after_name.next());
        let alive = !matches!(state, None | Some("" | "Z" | "X"));
        let child = parent == Some(self.child.id().to_string().as_str());
        let marked = read("environ")
            .split(|b| *b == 0)
            .any(|entry| entry == self.mark.as_bytes());
        alive && (child || marked)
    }

    /// Whether all workers are gone within two seconds.
    pub(crate) fn leaves_no_worker(&self, known: &[u32]) -> bool {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(2) {
            let known_alive = known
                .iter()
                .any(|pid| fs::exists(format!("/proc/{pid}/exe")).unwrap_or(false));
            if self.workers().is_empty() && !known_alive {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
