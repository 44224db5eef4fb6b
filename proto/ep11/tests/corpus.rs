//! The inputs of the fuzz targets, run as ordinary tests: each file whole, cut off everywhere, and with bits flipped.

#[path = "../fuzz/decoders.rs"]
mod decoders;

use std::fs;
use std::path::{Path, PathBuf};

use decoders::{DECODERS, run};

/// Bits flipped for each file.
const FLIPS: usize = 200;
/// Bits from one flip to the next. A prime larger than any format's field, so that the flips spread over the file.
const STRIDE: usize = 7919;

/// A folder of the fuzz crate.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// The files of a folder, sorted by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn every_decoder_takes_its_corpus_whole_cut_off_and_damaged() {
    for (name, _) in DECODERS {
        let files = files(&folder("corpus").join(name));
        assert!(files.len() >= 3, "{name} has a corpus");
        for file in files {
            let input = fs::read(&file).expect("a readable corpus file");
            run(name, &input);
            for end in 0..input.len() {
                run(name, &input[..end]);
            }
            let bits = input.len() * 8;
            for bit in (0..FLIPS).map(|flip| flip * STRIDE % bits.max(1)).filter(|bit| *bit < bits) {
                let mut damaged = input.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                run(name, &damaged);
            }
        }
    }
}

#[test]
fn every_decoder_has_a_fuzz_target_and_the_reverse() {
    let targets: Vec<_> =
        files(&folder("fuzz_targets")).iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    let decoders: Vec<_> = DECODERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, decoders);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("the manifest of the fuzz crate");
    for name in decoders {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is in the manifest");
    }
}
