//! The promises of the store ports as named cases, for every implementation of them.
//!
//! [`conformance!`](crate::conformance) makes one test of each case, so that a failure names the promise
//! that was broken:
//!
//! ```ignore
//! order_store::conformance!(my_store, || async { MyStore::empty().await });
//! ```
//!
//! Every case gets a store of its own, which must be empty. The crate that uses the macro needs `tokio`
//! with the features `macros` and `rt-multi-thread`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "assertions are what a test suite is for; none of this runs in a host"
)]

pub mod cases;
mod make;

pub use make::{Maker, asks, at, customer, key, phone, sku, store, ties};

/// Makes a module of tests, one for each promise of the store ports.
///
/// Takes a name for the module, and a function or closure without parameters that returns a future of an
/// empty store (anything that is [`OrderStore`](order_core::ports::OrderStore) and
/// [`OrderSearch`](order_core::ports::OrderSearch)).
#[macro_export]
macro_rules! conformance {
    ($name:ident, $factory:expr) => {
        $crate::conformance_cases! { $name, $factory;
            commits: a_new_order_is_read_back_byte_for_byte, an_order_is_found_by_its_code,
                an_unknown_order_is_none, a_second_order_of_one_id_is_refused,
                a_second_order_of_one_code_is_refused, a_used_key_is_told_before_anything_else,
                a_key_counts_within_its_store, a_stale_revision_is_refused_with_both_revisions,
                a_change_of_an_unknown_order_is_refused, events_must_follow_on,
                events_must_end_at_the_snapshot, events_must_be_of_the_order,
                a_new_order_needs_an_event, an_order_keeps_its_store_and_code,
                a_commit_without_events_keeps_the_revision, a_refused_commit_leaves_nothing,
                an_effect_id_is_used_once;
            log: positions_grow_with_every_event, events_after_a_place_come_in_order,
                events_of_one_store_only, history_is_by_revision, every_kind_of_event_is_read_back;
            holds: held_adds_up_in_the_order_asked, a_hold_beyond_stock_is_refused,
                lines_of_one_sku_add_up, own_holds_do_not_stand_in_the_way, sizes_and_stores_are_apart,
                unknown_stock_is_not_checked, handed_over_holds_count_until_a_younger_figure,
                a_second_handover_changes_nothing, release_ends_holds_once, keep_keeps,
                held_leaves_out_the_order_that_asks, a_negative_hold_is_refused;
            ties: orders_that_share_a_key_are_found, canceled_and_removed_orders_are_not_a_customers,
                earlier_orders_are_left_out, the_mark_grows_with_every_tied_event,
                a_decision_on_an_old_mark_is_refused, a_mark_is_compared_from_the_same_moment,
                strangers_do_not_disturb_each_other, a_tied_event_files_what_was_not_filed,
                counts_are_of_one_key_from_one_moment, a_full_slot_is_refused,
                a_pause_holds_for_its_store,
                a_busy_customer_is_told_before_a_full_slot_and_short_stock,
                the_keys_of_a_customer_tie_their_orders;
            outbox: due_work_is_claimed_oldest_first, claimed_work_is_not_claimed_again,
                an_ended_lease_hands_over_and_the_old_token_is_refused,
                a_lost_lease_refuses_the_whole_commit, an_extended_claim_goes_on, done_work_goes,
                work_comes_again_when_told,
                fresh_work_counts_anew, a_settled_claim_settles_nothing_more,
                unclaimed_work_cannot_be_settled, pos_work_of_an_order_keeps_its_line,
                an_earlier_change_that_comes_late_goes_first, other_lanes_do_not_wait,
                skipped_stores_keep_their_work, next_due_is_the_earliest_that_can_move,
                the_limit_is_kept, the_backlog_counts, outcome_and_event_are_one_commit;
            search: filters_let_through_what_they_say, removed_orders_are_hidden_unless_asked_for,
                text_is_found_in_every_field, text_ignores_case_beyond_ascii,
                wildcards_are_only_letters, text_does_not_match_across_fields, pages_follow_on_in_every_order,
                paging_neither_repeats_nor_skips_while_orders_come, counts_leave_out_status_and_cursor,
                a_search_follows_a_change, the_last_page_has_no_next, moments_are_bounds;
            races: one_of_many_writers_of_a_revision_wins, one_key_makes_one_order,
                claimers_never_share, holds_never_exceed_stock, one_order_of_a_customer_wins_each_round,
                a_slot_is_never_overfilled, positions_are_never_filled_in_later;
        }
    };
}

/// What [`conformance!`] expands to; the list of cases is its own affair.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ($name:ident, $factory:expr; $($group:ident: $($case:ident),+;)+) => {
        mod $name {
            use super::*;
            $crate::conformance_groups! { $factory; $($group: $($case),+;)+ }
        }
    };
}

/// One module of tests for each group of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_groups {
    ($factory:expr;) => {};
    ($factory:expr; $group:ident: $($case:ident),+; $($rest:tt)*) => {
        mod $group {
            use super::*;
            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::testkit::cases::$group::$case(($factory)().await).await;
                }
            )+
        }
        $crate::conformance_groups! { $factory; $($rest)* }
    };
}
