//! The inspector sees what it is there to see.

use hpcs_zeroize_test::{Inspector, found_alive, found_in_freed, register};

#[global_allocator]
static ALLOCATOR: Inspector = Inspector;

#[test]
fn a_secret_in_a_plain_vector_is_seen_alive_and_when_it_is_freed() {
    let bytes: [u8; 16] = std::array::from_fn(|index| (index as u8).wrapping_mul(71) ^ 0x3b);
    register(&bytes);
    let secret = std::hint::black_box(bytes.to_vec());
    assert_eq!(found_alive(), 1);
    drop(secret);
    assert_eq!(found_in_freed(), 1);
}
