//! Recursion that may go deep: after every so many levels it continues on a fresh stack, so that neither the depth of a text nor
//! the thread it happens to be read on decides whether the program survives it.

use std::cell::Cell;

/// The deepest nesting of brackets, blocks, templates, unary operators and conditionals that is read.
pub(crate) const MAX_NESTING: usize = 500;

/// The longest chain of binary operators or of attribute and index steps in one expression.
pub(crate) const MAX_CHAIN: usize = 1000;

/// After this many levels a fresh stack is taken.
const LEVELS_PER_STACK: usize = 32;

/// Size of a fresh stack: room for [`LEVELS_PER_STACK`] levels of an unoptimised build many times over.
const STACK_BYTES: usize = 4 << 20;

thread_local! {
    static LEVELS: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` one level deeper, on a fresh stack when the current one has served long enough. `None` when the system gives no
/// further thread.
pub(crate) fn deeper<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let level = LEVELS.get();
    if level < LEVELS_PER_STACK {
        LEVELS.set(level + 1);
        let result = work();
        LEVELS.set(level);
        return Some(result);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
