//! What every backend must do: each rule below is a test for each backend.
//!
//! PostgreSQL is started by the tests; where it is not installed its tests say by name that they were skipped, and with
//! `HPCS_TEST_REQUIRE_POSTGRES=1` they fail.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/postgres.rs"]
#[allow(dead_code)]
mod server;

#[path = "contract/backend.rs"]
mod backend;
#[path = "contract/chain.rs"]
mod chain;
#[path = "contract/crowd.rs"]
mod crowd;
#[path = "contract/log_changes.rs"]
mod log_changes;
#[path = "contract/reading.rs"]
mod reading;
#[path = "contract/records.rs"]
mod records;
#[path = "contract/retention.rs"]
mod retention;

/// A test of each rule for each backend.
macro_rules! rules {
    ($($topic:ident: $($rule:ident),* ;)*) => {
        rules!(@backend memory Memory $($topic $($rule)*,)*);
        rules!(@backend sqlite Sqlite $($topic $($rule)*,)*);
        rules!(@backend postgres Postgres $($topic $($rule)*,)*);
    };
    (@backend $name:ident $backend:ident $($topic:ident $($rule:ident)*,)*) => {
        mod $name {
            $(mod $topic {
                use crate::backend::{Backend, test};
                $(#[tokio::test]
                async fn $rule() {
                    test(Backend::$backend, stringify!($rule), async |given| crate::$topic::$rule(given).await).await;
                })*
            })*
        }
    };
}

rules! {
    records:
        a_write_on_an_old_version_conflicts_and_changes_nothing,
        of_two_changes_the_first_is_not_written_when_the_second_conflicts,
        a_guard_on_an_absent_record_holds_until_it_is_created,
        a_moved_guard_conflicts,
        guards_alone_are_checked_and_leave_nothing,
        a_deleted_record_can_be_created_again_but_old_decisions_do_not_fit_its_successor,
        records_come_in_the_order_of_the_keys,
        what_is_erased_is_replaced_like_anything_else,
        the_name_says_what_it_is,
        nothing_is_committed_after_closing;
    crowd:
        of_two_writers_on_one_version_exactly_one_wins,
        a_crowd_leaves_a_gapless_log_and_loses_nothing,
        a_commit_whose_caller_has_gone_still_happens,
        a_conflict_in_a_group_harms_nobody_else,
        followers_are_woken_by_events_and_by_nothing_else,
        an_operation_that_never_was_did_not_happen;
    reading:
        each_instance_has_a_gapless_sequence_and_time_never_runs_back,
        reading_goes_on_where_it_stopped_and_filters_do_not_lose_the_place,
        a_filter_that_matches_nothing_comes_to_the_end,
        reading_backwards_begins_with_the_newest,
        bounds_in_time_take_the_first_and_leave_the_last,
        lists_of_a_filter_are_joined,
        rare_and_common_events_come_in_one_order,
        an_unknown_instance_has_an_empty_log,
        a_page_is_never_longer_than_its_limit;
    retention:
        the_newest_events_are_kept_and_hardly_more,
        bytes_bound_a_log_but_its_newest_event_stays,
        events_beyond_the_age_are_hidden_at_once,
        what_is_cut_away_becomes_the_anchor,
        a_large_append_is_cut_to_the_bound_by_its_own_commit,
        a_crowd_of_events_is_cut_to_the_bound_by_its_own_commits,
        each_log_is_cut_by_itself;
    chain:
        digests_build_on_each_other_from_nothing,
        a_chain_goes_on_from_the_anchor_that_retention_left,
        without_the_option_there_are_no_digests;
    log_changes:
        a_log_begins_after_its_anchor_and_goes_on,
        a_log_that_is_there_cannot_begin,
        an_anchor_out_of_reach_is_refused,
        appended_events_stay_as_they_are,
        events_that_do_not_follow_are_refused,
        events_of_another_instance_are_refused,
        nothing_is_appended_to_a_log_that_is_not_there,
        a_dropped_log_is_gone_and_its_successor_starts_at_one,
        changes_of_a_unit_build_on_each_other,
        an_event_follows_what_its_own_unit_appends;
}
