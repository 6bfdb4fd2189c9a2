//! Looks at all shares at once, each in a thread of its own, so that one that stops answering holds nobody up.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

use rustix::fs::FileType;
use serde::{Deserialize, Serialize};

use super::{
    access::Held,
    look::{self, Looked, look_at},
    tally::Tally,
    walk::{self, Plan, Progress},
};
use crate::{input::Root, nas::INDICATOR};

/// How often the threads are looked after.
const BEAT: Duration = Duration::from_millis(20);
/// Folders that are asked at the same time whether they answer.
const ASKED: usize = 512;

/// One share to look at.
pub struct Target {
    /// The file system that it is in.
    pub root: Root,
    /// Where it is, as the host sees it.
    pub point: PathBuf,
    /// How it is walked; the folder is found out.
    pub plan: Plan,
    /// Files on it whose attributes are wanted.
    pub wanted: Vec<PathBuf>,
    /// Folders above that are the copy's, not the host's.
    pub skip: usize,
}

/// How the look at a share ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// All was seen.
    Done,
    /// Nothing came for as long as the time-out.
    Silent,
    /// The user has seen enough.
    Stopped,
    /// There is no such folder.
    Absent,
    /// The folder cannot be read, for this reason.
    Refused(String),
}

/// What was seen of the indicator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeenIndicator {
    /// What is there.
    pub looked: Looked,
    /// Whether `os.path.isfile` is true for it, links followed.
    pub is_file: bool,
}

/// A file whose attributes were wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// It is there; and the folders above it.
    There(Looked, Vec<Held>),
    /// It is not there.
    Absent,
    /// Nobody knows.
    Unknown,
}

/// What was seen of a share.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How it ended.
    pub end: End,
    /// The folder itself.
    pub folder: Option<Looked>,
    /// The folders above it.
    pub above: Vec<Held>,
    /// The indicator; none where there is none.
    pub indicator: Option<SeenIndicator>,
    /// Whether the indicator was looked for.
    pub indicator_known: bool,
    /// The counts.
    pub tally: Tally,
    /// The wanted files, in order.
    pub wanted: Vec<Wanted>,
}

impl Seen {
    /// One of which no more is known.
    pub fn unknown(end: End, tally: Tally) -> Self {
        Self {
            end,
            folder: None,
            above: Vec::new(),
            indicator: None,
            indicator_known: false,
            tally,
            wanted: Vec::new(),
        }
    }
}

/// Limits of the look.
pub struct Limits<'l> {
    /// Shares at a time.
    pub jobs: usize,
    /// The longest silence of a share.
    pub timeout: Duration,
    /// Set when the user has seen enough.
    pub stop: &'l AtomicBool,
    /// Told from time to time how many answers came.
    pub beat: &'l dyn Fn(u64),
}

struct Running {
    at: usize,
    progress: Arc<Progress>,
    ticks: u64,
    since: Instant,
}

/// Looks at all of them; in the order of `targets`.
pub fn run(targets: Vec<Target>, limits: &Limits<'_>) -> Vec<Seen> {
    let (sender, receiver) = channel::<(usize, Seen)>();
    let mut seen: Vec<Option<Seen>> = targets.iter().map(|_| None).collect();
    let mut waiting = targets.into_iter().enumerate();
    let mut running: Vec<Running> = Vec::new();
    let mut finished_ticks = 0;
    loop {
        let stopped = limits.stop.load(Ordering::Relaxed);
        while !stopped && running.len() < limits.jobs.max(1) {
            let Some((at, target)) = waiting.next() else { break };
            let progress = Arc::<Progress>::default();
            running.push(Running { at, progress: Arc::clone(&progress), ticks: 0, since: Instant::now() });
            let sender = sender.clone();
            let look = move || {
                let _ = sender.send((at, look_over(target, &progress)));
            };
            if let Err(error) = std::thread::Builder::new().spawn(look) {
                running.pop();
                seen[at] = Some(Seen::unknown(End::Refused(crate::text::plain(&error)), Tally::default()));
            }
        }
        if running.is_empty() || stopped {
            break;
        }
        match receiver.recv_timeout(BEAT) {
            Ok((at, one)) => {
                // One that was given up may answer after all; what was said stays.
                if let Some(index) = running.iter().position(|job| job.at == at) {
                    finished_ticks += running.swap_remove(index).progress.ticks.load(Ordering::Relaxed);
                    seen[at] = Some(one);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        let mut total = finished_ticks;
        running.retain_mut(|job| {
            let ticks = job.progress.ticks.load(Ordering::Relaxed);
            total += ticks;
            if ticks != job.ticks {
                job.ticks = ticks;
                job.since = Instant::now();
            }
            let silent = job.since.elapsed() >= limits.timeout;
            if silent {
                job.progress.stop.store(true, Ordering::Relaxed);
                seen[job.at] = Some(Seen::unknown(End::Silent, job.progress.so_far()));
            }
            !silent
        });
        (limits.beat)(total);
    }
    for job in running {
        job.progress.stop.store(true, Ordering::Relaxed);
        seen[job.at] = Some(Seen::unknown(End::Stopped, job.progress.so_far()));
    }
    seen.into_iter().map(|one| one.unwrap_or_else(|| Seen::unknown(End::Stopped, Tally::default()))).collect()
}

/// Which of these folders do not answer in time, or cannot be asked.
pub fn silent(folders: Vec<PathBuf>, timeout: Duration, stop: &AtomicBool) -> Vec<PathBuf> {
    let (sender, receiver) = channel::<usize>();
    let mut open: Vec<bool> = folders.iter().map(|_| true).collect();
    let mut waiting = folders.iter().enumerate().peekable();
    let mut running = 0;
    let since = Instant::now();
    while since.elapsed() < timeout && !stop.load(Ordering::Relaxed) {
        while running < ASKED
            && let Some(&(at, folder)) = waiting.peek()
        {
            let (sender, folder) = (sender.clone(), folder.clone());
            let ask = move || {
                let _ = std::fs::symlink_metadata(&folder);
                let _ = std::fs::metadata(folder.join(INDICATOR));
                let _ = sender.send(at);
            };
            // Where there are no more threads to be had, those that end make room.
            if std::thread::Builder::new().spawn(ask).is_err() {
                break;
            }
            waiting.next();
            running += 1;
        }
        if running == 0 {
            break;
        }
        if let Ok(at) = receiver.recv_timeout(BEAT) {
            open[at] = false;
            running -= 1;
        }
    }
    folders.into_iter().zip(open).filter(|(_, open)| *open).map(|(folder, _)| folder).collect()
}

fn look_over(mut target: Target, progress: &Arc<Progress>) -> Seen {
    let mut seen = Seen::unknown(End::Done, Tally::default());
    match target.root.real(&target.point) {
        Ok((folder, _)) => target.plan.folder = folder,
        Err(error) => {
            seen.end = ending(&error);
            return seen;
        }
    }
    let ask = |path: &std::path::Path| look_at(path, progress);
    seen.above = look::above(&target.plan.folder, target.skip, &ask);
    let folder = &target.plan.folder;
    match look_at(folder, progress) {
        Ok(looked) if looked.file_type() == FileType::Directory => seen.folder = Some(looked),
        Ok(_) => {
            seen.end = End::Refused("is not a folder".into());
            return seen;
        }
        Err(error) => {
            seen.end = ending(&error);
            return seen;
        }
    }
    let indicator = folder.join(INDICATOR);
    match look_at(&indicator, progress) {
        Ok(looked) => {
            let is_file = std::fs::metadata(&indicator).is_ok_and(|meta| meta.is_file());
            seen.indicator = Some(SeenIndicator { looked, is_file });
            seen.indicator_known = true;
        }
        Err(error) => seen.indicator_known = error.kind() == io::ErrorKind::NotFound,
    }
    if let Err(error) = walk::walk(&target.plan, progress) {
        seen.end = ending(&error);
    }
    for path in &target.wanted {
        seen.wanted.push(match look_at(path, progress) {
            Ok(looked) => Wanted::There(looked, look::above(path, target.skip, &ask)),
            Err(_) => Wanted::Absent,
        });
    }
    seen.tally = progress.so_far();
    seen
}

fn ending(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => End::Absent,
        io::ErrorKind::TimedOut => End::Silent,
        _ => End::Refused(crate::text::plain(error)),
    }
}
