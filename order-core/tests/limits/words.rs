//! What people are told, and where.

use chrono_tz::America::New_York;
use order_core::rules::limits::{LimitBook, LimitReport};
use rust_decimal::Decimal;

use super::basket::{assess, book, book_of, time};
use super::flower;

fn asked(book: &LimitBook, basket: &str) -> LimitReport {
    assess(book, "adult resident", basket, time("2026-06-15T12:00:00-04:00"), New_York)
}

fn told(book: &LimitBook, basket: &str) -> Vec<String> {
    let report = asked(book, basket);
    let soft = report.soft.iter().flat_map(|(_, problems)| problems.iter());
    let all = report.problems.iter().chain(soft);
    all.map(|problem| format!("{} {}: {}", problem.code, problem.path, problem.message)).collect()
}

#[test]
fn an_exceeded_limit_says_how_much_and_what_to_take_out() {
    let day = book_of(&flower("28.5 g", "\"day\""));
    let say = |book, basket| told(book, basket).join(" / ");
    assert_eq!(
        say(&day, "10 flower 3.5g"),
        "limit_exceeded items.0.quantity: flower: 35 g where 28.5 g is the limit for a day; take out 6.5 g"
    );
    assert_eq!(
        say(&day, "1 accessory, 6 flower 3.5g, 5 flower 3.5g | open 1 flower 3g"),
        "limit_exceeded items: flower: 41.5 g where 28.5 g is the limit for a day, 3 g of it in other orders; \
         take out 13 g"
    );
    assert_eq!(
        say(&day, "1 flower 3.5g | open 1 flower 28.5g"),
        "limit_exceeded items.0.quantity: flower: 32 g where 28.5 g is the limit for a day; \
         other orders have used it up, so take all of it out"
    );
    // Never less than what helps.
    assert_eq!(
        say(&day, "1 flower 28.500001g"),
        "limit_exceeded items.0.quantity: flower: 28.501 g where 28.5 g is the limit for a day; take out 0.001 g"
    );
    let sale = book_of(&flower("10 g", "\"transaction\""));
    assert!(say(&sale, "1 flower 11g").ends_with("11 g where 10 g is the limit for one order; take out 1 g"));
    let month = book_of(&flower("10 g", "{ rolling_days = 30 }"));
    assert!(say(&month, "1 flower 11g").ends_with("10 g is the limit for any 30 days; take out 1 g"));
}

#[test]
fn a_pool_offers_what_is_in_the_basket() {
    let jersey = book(&["us-nj"]);
    let say = |basket| told(&jersey, basket).join(" / ");
    assert_eq!(
        say("1 flower 28g, 1 vape 2g"),
        "limit_exceeded items: cannabis, as flower: 39.2 g where 28 g is the limit for one order; \
         take out 11.2 g of flower or pre-rolls or 2 g of concentrates or vapes"
    );
    // No part alone holds that much.
    assert_eq!(
        say("1 flower 14g, 1 vape 2.5g, 5 edible_solid 100mg, 5 edible_solid 100mg, 1 flower 9g, 1 vape 5g"),
        "limit_exceeded items: cannabis, as flower: 93 g where 28 g is the limit for one order; \
         take out as much as 65 g of flower or pre-rolls"
    );
    let plants = book(&["us-ca"]);
    assert_eq!(
        told(&plants, "8 immature_plant"),
        ["limit_exceeded items.0.quantity: young plants: 8 where 6 is the limit for a day; take out 2"]
    );
}

#[test]
fn every_exceeded_rule_stays_visible_wherever_it_is() {
    let michigan = book(&["us-mi"]);
    let all = told(&michigan, "80 concentrate 1g");
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|text| text.starts_with("limit_exceeded items.0.quantity: cannabis")), "{all:?}");
    // A hard and a soft one at the same place, as a caller puts them together.
    let report = asked(&book(&["us-co"]), "1 flower 29g");
    let mut problems = report.problems.clone();
    report.soft.into_iter().for_each(|(_, more)| problems.extend(more));
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["limit_exceeded", "limit_exceeded_soft"]);
}

#[test]
fn what_nobody_knows_is_named_at_the_product() {
    let say = |places: &[&str], basket| told(&book(places), basket).join(" / ");
    assert_eq!(
        say(&["us-ca", "us-md"], "1 accessory, 1 edible_solid"),
        "limit_content_unknown items.1.product_id: a purchase limit counts this product, and nobody knows \
         how much cannabis is in it and how much THC is in it; see a staff member"
    );
    assert_eq!(
        say(&["us-ca"], "1 seed"),
        "limit_not_stated items.0.product_id: what the store knows of California's limits does not say \
         how much of seeds may be sold"
    );
    assert!(say(&["us-ca"], "1 something").starts_with("limit_class_unknown items.0.product_id: "));
}

#[test]
fn advice_says_what_still_fits() {
    let advice = |place: &str, basket| {
        let report = asked(&book(&[place]), basket);
        report.uses.iter().map(|used| used.advice.clone()).collect::<Vec<_>>()
    };
    assert_eq!(advice("us-ca", "1 flower 25g"), ["you may add 3.5 g more"]);
    assert_eq!(advice("us-ca", "1 flower 28.5g"), ["nothing more may be added"]);
    assert_eq!(advice("us-ca", "1 flower 29g"), ["nothing more may be added"]);
    assert_eq!(advice("us-ca", "4 immature_plant"), ["you may add 2 more"]);
    assert_eq!(
        advice("us-nj", "1 flower 14g"),
        [
            "you may add 14 g of flower or pre-rolls, or 2.5 g of concentrates or vapes, or 500 mg THC of edibles or drinks"
        ]
    );
    // What one rule leaves, another may not: a cap within the cap holds in the advice too.
    assert_eq!(
        advice("us-mi", "1 flower 50.875g"),
        ["you may add 20 g of flower or pre-rolls, or 15 g of concentrates or vapes"]
    );
    assert_eq!(advice("us-mi", "1 flower 70g"), ["you may add 0.875 g more"]);
    assert_eq!(
        advice("us-wa", "36 edible_liquid 29.57ml 10mg"),
        ["you may add 1064.52 ml of drinks with more than 4 mg THC each, \
          or 100 mg THC of drinks with at most 4 mg THC each"]
    );
}

#[test]
fn figures_are_in_the_first_parts_unit_and_what_is_left_is_never_rounded_up() {
    let report = asked(&book(&["us-ma"]), "1 edible_solid 100mg");
    let used = &report.uses[0];
    let figures = (used.used, used.allowed, used.left, used.unit);
    let dec = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(figures, (dec("5.67"), dec("28.35"), dec("22.68"), Some("g")));
    let used = &asked(&book(&["us-ma"]), "1 edible_solid 0.1mg").uses[0];
    // 5.67 mg exactly.
    assert_eq!((used.used, used.left), (dec("0.006"), dec("28.344")));
    let room: Vec<_> = used.room.iter().map(|room| (room.class.as_str(), room.amount, room.unit)).collect();
    assert_eq!(room[0], ("flower", dec("28.344"), "g"));
    assert_eq!(room[5], ("edible_liquid", dec("499.9"), "mg"));
}
