//! Those that count one sale.

use super::table;

#[test]
fn washington() {
    table(
        "us-wa",
        &[
            ("adult", "1 flower 28.35g", "ok"),
            ("adult", "1 flower 28.3g", "ok"),
            ("adult", "1 flower 28.36g", "over flower"),
            ("adult", "1 flower 28g, 1 pre_roll 0.5g", "over flower"),
            ("adult", "16 edible_solid 28.35net", "ok"),
            ("adult", "1 edible_solid 453.7net", "over solid"),
            ("adult", "72 edible_liquid 29.57ml 10mg", "ok"),
            ("adult", "71 edible_liquid 29.57ml 10mg", "ok"),
            ("adult", "73 edible_liquid 29.57ml 10mg", "over liquid"),
            ("adult", "50 edible_liquid 355ml 4mg", "ok"),
            ("adult", "51 edible_liquid 355ml 4mg", "over liquid"),
            ("adult", "50 edible_liquid 355ml 4.1mg", "over liquid"),
            ("adult", "36 edible_liquid 29.57ml 10mg, 25 edible_liquid 355ml 4mg", "ok"),
            ("adult", "36 edible_liquid 29.57ml 10mg, 26 edible_liquid 355ml 4mg", "over liquid"),
            ("adult", "7 concentrate 1g", "ok"),
            ("adult", "7 vape 1g, 1 concentrate 0.1g", "over concentrate"),
            ("adult", "5 tincture, 4 capsule, 1 topical", "ok"),
            ("adult", "5 tincture, 4 capsule, 2 topical", "over other"),
            ("adult", "1 flower 28.35g, 16 edible_solid 28.35net, 7 vape 1g, 10 topical", "ok"),
            ("medical", "8 concentrate 1g", "over concentrate"),
            ("adult", "1 edible_liquid 355ml", "unknown 0"),
            ("adult", "1 edible_liquid 10mg", "unknown 0"),
            ("adult", "1 edible_liquid 2mg", "ok"),
            ("adult", "1 edible_solid 10mg", "unknown 0"),
            ("adult", "1 immature_plant", "silent 0"),
            ("adult", "1 flower 28.35g | today 1 flower 28.35g | open 1 flower 28.35g", "ok"),
        ],
    );
}

#[test]
fn colorado() {
    table(
        "us-co",
        &[
            ("adult", "1 flower 28.35g", "ok"),
            ("adult", "1 flower 28.34g", "ok"),
            ("adult", "1 flower 28.36g", "over total, soft day"),
            ("adult", "8 concentrate 1g", "ok"),
            ("adult", "1 vape 8.001g", "over total, soft day"),
            ("adult", "80 edible_solid 10mg", "ok"),
            ("adult", "79 edible_liquid 10mg", "ok"),
            ("adult", "81 edible_solid 10mg", "over total, soft day"),
            ("adult", "1 flower 14.175g, 2 concentrate 1g, 20 edible_solid 10mg", "ok"),
            (
                "adult",
                "1 flower 14.175g, 2 concentrate 1g, 1 edible_solid 200.000001mg",
                "over total, soft day",
            ),
            ("adult", "1 flower 28.35g, 30 topical", "ok"),
            ("medical", "9 concentrate 1g", "over total, soft day"),
            ("adult", "1 edible_solid", "unknown 0"),
            ("adult", "1 concentrate 700mg", "unknown 0"),
            ("adult", "1 capsule 10mg", "silent 0"),
            ("adult", "1 flower 28.35g | today 1 flower 1g", "soft day"),
            ("adult", "1 flower 14.175g | today 4 concentrate 1g", "ok"),
            ("adult", "1 flower 28.35g | yesterday 1 flower 28.35g", "ok"),
        ],
    );
}

#[test]
fn michigan() {
    table(
        "us-mi",
        &[
            ("adult", "1 flower 70.875g", "ok"),
            ("adult", "1 flower 70g", "ok"),
            ("adult", "1 flower 70.876g", "over total"),
            ("adult", "1 flower 70g, 1 pre_roll 1g", "over total"),
            ("adult", "15 concentrate 1g", "ok"),
            ("adult", "14 vape 1g", "ok"),
            ("adult", "15 concentrate 1g, 1 vape 0.001g", "over concentrate"),
            ("adult", "1 flower 55.875g, 15 concentrate 1g", "ok"),
            ("adult", "1 flower 55.876g, 15 concentrate 1g", "over total"),
            ("adult", "1 flower 60g, 16 concentrate 1g", "over total, over concentrate"),
            ("adult", "71 vape 1g", "over total, over concentrate"),
            ("medical", "16 concentrate 1g", "over concentrate"),
            ("adult", "1 flower 1g, 1 concentrate", "unknown 1"),
            ("adult", "1 edible_solid 100mg", "silent 0"),
            ("adult", "15 concentrate 1g | today 15 concentrate 1g", "ok"),
        ],
    );
}

#[test]
fn new_jersey() {
    table(
        "us-nj",
        &[
            ("adult", "8 flower 3.5g", "ok"),
            ("adult", "7 flower 3.5g", "ok"),
            ("adult", "8 flower 3.5g, 1 pre_roll 0.1g", "over total"),
            ("adult", "5 concentrate 1g", "ok"),
            ("adult", "4 vape 1g", "ok"),
            ("adult", "5 vape 1.001g", "over total"),
            ("adult", "10 edible_solid 100mg", "ok"),
            ("adult", "9 edible_solid 100mg", "ok"),
            ("adult", "11 edible_solid 100mg", "over total"),
            ("adult", "1 flower 14g, 1 concentrate 2.5g", "ok"),
            ("adult", "1 flower 14g, 1 concentrate 2.500001g", "over total"),
            ("adult", "1 flower 7g, 1 concentrate 1.25g, 5 edible_liquid 100mg", "ok"),
            ("adult", "1 flower 7g, 1 concentrate 1.25g, 5 edible_liquid 100.1mg", "over total"),
            ("medical", "1 flower 28.1g", "over total"),
            ("adult", "1 edible_solid 1g", "unknown 0"),
            ("adult", "1 mature_plant", "silent 0"),
            ("adult", "1 flower 28g | today 1 flower 28g", "ok"),
        ],
    );
}

#[test]
fn montana() {
    table(
        "us-mt",
        &[
            ("adult", "1 flower 28.35g", "ok"),
            ("adult", "1 flower 28g", "ok"),
            ("adult", "1 flower 28.350001g", "over flower"),
            ("adult", "1 flower 28g, 1 pre_roll 0.35g", "ok"),
            ("adult", "1 flower 28g, 1 pre_roll 0.36g", "over flower"),
            ("adult", "bulk 28.35 flower", "ok"),
            ("adult", "bulk 28.351 flower", "over flower"),
            ("adult", "56 pre_roll 0.5g", "ok"),
            ("adult", "57 pre_roll 0.5g", "over flower"),
            ("medical", "1 flower 28.36g", "over flower"),
            ("caregiver", "1 flower 28.35g", "ok"),
            ("adult", "1 pre_roll", "unknown 0"),
            ("adult", "1 concentrate 1g", "silent 0"),
            ("adult", "1 flower 28.35g | today 1 flower 28.35g | open 1 flower 28.35g", "ok"),
        ],
    );
}
