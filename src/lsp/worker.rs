//! The worker: lints snapshots, and answers questions about them.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};
use gen_lsp_types::Diagnostic;
use lsp_server::{ErrorCode, Request, Response};

use super::{
    analysis::{self, Analysis},
    diagnostics,
    texts::{Open, Snapshot},
};
use crate::{
    input::forms::{self, Candidate},
    lint::Rule,
    settings::SettingsError,
    source,
    workspace::Workspace,
};

/// How long a run may take before runs wait for a pause in the typing.
const QUICK: Duration = Duration::from_millis(20);
/// How long a pause is.
const PAUSE: Duration = Duration::from_millis(100);

/// What the worker is asked to do.
pub(super) enum Job {
    /// Find out what is wrong in all texts that the editor holds.
    Lint(Arc<Snapshot>),
    /// Answer a question about one state.
    Answer(Arc<Snapshot>, Request),
}

/// What the worker has to say.
pub(super) enum Event {
    /// The findings of each file, as of a revision.
    Linted(u64, BTreeMap<PathBuf, Vec<Diagnostic>>),
    /// An answer.
    Answered(Response),
}

/// How a question is answered.
pub(super) type Answer = fn(&mut Worker, &Snapshot, Request) -> Response;

/// Several files that are read together, as of some texts.
struct Known {
    disk: u64,
    /// The texts of the editor among them, and those of settings.
    texts: Vec<Arc<Open>>,
    analysis: Arc<Analysis>,
}

/// The worker's memory.
pub(super) struct Worker {
    rules: Vec<Arc<Rule>>,
    answer: Answer,
    /// The folders, as they were when `disk` was that.
    bases: HashMap<PathBuf, (u64, usize, Arc<Workspace>)>,
    known: HashMap<Vec<PathBuf>, Known>,
    /// The settings that cannot be used, and why.
    pub broken: Option<(PathBuf, Diagnostic)>,
}

impl Worker {
    pub(super) fn new(rules: Vec<Arc<Rule>>, answer: Answer) -> Self {
        Self { rules, answer, bases: HashMap::new(), known: HashMap::new(), broken: None }
    }

    /// Works until nobody asks any more.
    pub(super) fn work(mut self, jobs: &Receiver<Job>, events: &Sender<Event>) {
        let mut took = Duration::ZERO;
        let mut waiting = std::collections::VecDeque::new();
        loop {
            let Some(job) = waiting.pop_front().or_else(|| jobs.recv().ok()) else { return };
            let event = match job {
                Job::Lint(mut snapshot) => {
                    // Only the newest state is of interest; questions keep their place.
                    let pause = if took > QUICK { PAUSE } else { Duration::ZERO };
                    while let Ok(next) = jobs.recv_timeout(pause) {
                        match next {
                            Job::Lint(newer) => snapshot = newer,
                            question @ Job::Answer(..) => {
                                waiting.push_back(question);
                                if took <= QUICK {
                                    break;
                                }
                            }
                        }
                    }
                    let start = Instant::now();
                    let found = catch_unwind(AssertUnwindSafe(|| self.lint(&snapshot)));
                    took = start.elapsed();
                    match found {
                        Ok(found) => Event::Linted(snapshot.revision, found),
                        // What panicked may have left half of something behind.
                        Err(_) => {
                            self.forget();
                            continue;
                        }
                    }
                }
                Job::Answer(snapshot, request) => {
                    let id = request.id.clone();
                    let answered = catch_unwind(AssertUnwindSafe(|| (self.answer)(&mut self, &snapshot, request)));
                    Event::Answered(answered.unwrap_or_else(|_| {
                        self.forget();
                        let message =
                            "an internal error of cinderlint; please report what was asked of which kind of file";
                        Response::new_err(id, ErrorCode::InternalError as i32, message.into())
                    }))
                }
            };
            if events.send(event).is_err() {
                return;
            }
        }
    }

    fn forget(&mut self) {
        self.bases.clear();
        self.known.clear();
    }

    /// The findings of all texts that the editor holds, and of the files that are read together with them.
    fn lint(&mut self, snapshot: &Snapshot) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        self.broken = None;
        let mut found = BTreeMap::new();
        let mut used = Vec::new();
        for path in snapshot.open.keys() {
            let Some(paths) = self.together(snapshot, path) else { continue };
            if !used.contains(&paths) {
                if let Some(analysis) = self.read(snapshot, &paths) {
                    found.extend(diagnostics::of(&analysis, snapshot));
                }
                used.push(paths);
            }
        }
        self.known.retain(|paths, _| used.contains(paths));
        if let Some((path, diagnostic)) = &self.broken {
            found.entry(path.clone()).or_insert_with(Vec::new).push(diagnostic.clone());
        }
        found
    }

    /// What was found in the files that are read together with one.
    pub(super) fn analysis(&mut self, snapshot: &Snapshot, path: &Path) -> Option<Arc<Analysis>> {
        let paths = self.together(snapshot, path)?;
        self.read(snapshot, &paths)
    }

    fn read(&mut self, snapshot: &Snapshot, paths: &Vec<PathBuf>) -> Option<Arc<Analysis>> {
        let whole: Vec<PathBuf> = paths.iter().map(|path| source::absolute(path)).collect();
        let counts = |path: &PathBuf| whole.contains(path) || path.extension().is_some_and(|ending| ending == "toml");
        let texts: Vec<Arc<Open>> =
            snapshot.open.iter().filter(|(path, _)| counts(path)).map(|(_, open)| Arc::clone(open)).collect();
        if let Some(known) = self.known.get(paths)
            && known.disk == snapshot.disk
            && known.texts.len() == texts.len()
            && known.texts.iter().zip(&texts).all(|(old, new)| Arc::ptr_eq(old, new))
        {
            return Some(Arc::clone(&known.analysis));
        }
        let rules = self.rules.clone();
        let read = |no_settings| Analysis::of(snapshot, paths.clone(), no_settings, &rules);
        let analysis = match read(false) {
            Ok(analysis) => Arc::new(analysis),
            Err(error) => {
                self.complain(&error);
                // The last ones that could be used.
                let last = self.known.get(paths).map(|known| Arc::clone(&known.analysis));
                last.or_else(|| read(true).ok().map(Arc::new))?
            }
        };
        let known = Known { disk: snapshot.disk, texts, analysis: Arc::clone(&analysis) };
        self.known.insert(paths.clone(), known);
        Some(analysis)
    }

    fn complain(&mut self, error: &SettingsError) {
        self.broken = Some(diagnostics::of_settings(error));
    }

    /// The paths of everything that is read together with a file; none: it is nothing of Cinder's.
    fn together(&mut self, snapshot: &Snapshot, path: &Path) -> Option<Vec<PathBuf>> {
        let open = snapshot.open.get(path)?;
        if let Some(folder) = snapshot.folders.iter().filter(|folder| path.starts_with(folder)).max() {
            let base = self.base(snapshot, folder, path)?;
            let is_it = |name: &str| source::absolute(Path::new(name)) == path;
            let is_taken = base.decisions.iter().any(|one| one.form.is_some() && is_it(&one.path));
            let is_part = || base.files.on_disk_only().any(|(_, file)| is_it(&file.relative));
            if is_taken || is_part() {
                return Some(base.beside(path));
            }
        }
        let fs = analysis::file_system(snapshot);
        let candidate = Candidate::with_text(&*fs, path, open.text.as_bytes());
        let is_own = open.is_named || forms::of(&candidate).is_some() && forms::not_read(&candidate).is_none();
        is_own.then(|| vec![path.to_path_buf()])
    }

    /// What a folder holds; read again where something may have changed beside the editor, or where a text is new.
    pub(super) fn base(&mut self, snapshot: &Snapshot, folder: &Path, path: &Path) -> Option<Arc<Workspace>> {
        if let Some((disk, count, base)) = self.bases.get(folder)
            && *disk == snapshot.disk
            && (*count == snapshot.open.len()
                || base.decisions.iter().any(|one| source::absolute(Path::new(&one.path)) == path))
        {
            return Some(Arc::clone(base));
        }
        let rules = self.rules.clone();
        let read = |no_settings| analysis::read(snapshot, vec![folder.to_path_buf()], no_settings, &rules);
        let base = match read(false) {
            Ok(base) => base,
            Err(error) => {
                let base = read(true).ok();
                self.complain(&error);
                base?
            }
        };
        let base = Arc::new(base);
        self.bases.insert(folder.to_path_buf(), (snapshot.disk, snapshot.open.len(), Arc::clone(&base)));
        Some(base)
    }
}
