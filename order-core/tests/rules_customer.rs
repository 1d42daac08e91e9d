//! Who may order, who is known, and whose orders count together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod shop;

use chrono::{Datelike as _, Months, NaiveDate, TimeDelta};
use order_core::model::{
    CustomerId, CustomerKind, MedicalCard, OrderCustomer, OrderKey, OrderWarning, Personal,
};
use order_core::ports::PosCustomer;
use order_core::rules::{CustomerMatch, match_customer, same_customer};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use shop::{Found, Shop, at, found, message, one};

const BORN: &str = "customer.birth_date";
const EXPIRES: &str = "customer.medical_card_expires";

#[test]
fn people_come_of_age_on_their_birthday_in_the_stores_own_day() {
    let new_york = chrono_tz::America::New_York;
    let honolulu = chrono_tz::Pacific::Honolulu;
    let cases = [
        // One second before and at midnight of the birthday, in winter and in summer, east and west.
        (new_york, "adult", "2005-03-01", "2026-03-01T04:59:59Z", false),
        (new_york, "adult", "2005-03-01", "2026-03-01T05:00:00Z", true),
        (honolulu, "adult", "2005-03-01", "2026-03-01T09:59:59Z", false),
        (honolulu, "adult", "2005-03-01", "2026-03-01T10:00:00Z", true),
        (new_york, "adult", "2005-07-04", "2026-07-04T03:59:59Z", false),
        (new_york, "adult", "2005-07-04", "2026-07-04T04:00:00Z", true),
        (new_york, "adult", "2005-12-31", "2026-12-31T04:59:59Z", false),
        (new_york, "adult", "2005-12-31", "2027-01-01T04:59:59Z", true),
        // Medical customers and caregivers at 18, and not a day sooner.
        (new_york, "medical", "2008-03-02", "2026-03-01T17:00:00Z", false),
        (new_york, "medical", "2008-03-01", "2026-03-01T17:00:00Z", true),
        (new_york, "caregiver", "2008-03-02", "2026-03-01T17:00:00Z", false),
        (new_york, "caregiver", "2008-03-01", "2026-03-01T17:00:00Z", true),
        (new_york, "adult", "2008-03-01", "2026-03-01T17:00:00Z", false),
        // A leap day's child waits for 1 March of a common year.
        (new_york, "adult", "2004-02-29", "2025-02-28T17:00:00Z", false),
        (new_york, "adult", "2004-02-29", "2025-03-01T05:00:00Z", true),
        (new_york, "medical", "2008-02-29", "2026-02-28T17:00:00Z", false),
        (new_york, "medical", "2008-02-29", "2026-03-01T05:00:00Z", true),
    ];
    for (zone, kind, born, now, good) in cases {
        let mut shop = Shop { now: at(now), ..Shop::new() };
        shop.store.time_zone = zone;
        let verdict = shop.customer(json!({"type": kind, "birth_date": born}));
        let expected = if good { Vec::new() } else { one("underage", BORN) };
        assert_eq!(found(&verdict.problems), expected, "{zone} {kind} {born} {now}");
    }
    // Where the age makes the birthday a leap day too, it is that day.
    let mut shop = Shop { now: at("2024-02-29T17:00:00Z"), ..Shop::new() };
    shop.store.rules.customers.adult_age = 20;
    assert!(shop.customer(json!({"birth_date": "2004-02-29"})).problems.is_empty());
    shop.store.rules.customers.adult_age = 21;
    let verdict = shop.customer(json!({"birth_date": "2004-02-29"}));
    let text = message(&verdict.problems, "underage");
    assert!(text.contains("21") && !text.contains("2004"), "{text}");
    // Nobody is that old.
    shop.store.rules.customers.adult_age = u8::MAX;
    assert_eq!(found(&shop.customer(json!({"birth_date": "1950-01-01"})).problems), one("underage", BORN));
}

#[test]
fn a_store_says_who_is_served_and_what_they_must_give() {
    let kind = "customer.type";
    let (adult, medical) = (json!({}), json!({"type": "medical"}));
    let card = |day: &str| json!({"type": "medical", "medical_card": "M-1", "medical_card_expires": day});
    type Case = (fn(&mut Shop), Value, Found);
    let cases: [Case; 24] = [
        (|_| (), adult.clone(), vec![]),
        (|_| (), medical.clone(), vec![]),
        (|s| s.store.rules.customers.adult_use = false, adult.clone(), one("customer_type_not_served", kind)),
        (|s| s.store.rules.customers.adult_use = false, medical.clone(), vec![]),
        (|s| s.store.rules.customers.adult_use = false, json!({"type": "caregiver"}), vec![]),
        (|s| s.store.rules.customers.medical = false, medical.clone(), one("customer_type_not_served", kind)),
        (
            |s| s.store.rules.customers.medical = false,
            json!({"type": "caregiver"}),
            one("customer_type_not_served", kind),
        ),
        (|s| s.store.rules.customers.medical = false, adult.clone(), vec![]),
        (
            |s| s.store.rules.customers.birth_date_required = true,
            adult.clone(),
            one("birth_date_required", BORN),
        ),
        (
            |s| s.store.rules.customers.birth_date_required = true,
            json!({"birth_date": "2010-01-01"}),
            one("underage", BORN),
        ),
        (|s| s.store.rules.customers.birth_date_required = true, json!({"birth_date": "1990-12-10"}), vec![]),
        (|s| s.store.rules.customers.guests = false, adult.clone(), one("guests_not_served", "customer")),
        (|s| s.store.rules.customers.guests = false, json!({"id": "c-1"}), vec![]),
        (|s| s.store.rules.customers.guests = false, json!({"phone": "4155550123"}), vec![]),
        (|s| s.store.rules.customers.guests = false, json!({"email": "a@b.co"}), vec![]),
        (
            |s| s.store.rules.customers.guests = false,
            json!({"birth_date": "1990-12-10"}),
            one("guests_not_served", "customer"),
        ),
        // The last day counts, in the store's own day: it is 1 March in New York.
        (|_| (), card("2026-03-01"), vec![]),
        (|_| (), card("2026-02-28"), one("card_expired", EXPIRES)),
        (|s| s.now = at("2026-03-02T04:59:59Z"), card("2026-03-01"), vec![]),
        (|s| s.now = at("2026-03-02T05:00:00Z"), card("2026-03-01"), one("card_expired", EXPIRES)),
        // An adult's card is nobody's business.
        (|_| (), json!({"medical_card": "M-1", "medical_card_expires": "2020-01-01"}), vec![]),
        (|s| s.store.rules.customers.card_required = true, medical, one("card_required", EXPIRES)),
        (|s| s.store.rules.customers.card_required = true, adult, vec![]),
        (
            |s| s.store.rules.customers.card_required = true,
            json!({"type": "caregiver", "medical_card": "M-1"}),
            one("card_required", EXPIRES),
        ),
    ];
    for (at, (set, customer, expected)) in cases.into_iter().enumerate() {
        let mut shop = Shop::new();
        set(&mut shop);
        assert_eq!(found(&shop.customer(customer.clone()).problems), expected, "{at}: {customer}");
    }
}

#[test]
fn all_that_is_wrong_with_a_customer_is_told_at_once() {
    let mut shop = Shop::new();
    let rules = &mut shop.store.rules.customers;
    (rules.medical, rules.guests) = (false, false);
    let customer =
        json!({"type": "medical", "birth_date": "2015-01-01", "medical_card_expires": "2025-01-01"});
    let verdict = shop.customer(customer);
    let codes: Vec<_> = verdict.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["customer_type_not_served", "underage", "card_expired", "guests_not_served"]);
}

#[test]
fn a_card_must_last_until_the_day_of_the_hand_over() {
    let shop = Shop::new().ahead();
    let verdict = |expires: &str, pickup: &str| {
        let customer = json!({"type": "medical", "medical_card_expires": expires});
        let more = json!({"fulfillment": {"pickup_at": pickup}});
        found(&shop.check(&shop.shaped(customer, Value::Null, more)).problems)
    };
    // 04:30 UTC is still the day before in New York.
    assert_eq!(verdict("2026-03-03", "2026-03-04T04:30:00Z"), vec![]);
    assert_eq!(verdict("2026-03-03", "2026-03-04T05:30:00Z"), one("card_expired", EXPIRES));
    // A pick-up time in the past makes no card valid again.
    assert!(verdict("2026-02-28", "2026-02-27T17:00:00Z").contains(&("card_expired", EXPIRES.to_owned())));
}

fn known(id: &str) -> PosCustomer {
    PosCustomer {
        id: CustomerId::new(id).unwrap(),
        first_name: "ADA ".into(),
        last_name: "byron".into(),
        phone: None,
        email: None,
        birth_date: None,
        kind: CustomerKind::Adult,
        verified: false,
        banned: false,
    }
}

fn ada() -> OrderCustomer {
    OrderCustomer {
        first_name: "Ada".into(),
        last_name: "Byron".into(),
        phone: Some("4155550123".into()),
        email: Some("ada@example.com".into()),
        birth_date: Some("1990-12-10".into()),
        ..OrderCustomer::default()
    }
}

#[test]
fn a_customer_is_recognised_by_what_is_theirs_alone_and_never_guessed() {
    let mail = |id: &str| PosCustomer { email: Some("ADA@Example.com ".into()), ..known(id) };
    let phone = |id: &str| PosCustomer { phone: Some("+1 (415) 555-0123".into()), ..known(id) };
    let born = |customer: PosCustomer, date: &str| PosCustomer { birth_date: Some(date.into()), ..customer };
    let with_id = OrderCustomer { id: Some(CustomerId::new("c-2").unwrap()), ..ada() };
    let nameless = PosCustomer { last_name: "Lovelace".into(), ..born(known("c-9"), "1990-12-10") };
    let cases = [
        (ada(), vec![], "none"),
        // The id comes before all else, even against the birth date.
        (with_id.clone(), vec![mail("c-1"), born(known("c-2"), "1990-12-11")], "c-2"),
        (with_id, vec![mail("c-1"), known("c-3")], "c-1"),
        // E-mail before phone before name.
        (ada(), vec![phone("c-1"), mail("c-2")], "c-2"),
        (ada(), vec![born(known("c-1"), "1990-12-10"), phone("c-2")], "c-2"),
        (ada(), vec![born(known("c-1"), "1990-12-10"), known("c-2")], "c-1"),
        // A name alone is not enough, nor a birth date alone.
        (ada(), vec![known("c-1")], "none"),
        (ada(), vec![nameless], "none"),
        // More than one: somebody has to ask.
        (ada(), vec![mail("c-1"), mail("c-2")], "2"),
        (ada(), vec![mail("c-1"), mail("c-2"), phone("c-3")], "2"),
        (ada(), vec![phone("c-1"), phone("c-2"), phone("c-3")], "3"),
        // Another birth date is another person.
        (ada(), vec![born(mail("c-1"), "1990-12-11"), mail("c-2")], "c-2"),
        (ada(), vec![born(mail("c-1"), "1990-12-11")], "none"),
        (ada(), vec![born(mail("c-1"), "1990-12-11"), phone("c-2")], "c-2"),
        (ada(), vec![born(mail("c-1"), "1990-12-10"), mail("c-2")], "2"),
        (OrderCustomer { birth_date: None, ..ada() }, vec![born(mail("c-1"), "1990-12-11")], "c-1"),
        // A date that is none says nothing.
        (ada(), vec![born(mail("c-1"), "10.12.1991")], "c-1"),
        // Nothing is not the same as nothing.
        (OrderCustomer::default(), vec![PosCustomer { email: Some("".into()), ..known("c-1") }], "none"),
    ];
    for (at, (asked, found, expected)) in cases.iter().enumerate() {
        let text = |found: &[PosCustomer]| match match_customer(asked, found) {
            CustomerMatch::One(customer) => customer.id.to_string(),
            CustomerMatch::None => "none".to_owned(),
            CustomerMatch::Several(several) => several.to_string(),
        };
        assert_eq!(text(found), *expected, "{at}");
        let backwards: Vec<_> = found.iter().rev().cloned().collect();
        assert_eq!(text(&backwards), *expected, "{at}: the order in which they are found decides nothing");
    }
}

#[test]
fn what_the_pos_knows_of_a_customer_counts_when_it_is_certain() {
    let mail = |id: &str| PosCustomer { email: Some("ada@example.com".into()), ..known(id) };
    let born = |customer: PosCustomer, date: &str| PosCustomer { birth_date: Some(date.into()), ..customer };
    let seen = |customer: PosCustomer| PosCustomer { verified: true, ..customer };
    let banned = |customer: PosCustomer| PosCustomer { banned: true, ..customer };
    let by_mail = json!({"email": "ada@example.com"});
    let by_id = json!({"id": "c-1"});
    let by_id_born = json!({"id": "c-1", "birth_date": "1990-12-10"});
    let mail_born = json!({"email": "ada@example.com", "birth_date": "1990-12-10"});
    let ask = vec![OrderWarning::AmbiguousCustomer];
    let cases = [
        (by_mail.clone(), vec![mail("c-1")], vec![], vec![]),
        (by_mail.clone(), vec![banned(mail("c-1"))], one("customer_banned", "customer"), vec![]),
        (by_id.clone(), vec![banned(known("c-1"))], one("customer_banned", "customer"), vec![]),
        // Not certain which: ask, and refuse nobody.
        (by_mail.clone(), vec![banned(mail("c-1")), mail("c-2")], vec![], ask.clone()),
        (by_mail.clone(), vec![banned(mail("c-1")), banned(mail("c-2"))], vec![], ask.clone()),
        // Somebody else.
        (by_mail.clone(), vec![banned(known("c-1"))], vec![], vec![]),
        (mail_born, vec![banned(born(mail("c-1"), "1970-01-01"))], vec![], vec![]),
        // Too young there, where the papers were seen and the id is the same; else it may be a mix-up.
        (by_id.clone(), vec![seen(born(known("c-1"), "2010-01-01"))], one("underage", BORN), vec![]),
        (by_id_born.clone(), vec![seen(born(known("c-1"), "2010-01-01"))], one("underage", BORN), vec![]),
        (by_id, vec![born(known("c-1"), "2010-01-01")], vec![], ask.clone()),
        (by_mail.clone(), vec![seen(born(mail("c-1"), "2010-01-01"))], vec![], ask.clone()),
        (by_mail, vec![seen(born(mail("c-1"), "1990-12-10"))], vec![], vec![]),
        // Another date of the same id, of age either way.
        (by_id_born.clone(), vec![seen(born(known("c-1"), "1990-12-11"))], vec![], ask),
        (by_id_born, vec![born(known("c-1"), "1990-12-10")], vec![], vec![]),
    ];
    for (at, (customer, known, problems, warnings)) in cases.into_iter().enumerate() {
        let shop = Shop { known: Some(known), ..Shop::new() };
        let verdict = shop.customer(customer);
        assert_eq!((found(&verdict.problems), verdict.warnings), (problems, warnings), "{at}");
    }
}

#[test]
fn whose_orders_count_together() {
    let id = |id: &str| Some(CustomerId::new(id).unwrap());
    let card = |number: &str| Some(MedicalCard { number: Some(number.into()), expires_on: None });
    let bare = |first: &str, last: &str| OrderCustomer {
        first_name: first.into(),
        last_name: last.into(),
        ..OrderCustomer::default()
    };
    let cases = [
        (ada(), ada(), true),
        // A name alone is nobody's.
        (bare("Ada", "Byron"), bare("Ada", "Byron"), false),
        (OrderCustomer::default(), OrderCustomer::default(), false),
        // The card and the id are one person's, whatever else they wrote.
        (
            OrderCustomer { id: id("c-1"), birth_date: Some("1990-12-10".into()), ..bare("Ada", "Byron") },
            OrderCustomer { id: id("c-1"), birth_date: Some("1991-01-01".into()), ..bare("A", "B") },
            true,
        ),
        (
            OrderCustomer {
                medical_card: card(" m-1"),
                birth_date: Some("1990-12-10".into()),
                ..bare("Ada", "B")
            },
            OrderCustomer {
                medical_card: card("M-1 "),
                birth_date: Some("1991-01-01".into()),
                ..bare("C", "D")
            },
            true,
        ),
        (
            OrderCustomer { id: id("c-1"), ..bare("Ada", "B") },
            OrderCustomer { id: id("c-2"), ..bare("Ada", "B") },
            false,
        ),
        (
            OrderCustomer { medical_card: card(""), ..bare("Ada", "B") },
            OrderCustomer { medical_card: card(""), ..bare("Ada", "B") },
            false,
        ),
        // Two birth dates are two people, though they share a phone, an address and a name.
        (ada(), OrderCustomer { birth_date: Some("1990-12-11".into()), ..ada() }, false),
        // Another name does not make another person, nor a missing birth date.
        (
            ada(),
            OrderCustomer { first_name: "Eve".into(), last_name: "Smith".into(), birth_date: None, ..ada() },
            true,
        ),
        (ada(), OrderCustomer { first_name: "Eve".into(), ..ada() }, true),
        (ada(), OrderCustomer { phone: ada().phone, ..bare("Eve", "Smith") }, true),
        (ada(), OrderCustomer { email: Some(" ADA@example.com".into()), ..bare("Eve", "Smith") }, true),
        (ada(), OrderCustomer { email: Some("eve@example.com".into()), ..bare("Ada", "Byron") }, false),
        // Name and birth date together, however they are written.
        (ada(), OrderCustomer { birth_date: ada().birth_date, ..bare(" ADA", "byron ") }, true),
        (ada(), OrderCustomer { birth_date: ada().birth_date, ..bare("Eve", "Byron") }, false),
        (
            OrderCustomer { birth_date: ada().birth_date, ..bare("ÉVA", "ÑANDÚ") },
            OrderCustomer { birth_date: ada().birth_date, ..bare("éva", "ñandú") },
            true,
        ),
    ];
    for (at, (one, other, same)) in cases.iter().enumerate() {
        assert_eq!(same_customer(one, other), *same, "{at}");
        assert_eq!(same_customer(other, one), *same, "{at}");
    }
}

fn anybody() -> impl Strategy<Value = OrderCustomer> {
    let maybe =
        |words: &[&'static str]| proptest::option::of(select(words.to_vec()).prop_map(Personal::from));
    (
        select(vec!["Ada", "ada ", "Eve"]),
        select(vec!["Byron", "BYRON", "Smith"]),
        maybe(&["4155550123", "4155550124"]),
        maybe(&["ada@example.com", "ADA@example.com", "eve@example.com"]),
        maybe(&["1990-12-10", "1990-12-11"]),
        proptest::option::of(select(vec!["c-1", "c-2"])),
        maybe(&["M-1", "m-1", "M-2"]),
    )
        .prop_map(|(first, last, phone, email, birth_date, id, number)| OrderCustomer {
            id: id.map(|id| CustomerId::new(id).unwrap()),
            first_name: first.into(),
            last_name: last.into(),
            phone,
            email,
            birth_date,
            medical_card: number.map(|number| MedicalCard { number: Some(number), expires_on: None }),
            ..OrderCustomer::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn being_the_same_person_is_mutual_and_such_orders_can_be_found(one in anybody(), other in anybody()) {
        let same = same_customer(&one, &other);
        prop_assert_eq!(same, same_customer(&other, &one));
        let (keys, theirs) = (OrderKey::of_customer(&one), OrderKey::of_customer(&other));
        prop_assert_eq!(same_customer(&one, &one), !keys.is_empty(), "who can be found is at least themselves");
        // Orders are looked up by key: what counts together must share one.
        prop_assert!(!same || keys.iter().any(|key| theirs.contains(key)));
    }

    #[test]
    fn age_agrees_with_counting_birthdays(born in 0..20_000_i64, days in 0..12_000_i64) {
        let first = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap();
        let born = first + TimeDelta::days(born);
        let today = born + TimeDelta::days(days);
        prop_assume!(today.year() < 2040);
        let noon = today.and_hms_opt(17, 0, 0).unwrap().and_utc();
        let shop = Shop { now: noon, ..Shop::new() };
        let verdict = shop.customer(json!({"birth_date": born.to_string()}));
        // The day before is one on which month arithmetic, which clamps to the 28th, finds the same.
        let clamped = born.checked_add_months(Months::new(21 * 12)).unwrap();
        let leapling = born.month() == 2 && born.day() == 29;
        let birthday = if leapling { clamped.succ_opt().unwrap() } else { clamped };
        prop_assert_eq!(verdict.problems.is_empty(), today >= birthday);
    }
}
