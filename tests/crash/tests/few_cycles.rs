//! A few cycles of the crash test, in every run of the tests. Many: `cargo run --release -p hpcs-crash`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use hpcs_crash::{Plan, run};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let store = vec!["--data-dir".to_owned(), directory.path().display().to_string()];
    let plan = Plan { program: env!("CARGO_BIN_EXE_crash-server").into(), store, replicas: 1, cycles: 10, seed: 1 };
    let tally = run(&plan).await.unwrap();
    println!("{tally:?}");
    assert!(tally.kills >= 10 && tally.acknowledged > 0);
    // Sixteen clients never rest: a kill that meets nobody is not a kill.
    assert!(tally.committed_unheard + tally.lost_unheard > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_forgets_is_found_out() {
    let plan =
        Plan { program: env!("CARGO_BIN_EXE_crash-server").into(), store: Vec::new(), replicas: 1, cycles: 1, seed: 1 };
    let failure = run(&plan).await.unwrap_err().to_string();
    assert!(failure.starts_with("seed 1, cycle 1: ") && failure.contains("found ["), "{failure}");
}
