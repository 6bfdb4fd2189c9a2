//! The same work on many things, by as many threads as there are processors.

use std::{
    num::NonZero,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How many pieces there are for each thread: enough that none waits long for another.
const PIECES: usize = 8;

/// What `work` makes of each piece of `items`, in order; no piece is shorter than `least`, but for the last. What is too
/// little for two threads is one piece, and no thread is started.
pub(crate) fn pieces<T: Sync, R: Send>(items: &[T], least: usize, work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let threads = match items.len() / least.max(1) {
        _ if cfg!(target_family = "wasm") => 1,
        0 | 1 => 1,
        most => processors().min(most),
    };
    if threads == 1 {
        return vec![work(items)];
    }
    let pieces: Vec<&[T]> = items.chunks(items.len().div_ceil(threads * PIECES).max(least)).collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    let run = || {
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(piece) = pieces.get(at)
        {
            let result = work(piece);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where there are no threads to be had, this one does it all.
            let _ = thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads can run at once. To find out takes twenty system calls where there are control groups.
pub(crate) fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get))
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_order_and_whole() {
        for count in [0, 1, 7, 100, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let all: Vec<usize> = super::pieces(&items, 3, <[usize]>::to_vec).concat();
            assert_eq!(all, items);
        }
    }
}
