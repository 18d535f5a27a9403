//! Work that waits for nothing but the processor, shared out among threads.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

/// Stack of every thread that reads or evaluates configuration, in bytes: nesting may be deep. Memory is only taken as it is used.
pub const STACK: usize = 64 << 20;

/// How many threads `count` pieces of work are worth: one for each `share` of them, as long as there are processors.
pub fn threads(count: usize, share: usize) -> usize {
    // To count them is to read files of the system.
    static PROCESSORS: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    PROCESSORS.min(count.div_ceil(share.max(1))).max(1)
}

/// Runs `work` on so many threads, this one among them, until all have returned. A thread that the system does not give is left out, so what
/// is to be done must be taken from one stock. A panic goes on here.
pub fn on_threads(count: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &work);
        let others: Vec<_> = (1..count).map(start).collect();
        work();
        for other in others.into_iter().flatten() {
            other.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

/// Into so many batches each thread's share is cut, so that no thread waits long for another.
const BATCHES: usize = 8;

/// Does the work for every item, on a further thread for each `share` of them; the results are in the order of the items. Where a share is
/// many, each is little work, and several are given out at a time.
pub fn each<T: Sync, R: Send>(items: &[T], share: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads(items.len(), share);
    if threads == 1 {
        return items.iter().map(work).collect();
    }
    let batches: Vec<&[T]> = items.chunks((share / BATCHES).max(1)).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    on_threads(threads, || {
        while let Some((at, batch)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, batches.get(i)?)))
        {
            let results: Vec<R> = batch.iter().map(&work).collect();
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, results);
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        for share in [1, 30, 100] {
            assert_eq!(each(&items, share, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
        assert!(each(&[] as &[usize], 1, |item| *item).is_empty());
    }

    #[test]
    #[should_panic(expected = "an item that panics")]
    fn a_panic_goes_on_where_the_work_was_given_out() {
        let items: Vec<usize> = (0..1_000).collect();
        each(&items, 1, |item| assert!(*item != 700, "an item that panics"));
    }

    #[test]
    fn little_work_stays_on_one_thread() {
        assert_eq!((threads(0, 10), threads(10, 10), threads(5, usize::MAX)), (1, 1, 1));
    }
}
