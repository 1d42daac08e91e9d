//! Orders for now, and for a time that the customer chose.

use chrono::{DateTime, TimeDelta, Utc};
use order_core::access::Role;
use order_core::model::Store;
use order_core::ports::{Slot, Standing};
use order_core::rules::{OfferedSlot, slots, store_day};
use serde_json::json;

use super::{Ask, HONOLULU, NEW_YORK, daily, store, utc};

fn now_at(store: &Store, now: &str) -> Vec<(&'static str, String, String)> {
    Ask::new(store, utc(now)).problems()
}

fn codes(store: &Store, now: &str, pickup: &str) -> Vec<&'static str> {
    Ask::pickup(store, utc(now), utc(pickup)).codes()
}

fn said(store: &Store, now: &str, pickup: &str) -> String {
    let found = Ask::pickup(store, utc(now), utc(pickup)).problems();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, "fulfillment.pickup_at");
    found[0].2.clone()
}

#[test]
fn orders_for_now_need_an_open_store() {
    let hours = daily("09:00:00", "21:00:00");
    let green = store(NEW_YORK, json!({"hours": hours, "ordering": {"cut_off_minutes": 30}}));
    assert!(now_at(&green, "2026-03-02T14:00:00Z").is_empty());
    assert!(now_at(&green, "2026-03-03T01:29:59Z").is_empty());
    let late = "the last orders before closing have been taken; the store opens Tuesday 9:00 AM";
    let found = now_at(&green, "2026-03-03T01:30:00Z");
    assert_eq!(found, [("past_cut_off", "fulfillment".to_owned(), late.to_owned())]);
    let found = now_at(&green, "2026-03-03T02:00:00Z");
    let closed = "the store is closed now; it opens Tuesday 9:00 AM";
    assert_eq!(found, [("store_closed", "fulfillment".to_owned(), closed.to_owned())]);
    let found = now_at(&green, "2026-03-03T13:59:59Z");
    assert_eq!(found[0].2, "the store is closed now; it opens today 9:00 AM");
    for now in ["2026-03-03T01:30:00Z", "2026-03-03T02:00:00Z"] {
        let staff = Ask { by: Role::Staff, ..Ask::new(&green, utc(now)) };
        assert!(staff.codes().is_empty());
        let ordering = json!({"cut_off_minutes": 30, "when_closed": true});
        assert!(now_at(&store(NEW_YORK, json!({"hours": hours, "ordering": ordering})), now).is_empty());
        assert!(now_at(&store(NEW_YORK, json!({"ordering": {"cut_off_minutes": 30}})), now).is_empty());
    }
    let shut = store(NEW_YORK, json!({"hours": {}}));
    assert_eq!(now_at(&shut, "2026-03-03T01:30:00Z")[0].2, "the store is closed now");
    let once = json!({"exceptions": {"2026-12-24": [{"open": "12:00:00", "close": "15:05:00"}]}});
    let found = now_at(&store(NEW_YORK, json!({"hours": once})), "2026-03-02T17:00:00Z");
    assert_eq!(found[0].2, "the store is closed now; it opens Thursday, December 24, 12:00 PM");
}

#[test]
fn the_cut_off_does_not_bite_where_nobody_closes() {
    let always = store(
        NEW_YORK,
        json!({"hours": daily("00:00:00", "00:00:00"), "ordering": {"cut_off_minutes": 1440}}),
    );
    for now in
        ["2026-03-03T04:59:59Z", "2026-03-03T05:00:00Z", "2026-03-08T06:59:59Z", "2026-11-01T05:59:59Z"]
    {
        assert!(now_at(&always, now).is_empty(), "{now}");
        assert!(codes(&always, now, now).is_empty(), "{now}");
    }
    // Over midnight it bites before the end, not at midnight.
    let bar =
        store(NEW_YORK, json!({"hours": daily("18:00:00", "02:00:00"), "ordering": {"cut_off_minutes": 30}}));
    assert!(now_at(&bar, "2026-06-02T03:59:00Z").is_empty());
    assert!(now_at(&bar, "2026-06-02T05:29:00Z").is_empty());
    assert_eq!(now_at(&bar, "2026-06-02T05:30:00Z")[0].0, "past_cut_off");
}

/// Open from 9 to 21, a slot every half hour.
fn offering(zone: chrono_tz::Tz, lead: u32, days_ahead: u32) -> Store {
    store(
        zone,
        json!({
            "hours": daily("09:00:00", "21:00:00"),
            "ordering": {
                "cut_off_minutes": 30,
                "slots": {"minutes": 30, "capacity": 2, "lead_minutes": lead, "days_ahead": days_ahead},
            },
        }),
    )
}

#[test]
fn a_pickup_time_is_one_on_offer() {
    let green = offering(NEW_YORK, 20, 2);
    let now = "2026-03-02T15:00:00Z";
    for (pickup, code) in [
        ("2026-03-02T15:30:00Z", None),
        ("2026-03-03T01:30:00Z", None),
        ("2026-03-03T14:00:00Z", None),
        ("2026-03-05T01:30:00Z", None),
        ("2026-03-02T14:58:59Z", Some("pickup_in_past")),
        ("1999-12-31T12:00:00Z", Some("pickup_in_past")),
        ("2026-03-02T15:00:00Z", Some("pickup_too_soon")),
        ("2026-03-02T15:19:59Z", Some("pickup_too_soon")),
        ("2026-03-02T15:20:00Z", Some("pickup_not_offered")),
        ("2026-03-02T15:30:01Z", Some("pickup_not_offered")),
        ("2026-03-02T15:30:00.000000001Z", Some("pickup_not_offered")),
        ("2026-03-03T02:00:00Z", Some("store_closed")),
        ("2026-03-03T13:30:00Z", Some("store_closed")),
        ("2026-03-05T04:59:00Z", Some("store_closed")),
        ("2026-03-05T05:00:00Z", Some("pickup_too_far")),
        ("2026-03-05T14:00:00Z", Some("pickup_too_far")),
        ("9999-12-31T14:00:00Z", Some("pickup_too_far")),
    ] {
        assert_eq!(codes(&green, now, pickup), Vec::from_iter(code), "{pickup}");
        let staff = Ask { by: Role::Staff, ..Ask::pickup(&green, utc(now), utc(pickup)) };
        // The people of the store may squeeze one in, but not into the past nor beyond the days they offer.
        let binding = code.filter(|code| ["pickup_in_past", "pickup_too_far"].contains(code));
        assert_eq!(staff.codes(), Vec::from_iter(binding), "{pickup}");
    }
    assert!(said(&green, now, "2026-03-02T15:10:00Z").contains("20 minutes"));
    assert!(said(&green, now, "2026-03-05T14:00:00Z").ends_with("until Wednesday, March 4"));
    assert!(said(&offering(NEW_YORK, 20, 0), now, "2026-03-05T14:00:00Z").ends_with("today"));
    assert!(said(&green, now, "2026-03-03T13:30:00Z").ends_with("it opens Tuesday 9:00 AM"));
    assert!(said(&green, now, "2026-03-02T15:40:00Z").contains("every 30 minutes"));
}

#[test]
fn a_moment_of_thought_is_no_delay() {
    let prompt = offering(NEW_YORK, 0, 0);
    assert!(codes(&prompt, "2026-03-02T15:30:59Z", "2026-03-02T15:30:00Z").is_empty());
    assert!(codes(&prompt, "2026-03-02T15:31:00Z", "2026-03-02T15:30:00Z").is_empty());
    assert_eq!(codes(&prompt, "2026-03-02T15:31:01Z", "2026-03-02T15:30:00Z"), ["pickup_in_past"]);
    let first = |now| slots(&prompt, utc(now), 1)[0].from;
    assert_eq!(first("2026-03-02T15:30:00Z"), utc("2026-03-02T15:30:00Z"));
    assert_eq!(first("2026-03-02T15:30:01Z"), utc("2026-03-02T16:00:00Z"), "but what is over is not offered");
}

#[test]
fn the_cut_off_is_that_of_the_day_ordered_for() {
    let prompt = offering(NEW_YORK, 0, 1);
    assert!(codes(&prompt, "2026-03-03T01:29:59Z", "2026-03-03T01:30:00Z").is_empty());
    assert_eq!(codes(&prompt, "2026-03-03T01:30:00Z", "2026-03-03T01:30:00Z"), ["past_cut_off"]);
    let message = said(&prompt, "2026-03-03T01:30:00Z", "2026-03-03T01:30:00Z");
    assert_eq!(message, "the last orders for that day have been taken; the store opens Tuesday 9:00 AM");
    // After it, and after closing, tomorrow may be ordered for.
    for now in ["2026-03-03T01:30:00Z", "2026-03-03T04:00:00Z"] {
        assert!(codes(&prompt, now, "2026-03-04T01:30:00Z").is_empty(), "{now}");
    }
}

#[test]
fn days_ahead_are_days_of_the_store() {
    // 23:30 in New York, 18:30 in Honolulu: their tomorrows begin apart.
    let now = "2026-03-03T04:30:00Z";
    assert_eq!(codes(&offering(NEW_YORK, 0, 0), now, "2026-03-03T14:00:00Z"), ["pickup_too_far"]);
    assert!(codes(&offering(NEW_YORK, 0, 1), now, "2026-03-03T14:00:00Z").is_empty());
    assert!(codes(&offering(HONOLULU, 0, 0), now, "2026-03-03T06:30:00Z").is_empty());
    assert_eq!(codes(&offering(HONOLULU, 0, 0), now, "2026-03-03T19:00:00Z"), ["pickup_too_far"]);
    // Over the end of a month, a year and February.
    for (now, pickup) in [
        ("2026-04-30T15:00:00Z", "2026-05-01T13:00:00Z"),
        ("2026-12-31T15:00:00Z", "2027-01-01T14:00:00Z"),
        ("2028-02-28T15:00:00Z", "2028-02-29T14:00:00Z"),
        ("2028-02-29T15:00:00Z", "2028-03-01T14:00:00Z"),
        ("2027-02-28T15:00:00Z", "2027-03-01T14:00:00Z"),
    ] {
        assert!(codes(&offering(NEW_YORK, 0, 1), now, pickup).is_empty(), "{pickup}");
        assert_eq!(codes(&offering(NEW_YORK, 0, 0), now, pickup), ["pickup_too_far"], "{pickup}");
    }
}

#[test]
fn after_midnight_it_is_still_the_evening_before() {
    let bar = store(
        NEW_YORK,
        json!({
            "hours": daily("18:00:00", "02:00:00"),
            "ordering": {"slots": {"minutes": 30, "days_ahead": 0}},
        }),
    );
    let evening = "2026-06-02T03:30:00Z";
    assert!(codes(&bar, evening, "2026-06-02T05:30:00Z").is_empty(), "1:30 in the same night");
    assert_eq!(codes(&bar, evening, "2026-06-02T22:00:00Z"), ["pickup_too_far"], "the next evening");
    // And past midnight the coming evening is today.
    assert!(codes(&bar, "2026-06-02T04:30:00Z", "2026-06-02T22:00:00Z").is_empty());
}

#[test]
fn a_full_slot_is_refused() {
    let green = offering(NEW_YORK, 0, 0);
    let now = utc("2026-03-02T15:00:00Z");
    let from = utc("2026-03-02T15:30:00Z");
    let with = |in_slot| {
        let standing = Standing { in_slot, ..Standing::default() };
        Ask { standing, ..Ask::pickup(&green, now, from) }
    };
    assert!(with(1).codes().is_empty());
    assert_eq!(with(1).verdict().slot, Some(Slot { from, capacity: Some(2) }));
    for in_slot in [2, 3, u64::MAX] {
        assert_eq!(with(in_slot).codes(), ["slot_full"]);
        // People of the store may squeeze one in; it counts for those who come after.
        let staff = Ask { by: Role::Staff, ..with(in_slot) };
        assert!(staff.codes().is_empty());
        assert_eq!(staff.verdict().slot, Some(Slot { from, capacity: None }));
    }
    // What is wrong with the time itself comes first.
    let closed = Ask { pickup_at: Some(utc("2026-03-03T02:00:00Z")), ..with(9) };
    assert_eq!(closed.codes(), ["store_closed"]);
    assert_eq!(
        Ask { pickup_at: None, ..with(9) }.verdict().slot,
        None,
        "who comes when it is ready takes no place"
    );
    let between = Ask { by: Role::Staff, ..Ask::pickup(&green, now, utc("2026-03-02T15:47:12Z")) };
    assert_eq!(between.verdict().slot.map(|slot| slot.from), Some(from), "the slot that is under way");
}

#[test]
fn without_slots_today_and_tomorrow_may_be_wished_for() {
    let green = store(NEW_YORK, json!({"hours": daily("09:00:00", "21:00:00")}));
    let now = "2026-03-02T15:00:00Z";
    for (pickup, code) in [
        ("2026-03-02T15:07:31Z", None),
        ("2026-03-04T01:59:59Z", None),
        ("2026-03-04T02:00:00Z", Some("store_closed")),
        ("2026-03-04T14:00:00Z", Some("pickup_too_far")),
        ("2026-03-02T14:50:00Z", Some("pickup_in_past")),
    ] {
        assert_eq!(codes(&green, now, pickup), Vec::from_iter(code), "{pickup}");
        assert_eq!(Ask::pickup(&green, utc(now), utc(pickup)).verdict().slot, None);
    }
    // A store that never said when it is open takes any moment of these days.
    let always = store(NEW_YORK, json!({}));
    assert!(codes(&always, now, "2026-03-04T04:59:00Z").is_empty());
    assert_eq!(codes(&always, now, "2026-03-04T05:00:00Z"), ["pickup_too_far"]);
}

fn offered(store: &Store, now: &str, day: &str) -> Vec<DateTime<Utc>> {
    let all = slots(store, utc(now), usize::MAX);
    let on = |slot: &&OfferedSlot| store_day(store.time_zone, slot.from).to_string() == day;
    all.iter().filter(on).map(|slot| slot.from).collect()
}

#[test]
fn slots_on_offer_fill_the_opening() {
    let green = offering(NEW_YORK, 20, 1);
    let all = slots(&green, utc("2026-03-02T15:00:00Z"), usize::MAX);
    assert_eq!(all.len(), 21 + 24);
    assert_eq!(all[0].from, utc("2026-03-02T15:30:00Z"));
    assert_eq!(all[20].from, utc("2026-03-03T01:30:00Z"));
    assert_eq!((all[21].from, all[44].from), (utc("2026-03-03T14:00:00Z"), utc("2026-03-04T01:30:00Z")));
    assert!(
        all.iter().all(|slot| slot.until - slot.from == TimeDelta::minutes(30) && slot.capacity == Some(2))
    );
    assert_eq!(slots(&green, utc("2026-03-02T15:00:00Z"), 3), all[..3]);
    assert!(slots(&green, utc("2026-03-02T15:00:00Z"), 0).is_empty());
    let past_cut_off = slots(&green, utc("2026-03-03T01:30:00Z"), 1);
    assert_eq!(past_cut_off[0].from, utc("2026-03-03T14:00:00Z"));
    assert!(slots(&store(NEW_YORK, json!({})), utc("2026-03-02T15:00:00Z"), 9).is_empty());
    // The last one ends with the opening.
    let odd = store(
        NEW_YORK,
        json!({"hours": daily("09:00:00", "10:15:00"), "ordering": {"slots": {"minutes": 30}}}),
    );
    let all = slots(&odd, utc("2026-03-02T05:00:00Z"), 9);
    assert_eq!(
        all.iter().map(|slot| (slot.until - slot.from).num_minutes()).collect::<Vec<_>>(),
        [30, 30, 15]
    );
}

#[test]
fn slots_begin_by_the_clock_on_the_wall_also_when_it_is_changed() {
    let always = |minutes| {
        let ordering = json!({"slots": {"minutes": minutes, "days_ahead": 1}});
        store(NEW_YORK, json!({"hours": daily("00:00:00", "00:00:00"), "ordering": ordering}))
    };
    let hourly = always(60);
    let spring = offered(&hourly, "2026-03-07T15:00:00Z", "2026-03-08");
    assert_eq!(spring.len(), 23);
    let autumn = offered(&hourly, "2026-10-31T15:00:00Z", "2026-11-01");
    assert_eq!(autumn.len(), 25);
    assert_eq!(autumn[1..3], [utc("2026-11-01T05:00:00Z"), utc("2026-11-01T06:00:00Z")], "1:00 twice");
    // Every two hours: 2:00 is left out and becomes 3:00; noon is noon.
    let spring = offered(&always(120), "2026-03-07T15:00:00Z", "2026-03-08");
    assert_eq!(spring.len(), 12);
    assert_eq!(spring[1], utc("2026-03-08T07:00:00Z"));
    assert_eq!(spring[6], utc("2026-03-08T16:00:00Z"));
    let autumn = offered(&always(120), "2026-10-31T15:00:00Z", "2026-11-01");
    assert_eq!((autumn.len(), autumn[6]), (12, utc("2026-11-01T17:00:00Z")));
    // All of a slot lead to the same one.
    let desk = |at: &str| {
        let ask = Ask::pickup(&hourly, utc("2026-10-31T15:00:00Z"), utc(at));
        Ask { by: Role::Staff, ..ask }.verdict().slot.unwrap().from
    };
    assert_eq!(desk("2026-11-01T05:59:59Z"), utc("2026-11-01T05:00:00Z"));
    assert_eq!(desk("2026-11-01T06:00:01Z"), utc("2026-11-01T06:00:00Z"));
}
