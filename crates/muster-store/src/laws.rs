//! The laws that every driver must pass (feature `laws`). A driver's tests call them by [`crate::law_suite!`]; each law
//! makes its own tenants, so that they may share a database and run side by side.
//!
//! To add a law: write the function in the module of its subject, name it in [`crate::law_suite!`], and break a driver
//! on purpose to see it fail.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "laws are tests; they live outside of `cfg(test)` because other crates call them"
)]

pub mod batches;
pub mod bounds;
pub mod changes;
pub mod concurrency;
pub mod filters;
pub mod guard;
pub mod leases;
pub mod lists;
pub mod look_ups;
pub mod memberships;
pub mod nesting;
pub mod ownership;
pub mod races;
pub mod registry;
pub mod requests;
pub mod schemas;
pub mod scopes;
pub mod secrets;
pub mod sorting;
pub mod system_log;
pub mod tenants;
pub mod unique_keys;
pub mod walks;
pub mod webhooks;
mod world;

/// Makes one test of each law. The expression gives a fresh or shared `Arc<dyn Store>` and whatever must live as long
/// as the test, as a pair; it may await.
///
/// ```ignore
/// muster_store::law_suite!(open_in_a_temporary_folder());
/// ```
///
/// `law_suite!(one after another: …)` is an expression that runs them all, for tests that watch a driver at work.
#[macro_export]
macro_rules! law_suite {
    (one after another: $make_store:expr) => {
        $crate::law_suite! { @list @run ($make_store) }
    };
    ($make_store:expr) => {
        $crate::law_suite! { @list @each ($make_store) }
    };
    (@list $($then:tt)*) => {
        $crate::law_suite! { $($then)*
            batches: a_created_resource_is_read_back,
            batches: many_are_found_in_the_order_of_their_ids,
            batches: an_update_makes_the_next_version,
            batches: a_wrong_version_changes_nothing_and_names_the_current_one,
            batches: what_is_not_there_cannot_be_changed,
            batches: a_document_is_only_replaced_with_its_version,
            batches: a_batch_is_all_or_nothing,
            batches: later_writes_of_a_batch_see_the_earlier_ones,
            batches: a_deleted_resource_is_gone,
            unique_keys: a_user_name_is_unique_in_its_tenant_in_any_spelling,
            unique_keys: a_unique_value_is_free_after_a_rename_and_a_deletion,
            unique_keys: a_group_name_is_unique_per_owner,
            unique_keys: a_shared_value_is_not_refused,
            unique_keys: an_unchanged_value_is_never_refused,
            memberships: members_join_in_order_and_leave,
            memberships: a_change_without_effect_makes_no_version,
            memberships: replacing_members_logs_the_difference,
            memberships: unknown_members_are_held_as_pending,
            memberships: a_pending_member_can_leave,
            memberships: unknown_members_are_refused_all_at_once,
            nesting: a_group_is_no_member_of_itself,
            nesting: indirect_memberships_follow_every_change,
            nesting: circles_are_refused_among_concurrent_writers,
            nesting: labels_are_listed_for_those_who_are_there,
            nesting: who_has_a_manager_is_found_by_it,
            memberships: a_deleted_member_leaves_its_groups,
            memberships: a_deleted_group_leaves_nothing_behind,
            memberships: a_renamed_member_is_shown_by_its_new_name,
            memberships: document_and_members_change_in_one_version,
            lists: counters_equal_what_is_there,
            lists: pages_are_in_order_of_creation,
            lists: a_list_carries_what_was_asked_for,
            lists: brackets_speak_of_one_element,
            lists: one_resource_is_listed_once,
            look_ups: many_names_are_found_at_once,
            look_ups: a_name_is_found_as_far_as_the_scope_sees,
            bounds: the_longest_filters_are_answered,
            bounds: a_page_of_large_groups_ends_early,
            bounds: a_page_of_large_documents_ends_early,
            changes: each_effective_write_has_one_entry,
            changes: a_failed_batch_leaves_no_entry,
            changes: an_entry_names_what_differs_and_whose_request_it_was,
            changes: a_reader_sees_every_change_once_while_sixteen_write,
            concurrency: a_writer_reads_its_own_writes,
            concurrency: sixteen_writers_lose_nothing_on_one_document,
            concurrency: sixteen_writers_lose_nothing_on_one_group,
            concurrency: one_of_many_gets_a_unique_value,
            tenants: no_tenant_reaches_another,
            scopes: what_others_brought_is_not_there,
            scopes: a_member_who_is_not_seen_is_unknown,
            scopes: a_membership_is_asked_for_beside_other_conditions,
            scopes: scoped_lists_are_the_whole_without_the_others,
            ownership: an_owner_changes_with_a_version,
            ownership: a_connection_takes_only_what_nobody_owns,
            ownership: a_new_owner_has_unique_names_of_his_own,
            ownership: a_connection_and_a_resource_have_one_conflict,
            ownership: a_decided_conflict_stays_decided,
            ownership: a_conflict_goes_with_its_cause,
            ownership: what_a_connection_owns_is_counted_and_listed,
            registry: tenants_have_unique_names,
            registry: connections_have_names_of_their_own_in_each_tenant,
            registry: a_replaced_token_is_refused_at_once,
            registry: a_deleted_connection_is_gone_and_its_resources_stay,
            registry: the_last_use_is_kept_to_the_minute,
            registry: settings_change_by_their_revision_and_names_stay_unique,
            registry: tenants_are_found_paged_and_renamed,
            registry: a_credential_is_added_suspended_and_deleted_alone,
            registry: api_tokens_are_found_by_digest_and_end_within_their_reach,
            registry: overrides_change_one_by_one,
            registry: repairs_are_counted_up,
            registry: a_key_of_the_installation_is_made_once,
            registry: a_closed_store_says_so,
            races: one_of_many_gets_a_name,
            races: one_of_many_new_tokens_is_left,
            races: one_of_many_changes_of_a_revision_is_made,
            races: a_decision_about_a_conflict_is_not_undone,
            races: who_notes_something_late_leaves_nothing_behind,
            schemas: entries_come_and_go_with_a_revision,
            schemas: what_is_used_stays,
            guard: what_is_taken_away_is_counted_and_refused_beyond_the_limit,
            guard: the_limit_is_of_what_was_there_before,
            guard: each_connection_and_tenant_has_its_own_guard,
            guard: the_window_rolls_on,
            guard: a_reset_begins_anew,
            guard: many_at_once_take_exactly_what_is_allowed,
            guard: what_is_held_is_not_made_and_the_rest_is,
            guard: asking_twice_holds_once_and_asking_otherwise_forgets,
            guard: what_is_made_or_gone_is_not_held,
            leases: one_of_many_gets_a_lease,
            leases: a_lease_lasts_as_long_as_it_is_renewed,
            leases: a_lease_that_was_given_back_is_free,
            leases: who_lost_a_lease_writes_nothing,
            leases: upkeep_takes_away_only_what_no_longer_counts,
            secrets: one_of_many_data_keys_of_a_number_is_made,
            secrets: a_secret_is_found_at_its_place_only,
            secrets: one_of_many_secrets_of_a_place_is_put,
            secrets: one_of_many_new_versions_of_a_secret_is_put,
            secrets: no_secret_is_put_without_its_data_key,
            secrets: an_owner_is_forgotten_and_nobody_else,
            secrets: each_secret_of_a_tenant_is_listed_once,
            system_log: a_deed_and_its_entry_are_committed_together,
            system_log: entries_of_the_system_log_are_asked_for_by_what_they_say,
            requests: an_entry_is_read_back_by_its_tenant_alone,
            requests: entries_are_asked_for_by_what_they_say,
            requests: the_oldest_entries_are_forgotten,
            filters: lists_agree_with_the_evaluator,
            sorting: lists_agree_with_the_comparator,
            walks: a_page_goes_on_from_a_place_that_is_gone,
            walks: a_walk_sees_everybody_once_while_eight_write,
            walks: a_walk_back_gives_the_same_pages,
            webhooks: an_endpoint_is_kept_with_its_keys,
            webhooks: another_tenants_endpoint_is_not_there,
            webhooks: deliveries_of_a_resource_wait_for_one_another,
            webhooks: deliveries_are_listed_the_newest_first,
            webhooks: a_disabled_endpoint_parks_what_is_pending,
            webhooks: what_was_given_up_is_sent_again,
            webhooks: work_is_found_where_there_is_some,
            webhooks: who_lost_the_lease_delivers_nothing,
            webhooks: deliveries_that_ended_are_forgotten,
        }
    };
    (@each ($make_store:expr) $($subject:ident: $law:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $law() {
            let (store, _kept) = $make_store;
            $crate::laws::$subject::$law(store).await;
        }
    )+};
    (@run ($make_store:expr) $($subject:ident: $law:ident,)+) => {{$(
        let (store, _kept) = $make_store;
        $crate::laws::$subject::$law(store).await;
    )+}};
}
