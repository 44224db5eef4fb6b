//! An allocator that looks for secrets: in every block that is freed, and in every block that is alive.
//!
//! A test registers needles, the bytes that must not be found, and asks afterwards. Needles are kept masked, so that the
//! allocator's own copy is not found. Blocks are looked at byte for byte before the memory goes back to the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The allocator; a test declares it with `#[global_allocator]`.
pub struct Inspector;

const NEEDLES: usize = 32;
const SIZE: usize = 16;
const MASK: u8 = 0xa5;
const BLOCKS: usize = 1 << 20;
const FREE: usize = 0;
const GONE: usize = 1;

static NEEDLE_BYTES: [[AtomicU8; SIZE]; NEEDLES] = [const { [const { AtomicU8::new(0) }; SIZE] }; NEEDLES];
static NEEDLE_COUNT: AtomicUsize = AtomicUsize::new(0);
static FOUND_IN_FREED: AtomicUsize = AtomicUsize::new(0);
static ADDRESSES: [AtomicUsize; BLOCKS] = [const { AtomicUsize::new(FREE) }; BLOCKS];
static LENGTHS: [AtomicUsize; BLOCKS] = [const { AtomicUsize::new(0) }; BLOCKS];
static UNTRACKED: AtomicUsize = AtomicUsize::new(0);

/// Registers bytes that must not be found; the first 16 are what is looked for.
///
/// # Panics
/// When they are fewer than 16, or too many needles are registered.
pub fn register(needle: &[u8]) {
    assert!(needle.len() >= SIZE, "a needle has at least {SIZE} bytes");
    let slot = NEEDLE_COUNT.load(Ordering::SeqCst);
    for (byte, kept) in needle.iter().zip(&NEEDLE_BYTES[slot]) {
        kept.store(byte ^ MASK, Ordering::SeqCst);
    }
    NEEDLE_COUNT.store(slot + 1, Ordering::SeqCst);
}

/// How many freed blocks held a needle so far.
pub fn found_in_freed() -> usize {
    FOUND_IN_FREED.load(Ordering::SeqCst)
}

/// How many living blocks hold a needle now. No other thread may be writing to memory meanwhile.
pub fn found_alive() -> usize {
    let alive = ADDRESSES.iter().zip(&LENGTHS).filter(|(address, length)| {
        let (address, length) = (address.load(Ordering::SeqCst), length.load(Ordering::SeqCst));
        // SAFETY: the block was handed out and not yet given back: dealloc marks it before it is freed.
        address > GONE && unsafe { holds_needle(address as *const u8, length) }
    });
    alive.count()
}

/// How many blocks were too many to remember; a test that wants to be believed finds 0.
pub fn untracked() -> usize {
    UNTRACKED.load(Ordering::SeqCst)
}

// SAFETY: every call goes to the system allocator unchanged; reading happens while the block is still the caller's.
unsafe impl GlobalAlloc for Inspector {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { System.alloc(layout) };
        remember(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { System.alloc_zeroed(layout) };
        remember(block, layout.size());
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        forget(block);
        // SAFETY: the block has this size and is not freed yet.
        if unsafe { holds_needle(block, layout.size()) } {
            FOUND_IN_FREED.fetch_add(1, Ordering::SeqCst);
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
    // realloc stays the default: allocate, copy, free, so that the old block is looked at.
}

/// # Safety
/// `block` points to `length` readable bytes.
unsafe fn holds_needle(block: *const u8, length: usize) -> bool {
    let count = NEEDLE_COUNT.load(Ordering::SeqCst);
    if count == 0 || length < SIZE {
        return false;
    }
    for start in 0..=length - SIZE {
        for needle in &NEEDLE_BYTES[..count] {
            // SAFETY: start + at < length. Volatile, because uninitialised bytes are read as they are.
            let same = |at: usize| unsafe { block.add(start + at).read_volatile() } ^ MASK == needle[at].load(Ordering::Relaxed);
            if (0..SIZE).all(same) {
                return true;
            }
        }
    }
    false
}

fn remember(block: *mut u8, length: usize) {
    let address = block as usize;
    if address <= GONE {
        return;
    }
    for slot in probe(address) {
        let free = ADDRESSES[slot].load(Ordering::SeqCst);
        if free <= GONE && ADDRESSES[slot].compare_exchange(free, address, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            LENGTHS[slot].store(length, Ordering::SeqCst);
            return;
        }
    }
    UNTRACKED.fetch_add(1, Ordering::SeqCst);
}

fn forget(block: *mut u8) {
    let address = block as usize;
    for slot in probe(address) {
        match ADDRESSES[slot].load(Ordering::SeqCst) {
            found if found == address => return ADDRESSES[slot].store(GONE, Ordering::SeqCst),
            FREE => return,
            _ => {}
        }
    }
}

fn probe(address: usize) -> impl Iterator<Item = usize> {
    let start = (address >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    (0..4096).map(move |step| (start + step) % BLOCKS)
}
