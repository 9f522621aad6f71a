//! Workers that are forks of one process: what becomes of them, of the others, and of their server.

use std::fs::{self, File};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use zhanbo::probe::sampler::Looks;
use zhanbo::worker::parent::{WorkerError, Workers};
use zhanbo::worker::process::Start;

use crate::media_maker::{needs, plain};

fn workers(server: &[&str]) -> Workers {
    Workers {
        start: Start::forked(env!("CARGO_BIN_EXE_zhanbo"), &["worker"], server),
        patience: Duration::from_secs(20),
        cancelled: Arc::new(AtomicBool::new(false)),
    }
}

/// Everything that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|all| {
            let numbers = all.split_whitespace().map(|pid| pid.parse().unwrap());
            numbers.collect::<Vec<u32>>()
        })
        .collect()
}

/// What comes within ten seconds.
fn soon<T>(mut wanted: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "it never came");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The server that this thread's workers come from. Tests run side by side in one process: each knows its own.
fn server_of(before: &[u32]) -> u32 {
    soon(|| {
        let now = children(std::process::id());
        now.into_iter().find(|child| !before.contains(child))
    })
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Measures a long film in a thread of its own while `meanwhile` does something to the server and the worker.
fn disturbed(workers: &Workers, meanwhile: impl FnOnce(u32, u32)) -> WorkerError {
    let upload = File::open(plain(90, 1)).unwrap();
    let before = children(std::process::id());
    thread::scope(|scope| {
        let probing = scope.spawn(|| workers.probe(upload, Looks::Closely));
        let server = server_of(&before);
        let worker = soon(|| children(server).first().copied());
        meanwhile(server, worker);
        let answer = probing.join().unwrap().map(drop);
        answer.expect_err("it answered all the same")
    })
}

#[test]
fn many_threads_that_end_are_served_by_one_server() {
    let workers = workers(&["worker", "--forks"]);
    for _ in 0..3 {
        thread::scope(|scope| {
            let greetings: Vec<_> = (0..8).map(|_| scope.spawn(|| workers.greet())).collect();
            for greeting in greetings {
                greeting.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn a_crash_is_told_with_its_signal_and_the_next_worker_is_well() {
    needs!("ffmpeg");
    let workers = workers(&["worker", "--forks"]);
    let error = disturbed(&workers, |_, worker| signal(worker, Signal::ABORT));
    assert_eq!(
        error.to_string(),
        "the worker ended with signal 6 and no answer"
    );
    workers.greet().unwrap();
}

#[test]
fn a_hang_is_killed_and_waited_for() {
    needs!("ffmpeg");
    let workers = Workers {
        patience: Duration::from_millis(500),
        ..workers(&["worker", "--forks"])
    };
    let mut known = (0, 0);
    let error = disturbed(&workers, |server, worker| {
        known = (server, worker);
        signal(worker, Signal::STOP);
    });
    assert!(matches!(error, WorkerError::Hung { .. }), "{error}");
    let (server, worker) = known;
    assert!(
        !children(server).contains(&worker),
        "it outlived its answer"
    );
}

#[test]
fn a_server_that_is_killed_takes_its_workers_with_it_and_another_one_is_started() {
    needs!("ffmpeg");
    let workers = workers(&["worker", "--forks"]);
    let mut known = 0;
    let error = disturbed(&workers, |server, worker| {
        known = worker;
        signal(server, Signal::KILL);
    });
    assert!(
        error.to_string().contains("the fork server is gone"),
        "{error}"
    );
    soon(|| (!fs::exists(format!("/proc/{known}/exe")).unwrap_or(false)).then_some(()));
    workers.greet().unwrap();
}

#[test]
fn where_there_can_be_no_server_workers_are_started_anew() {
    workers(&["no", "such", "server"]).greet().unwrap();
    // It ends well, and was never ready.
    workers(&["presets"]).greet().unwrap();
}

#[test]
fn a_server_ends_with_those_who_want_workers() {
    let before = children(std::process::id());
    let workers = workers(&["worker", "--forks"]);
    workers.greet().unwrap();
    let server = server_of(&before);
    drop(workers);
    assert!(!children(std::process::id()).contains(&server));
}
