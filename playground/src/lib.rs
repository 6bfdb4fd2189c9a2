//! What the page asks of the library: one JSON document in, one out. `room` gives memory for the question, `answer` takes it.

mod question;

use std::alloc::{Layout, alloc, dealloc};

/// Memory for so many bytes, which `answer` or `forget` takes back.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    match Layout::array::<u8>(length.max(1)) {
        // SAFETY: the layout is never of size 0.
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

/// Gives memory back.
///
/// # Safety
/// It is what `room` or `answer` gave, with its length, once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn forget(at: *mut u8, length: usize) {
    if let Ok(layout) = Layout::array::<u8>(length.max(1)) {
        // SAFETY: by the caller's promise, it was allocated with this layout.
        unsafe { dealloc(at, layout) }
    }
}

/// The answer to a question: where it is (the upper half) and how long (the lower half).
///
/// # Safety
/// The question is what `room` gave, with its length; it is gone afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn answer(at: *mut u8, length: usize) -> u64 {
    // SAFETY: by the caller's promise, so many bytes are there, and nobody else has them.
    let question = unsafe { std::slice::from_raw_parts(at, length) };
    let answer = question::answer(question);
    // SAFETY: as above.
    unsafe { forget(at, length) };
    let to = room(answer.len());
    // SAFETY: `room` gave as many bytes as there are, elsewhere.
    unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), to, answer.len()) };
    ((to as usize as u64) << 32) | answer.len() as u64
}
