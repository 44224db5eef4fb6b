//! The inputs of the fuzz targets, run as ordinary tests: each whole, cut off, and with bits flipped.
#![allow(clippy::unwrap_used, reason = "a file that cannot be read is a failed test")]

#[path = "../fuzz/entrances.rs"]
mod entrances;

use std::fs;
use std::path::{Path, PathBuf};

use entrances::{ENTRANCES, right, run};

/// Bits flipped for each input.
const FLIPS: usize = 100;
/// Bits from one flip to the next: a prime larger than any field, so that the flips spread over the input.
const STRIDE: usize = 7919;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

#[test]
fn every_entrance_takes_what_is_right_whole_cut_off_and_damaged() {
    for (name, _) in ENTRANCES {
        run(name, &[]);
        for input in right(name) {
            run(name, &input);
            // As a change, zeros change nothing.
            run(name, &vec![0; input.len()]);
            for end in (0..input.len()).step_by(3) {
                run(name, &input[..end]);
            }
            let bits = input.len() * 8;
            for bit in (0..FLIPS).map(|flip| flip * STRIDE % bits) {
                let mut damaged = input.to_vec();
                damaged[bit / 8] ^= 1 << (bit % 8);
                run(name, &damaged);
                let mut change = vec![0; input.len()];
                change[bit / 8] = 1 << (bit % 8);
                run(name, &change);
            }
        }
    }
}

#[test]
fn every_entrance_has_a_fuzz_target_and_the_reverse() {
    let files = fs::read_dir(folder("fuzz_targets")).unwrap().map(|entry| entry.unwrap().path());
    let mut targets: Vec<_> = files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    targets.sort();
    let entrances: Vec<_> = ENTRANCES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, entrances);
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    for name in entrances {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is in the manifest");
    }
}
