//! A worker that has everything loaded and waits to be forked: starting our binary anew costs ten times as much as a
//! fork of it, most of it for the dynamic linker. In: for each worker a socket, a standard error, and a watch. Out: how
//! the worker ended, on its watch. A watch that the other side closes kills the worker. Never reads an upload.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getppid, kill_process, pidfd_open, waitpid,
};

use super::child;
use super::fork::{Side, fork, only_one_thread};
use super::protocol::{receive_descriptors, send_descriptors};
use crate::av;

/// What the server says once it can fork.
const READY: u8 = b'R';
/// What it says of a worker: a wait status follows (four bytes, little-endian).
const ENDED: u8 = b'E';
/// The same, of a worker that could not be forked: the system's error number follows.
const NOT_FORKED: u8 = b'N';
/// How long a server may take until it is ready.
const START: Duration = Duration::from_secs(30);

/// The server's side: forks until the parent hangs up. It returns once in the server, and once in every worker, with
/// what became of its request.
pub fn serve() -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Where the kernel has no such thing, this is the time to say so.
    let ourselves = rustix::process::getpid();
    drop(pidfd_open(ourselves, PidfdFlags::empty())?);
    av::init_worker();
    av::fill_tables();
    only_one_thread()?;
    (&control).write_all(&[READY])?;
    let mut wards: Vec<Ward> = Vec::new();
    loop {
        let stirred = stirred(&control, &wards)?;
        // From behind, so that the places of those before stay what they are.
        for (index, stirred) in stirred[1..].iter().enumerate().rev() {
            if *stirred && wards[index].attend()? == Attended::Gone {
                wards.swap_remove(index);
            }
        }
        if !stirred[0] {
            continue;
        }
        let Some([socket, stderr, watch]) = receive_order(&control)? else {
            return Ok(());
        };
        match fork() {
            Ok(Side::Parent(pid)) => wards.push(Ward::new(pid, watch)?),
            Ok(Side::Child) => {
                drop((wards, watch, control));
                rustix::stdio::dup2_stdin(&socket)?;
                rustix::stdio::dup2_stderr(&stderr)?;
                drop((socket, stderr));
                return as_worker(ourselves);
            }
            Err(error) => {
                let number = error.raw_os_error().unwrap_or(Errno::AGAIN.raw_os_error());
                // Whoever does not listen any more has no need of the answer.
                let _ = tell(File::from(watch), NOT_FORKED, number);
            }
        }
    }
}

fn as_worker(server: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != Some(server) {
        return Err(io::Error::other("the fork server is gone"));
    }
    child::serve()
}

/// Waits; what can be read from, the control first and then the wards in their order.
fn stirred(control: &UnixStream, wards: &[Ward]) -> io::Result<Vec<bool>> {
    // The watch of a worker that is being killed has nothing more to say.
    let ends = wards.iter().flat_map(|ward| {
        let watch = match ward.wish {
            Wish::Live => ward.watch.as_fd(),
            Wish::Die => ward.process.as_fd(),
        };
        [ward.process.as_fd(), watch]
    });
    let mut polled: Vec<PollFd<'_>> = std::iter::once(control.as_fd())
        .chain(ends)
        .map(|end| PollFd::from_borrowed_fd(end, PollFlags::IN))
        .collect();
    loop {
        match poll(&mut polled, None) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let stirs = |polled: &PollFd<'_>| !polled.revents().is_empty();
    let of_wards = polled[1..]
        .chunks(2)
        .map(|ends| ends.iter().any(stirs))
        .collect::<Vec<_>>();
    Ok([vec![stirs(&polled[0])], of_wards].concat())
}

fn receive_order(control: &UnixStream) -> io::Result<Option<[OwnedFd; 3]>> {
    let Some(descriptors) = receive_descriptors(control)? else {
        return Ok(None);
    };
    let order = descriptors.try_into();
    order.map(Some).map_err(|given: Vec<OwnedFd>| {
        io::Error::other(format!(
            "{} descriptors for a worker, not the 3 that it needs",
            given.len()
        ))
    })
}

fn tell(mut watch: impl Write, mark: u8, number: i32) -> io::Result<()> {
    let mut told = [mark, 0, 0, 0, 0];
    told[1..].copy_from_slice(&number.to_le_bytes());
    watch.write_all(&told)
}

/// A worker that the server has forked.
struct Ward {
    pid: Pid,
    /// Can be read from when the worker has ended.
    process: OwnedFd,
    /// Whose other end the parent holds for as long as it wants the worker.
    watch: File,
    wish: Wish,
}

/// What the parent wants of a worker.
#[derive(PartialEq, Eq)]
enum Wish {
    Live,
    Die,
}

#[derive(PartialEq, Eq)]
enum Attended {
    Alive,
    Gone,
}

impl Ward {
    fn new(pid: Pid, watch: OwnedFd) -> io::Result<Self> {
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        let watch = File::from(watch);
        Ok(Ward {
            pid,
            process,
            watch,
            wish: Wish::Live,
        })
    }

    /// Tells how the worker ended, if it did; else it is not wanted any more, and is killed. Nobody waits for it here: a
    /// process that hangs in the kernel would hold up all others.
    fn attend(&mut self) -> io::Result<Attended> {
        let Some((_, status)) = waitpid(Some(self.pid), WaitOptions::NOHANG)? else {
            kill_process(self.pid, Signal::KILL)?;
            self.wish = Wish::Die;
            return Ok(Attended::Alive);
        };
        let status = status.as_raw();
        // Whoever does not listen any more has no need of the answer.
        let _ = tell(&self.watch, ENDED, status);
        Ok(Attended::Gone)
    }
}

/// The parent's side: a server that is started when the first worker is wanted, and again where it died.
#[derive(Debug, Default)]
pub struct ForkServer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    NotStarted,
    Serving(Arc<Server>),
    /// This system has no way to do it.
    Unavailable,
}

/// A server that is up.
#[derive(Debug)]
struct Server {
    control: UnixStream,
    keeper: Option<thread::JoinHandle<()>>,
}

impl ForkServer {
    /// Forks a worker; none where there can be no server, and it has to be started anew.
    pub(super) fn fork(
        &self,
        command: impl Fn() -> Command,
        socket: &UnixStream,
        stderr: &OwnedFd,
    ) -> io::Result<Option<Forked>> {
        // A server may have died since its last worker: then a second one is tried.
        for _ in 0..2 {
            let Some(server) = self.serving(&command) else {
                return Ok(None);
            };
            let (watch, theirs) = UnixStream::pair()?;
            let order = [socket.as_fd(), stderr.as_fd(), theirs.as_fd()];
            match send_descriptors(&server.control, &order) {
                Ok(()) => {
                    return Ok(Some(Forked {
                        watch,
                        ended: None,
                        _server: server,
                    }));
                }
                Err(error) => {
                    tracing::debug!("the fork server is gone: {error}");
                    *self.state() = State::NotStarted;
                }
            }
        }
        Ok(None)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serving(&self, command: impl Fn() -> Command) -> Option<Arc<Server>> {
        let mut state = self.state();
        if let State::NotStarted = *state {
            *state = match Server::start(command()) {
                Ok(server) => State::Serving(Arc::new(server)),
                Err(error) => {
                    tracing::debug!("no fork server, workers are started anew: {error}");
                    State::Unavailable
                }
            };
        }
        match &*state {
            State::Serving(server) => Some(Arc::clone(server)),
            _ => None,
        }
    }
}

impl Server {
    fn start(mut command: Command) -> io::Result<Self> {
        let (control, theirs) = UnixStream::pair()?;
        command
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::null());
        let (tell, told) = mpsc::channel();
        // The server dies with the thread that started it (prctl(2), PR_SET_PDEATHSIG): that one has nothing else to do.
        let keeper = thread::Builder::new()
            .name("fork server".into())
            .spawn(move || {
                let started = command.spawn();
                // It holds the server's end of the control: nobody would hear that the server is gone.
                drop(command);
                match started {
                    Ok(mut server) => {
                        // Both fail only where nobody is left to be told.
                        let _ = tell.send(Ok(()));
                        let _ = server.wait();
                    }
                    Err(error) => drop(tell.send(Err(error))),
                }
            })?;
        let server = Server {
            control,
            keeper: Some(keeper),
        };
        told.recv().map_err(io::Error::other)??;
        server.control.set_read_timeout(Some(START))?;
        let mut ready = [0];
        (&server.control).read_exact(&mut ready)?;
        match ready {
            [READY] => Ok(server),
            [other] => Err(io::Error::other(format!("it is not ready but {other}"))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when nobody can ask it any more, and is waited for, so that what it took is counted as ours.
        let _ = self.control.shutdown(Shutdown::Both);
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

/// A worker that was forked, as its parent sees it.
#[derive(Debug)]
pub(super) struct Forked {
    watch: UnixStream,
    ended: Option<Ended>,
    /// Lives as long as its workers.
    _server: Arc<Server>,
}

#[derive(Debug, Clone, Copy)]
enum Ended {
    As(ExitStatus),
    NotForked(i32),
    ServerGone,
}

impl Forked {
    /// How it ended, if it does so within that time.
    pub(super) fn wait(&mut self, most: Option<Duration>) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.watch.set_read_timeout(most)?;
            let mut told = [0; 5];
            self.ended = match (&self.watch).read_exact(&mut told) {
                Ok(()) => {
                    let number = i32::from_le_bytes([told[1], told[2], told[3], told[4]]);
                    Some(if told[0] == ENDED {
                        Ended::As(ExitStatus::from_raw(number))
                    } else {
                        Ended::NotForked(number)
                    })
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    None
                }
                Err(_) => Some(Ended::ServerGone),
            };
        }
        match self.ended {
            None => Ok(None),
            Some(Ended::As(status)) => Ok(Some(status)),
            Some(Ended::NotForked(number)) => Err(io::Error::from_raw_os_error(number)),
            Some(Ended::ServerGone) => Err(io::Error::other("the fork server is gone")),
        }
    }

    /// Kills it, and waits until it is gone.
    pub(super) fn kill(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            // Fails where it is closed already: then there is nobody to be killed.
            let _ = self.watch.shutdown(Shutdown::Write);
        }
        self.wait(None)
    }
}
