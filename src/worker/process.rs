//! A worker's process as its parent has it: started, listened to, killed, waited for. In: how to start it, and the socket
//! that becomes its standard input. Out: how it ended and the last it said. No process outlives its [`Process`].

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::fork_server::{ForkServer, Forked};

/// Bytes of a worker's standard error that are kept.
const MAX_STDERR: usize = 16 << 10;
/// How long a worker that closed its socket may take to end.
const END: Duration = Duration::from_secs(2);

/// How workers are started.
#[derive(Debug)]
pub struct Start {
    /// The program: ourselves.
    pub program: PathBuf,
    arguments: Vec<String>,
    forks: Option<Forks>,
}

#[derive(Debug)]
struct Forks {
    arguments: Vec<String>,
    server: ForkServer,
}

impl Start {
    /// Each is started anew.
    pub fn anew(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Start {
            program: program.into(),
            arguments: owned(arguments),
            forks: None,
        }
    }

    /// Each is a fork of a server, which is the program with other arguments; where there can be no server, it is started
    /// anew.
    pub fn forked(program: impl Into<PathBuf>, arguments: &[&str], server: &[&str]) -> Self {
        Start {
            forks: Some(Forks {
                arguments: owned(server),
                server: ForkServer::default(),
            }),
            ..Start::anew(program, arguments)
        }
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .stdout(Stdio::null())
            // A heap for every thread would keep what another thread could use (glibc, mallopt(3)): that is memory of a further job.
            .env("MALLOC_ARENA_MAX", "2")
            // A picture's memory serves the next picture, rather than going back to the system, which would have to clear it again.
            .env("MALLOC_MMAP_THRESHOLD_", "33554432")
            .env("MALLOC_TRIM_THRESHOLD_", "268435456")
            // Ctrl-C reaches the parent alone, which decides what becomes of its workers.
            .process_group(0);
        command
    }
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(ToString::to_string).collect()
}

/// A worker's process. It is killed and waited for, however its parent's function ends.
pub(super) struct Process {
    kind: Kind,
    stderr: Option<thread::JoinHandle<String>>,
}

enum Kind {
    Anew(Child),
    Forked(Forked),
}

impl Process {
    pub(super) fn start(start: &Start, socket: UnixStream) -> io::Result<Self> {
        let (heard, stderr) = io::pipe()?;
        let (heard, stderr) = (OwnedFd::from(heard), OwnedFd::from(stderr));
        let forked = match &start.forks {
            Some(forks) => {
                let command = || start.command(&forks.arguments);
                forks.server.fork(command, &socket, &stderr)?
            }
            None => None,
        };
        let kind = match forked {
            Some(forked) => Kind::Forked(forked),
            None => Kind::Anew(
                start
                    .command(&start.arguments)
                    .stdin(Stdio::from(OwnedFd::from(socket)))
                    .stderr(Stdio::from(stderr))
                    .spawn()?,
            ),
        };
        let stderr = thread::spawn(move || tail(std::fs::File::from(heard)));
        Ok(Process {
            kind,
            stderr: Some(stderr),
        })
    }

    /// How it ended, and the last it said, of a process whose end of the socket is closed: it is about to end, or else it
    /// is made to.
    pub(super) fn last_words(&mut self) -> (String, String) {
        let how = match self.end() {
            Ok(Some(status)) => describe(status),
            Ok(None) => "an unknown status".into(),
            Err(error) => format!("an unknown status ({error})"),
        };
        let said = self
            .stderr
            .take()
            .and_then(|tail| tail.join().ok())
            .unwrap_or_default();
        let mut lines = said.lines().rev();
        let last = lines.find(|line| !line.trim().is_empty());
        (how, last.map(|l| format!(" ({l})")).unwrap_or_default())
    }

    fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.kind {
            Kind::Forked(forked) => match forked.wait(Some(END))? {
                Some(status) => Ok(Some(status)),
                None => forked.kill(),
            },
            Kind::Anew(child) => {
                let deadline = Instant::now() + END;
                while Instant::now() < deadline {
                    if let Some(status) = child.try_wait()? {
                        return Ok(Some(status));
                    }
                    thread::sleep(Duration::from_millis(5));
                }
                child.kill()?;
                child.wait().map(Some)
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // All of it fails only where the process has ended already.
        match &mut self.kind {
            Kind::Forked(forked) => drop(forked.kill()),
            Kind::Anew(child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

// Keeps the last part only: a worker may complain about every frame of a film.
fn tail(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..read]);
        if kept.len() > 2 * MAX_STDERR {
            kept.drain(..kept.len() - MAX_STDERR);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
