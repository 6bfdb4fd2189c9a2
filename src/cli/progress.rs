use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// A run that takes longer than this says what it is doing.
const LONG: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(200);

/// A line on standard error that says what a long run is doing; only on a terminal, and gone when it is dropped.
pub(super) struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// What is done now; nothing when the run is through.
    doing: Mutex<Option<String>>,
    changed: Condvar,
}

impl Progress {
    /// Watches a run, unless nobody looks.
    pub(super) fn start(quiet: bool, doing: &str) -> Self {
        let shared = Arc::new(Shared { doing: Mutex::new(Some(doing.to_string())), changed: Condvar::new() });
        let seen = !quiet && io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let watched = Arc::clone(&shared);
        let thread = seen.then(|| thread::spawn(move || watched.show()));
        Self { shared, thread }
    }

    /// Another part of the run begins.
    pub(super) fn now(&self, doing: String) {
        *self.shared.doing.lock().unwrap_or_else(PoisonError::into_inner) = Some(doing);
    }
}

impl Shared {
    fn show(&self) {
        let start = Instant::now();
        let mut shown = false;
        let mut doing = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(what) = doing.as_deref() {
            if start.elapsed() >= LONG {
                let _ = write!(io::stderr(), "\r\u{1b}[2Kcinderlint: {what}, {} s", start.elapsed().as_secs());
                shown = true;
            }
            let wait = if shown { EVERY } else { LONG.saturating_sub(start.elapsed()).max(Duration::from_millis(1)) };
            doing = self.changed.wait_timeout(doing, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        if shown {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.shared.doing.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
