//! Those that count a day.

use super::table;

#[test]
fn california() {
    table(
        "us-ca",
        &[
            ("adult", "1 flower 28.5g", "ok"),
            ("adult", "1 flower 28g", "ok"),
            ("adult", "1 flower 28.500001g", "over flower"),
            ("adult", "4 flower 7g, 1 pre_roll 0.5g", "ok"),
            ("adult", "4 flower 7g, 1 pre_roll 0.6g", "over flower"),
            ("adult", "bulk 28.5 flower", "ok"),
            ("adult", "bulk 28.6 flower", "over flower"),
            ("adult", "8 concentrate 1g", "ok"),
            ("adult", "8 vape 1g", "ok"),
            ("adult", "8 concentrate 1g, 1 vape 0.5g", "over concentrate"),
            ("adult", "7 concentrate 1g, 10 edible_solid 0.1g", "ok"),
            ("adult", "7 concentrate 1g, 11 edible_solid 0.1g", "over concentrate"),
            ("adult", "1 flower 28.5g, 8 concentrate 1g, 6 immature_plant", "ok"),
            (
                "adult",
                "1 flower 29g, 9 tincture 1g, 7 immature_plant",
                "over flower, over concentrate, over plants",
            ),
            ("adult", "6 immature_plant", "ok"),
            ("adult", "7 immature_plant", "over plants"),
            ("medical", "8 flower 28.35g", "ok"),
            ("medical", "8 flower 28.35g, 1 pre_roll 0.1g", "over medical"),
            ("caregiver", "1 flower 226.8g", "ok"),
            ("caregiver", "1 flower 226.9g", "over medical"),
            ("medical", "12 immature_plant", "ok"),
            ("medical", "13 immature_plant", "over medical-plants"),
            ("medical", "9 capsule 1g", "over concentrate"),
            ("adult", "1 flower", "unknown 0"),
            ("adult", "1 pre_roll 1g, 1 edible_solid 100mg", "unknown 1"),
            ("adult", "1 topical", "unknown 0"),
            ("adult", "1 flower 0g", "unknown 0"),
            ("adult", "1 seed", "silent 0"),
            ("adult", "3 accessory", "ok"),
            ("adult", "1 something 1g", "unclear 0"),
            ("adult", "1 flower 20g | today 1 flower 8.5g", "ok"),
            ("adult", "1 flower 20g | today 1 flower 8.6g", "over flower"),
            ("adult", "1 flower 20g | open 1 flower 8.6g", "over flower"),
            ("adult", "1 flower 20g | yesterday 1 flower 28g | tomorrow 1 flower 28g", "ok"),
            ("adult", "1 flower 20g | today 1 flower", "ok"),
        ],
    );
}

#[test]
fn massachusetts() {
    table(
        "us-ma",
        &[
            ("adult", "1 flower 28.35g", "ok"),
            ("adult", "1 flower 28.3g", "ok"),
            ("adult", "1 flower 28.36g", "over total"),
            ("adult", "5 concentrate 1000mg", "ok"),
            ("adult", "5 concentrate 999mg", "ok"),
            ("adult", "5 vape 1000.1mg", "over total"),
            ("adult", "5 edible_solid 100mg", "ok"),
            ("adult", "6 edible_liquid 83mg", "ok"),
            ("adult", "5 edible_solid 100mg, 1 edible_liquid 0.000001mg", "over total"),
            ("adult", "1 flower 14.175g, 1 concentrate 2500mg", "ok"),
            ("adult", "1 flower 14.175g, 1 concentrate 2500.000001mg", "over total"),
            ("adult", "1 flower 9.45g, 1 concentrate 1666mg, 1 edible_solid 166mg", "ok"),
            ("adult", "1 flower 9.45g, 1 concentrate 1667mg, 1 edible_solid 167mg", "over total"),
            ("adult", "1 flower 28.35g, 20 topical 500mg", "ok"),
            ("adult", "1 topical", "ok"),
            ("adult", "1 flower 5g, 1 edible_solid", "unknown 1"),
            ("adult", "1 concentrate 1g", "unknown 0"),
            ("medical", "1 flower 28.36g", "over total"),
            ("adult", "1 tincture 100mg", "silent 0"),
            ("adult", "1 flower 14.175g | today 1 edible_solid 250mg", "ok"),
            ("adult", "1 flower 14.175g | today 1 edible_solid 251mg", "over total"),
            ("adult", "1 flower 28.35g | yesterday 1 flower 28.35g", "ok"),
        ],
    );
}

#[test]
fn illinois() {
    table(
        "us-il",
        &[
            ("adult resident", "1 flower 30g", "ok"),
            ("adult resident", "1 flower 29.9g", "ok"),
            ("adult resident", "1 flower 30.1g", "over flower"),
            ("adult resident", "5 concentrate 1g", "ok"),
            ("adult resident", "5 vape 1g, 1 concentrate 0.1g", "over concentrate"),
            ("adult resident", "5 edible_solid 100mg", "ok"),
            ("adult resident", "4 edible_solid 100mg, 1 tincture 100.1mg", "over infused"),
            ("adult resident", "1 flower 30g, 5 concentrate 1g, 5 capsule 100mg", "ok"),
            ("adult visitor", "1 flower 15g", "ok"),
            ("adult visitor", "1 flower 15.1g", "over visitor-flower"),
            ("adult visitor", "1 concentrate 2.5g", "ok"),
            ("adult visitor", "1 concentrate 2.6g", "over visitor-concentrate"),
            ("adult visitor", "1 topical 250mg", "ok"),
            ("adult visitor", "1 topical 251mg", "over visitor-infused"),
            ("adult visitor", "1 flower 15g, 1 concentrate 2.5g, 1 edible_liquid 250mg", "ok"),
            ("adult", "1 flower 15g", "ok"),
            ("adult", "1 flower 16g", "over visitor-flower"),
            ("adult", "1 flower 31g", "over flower, over visitor-flower"),
            ("medical resident", "1 flower 31g", "over flower"),
            ("adult resident", "1 edible_solid 5g", "unknown 0"),
            ("adult resident", "1 seed", "silent 0"),
            ("adult resident", "1 flower 20g | open 1 flower 10g", "ok"),
            ("adult resident", "1 flower 20g | open 1 flower 10.1g", "over flower"),
        ],
    );
}

#[test]
fn nevada() {
    table(
        "us-nv",
        &[
            ("adult", "1 flower 70.875g", "ok"),
            ("adult", "1 flower 70.8g", "ok"),
            ("adult", "1 flower 70.876g", "over flower"),
            ("adult", "2 flower 28.35g, 14 pre_roll 1g", "ok"),
            ("adult", "2 flower 28.35g, 15 pre_roll 1g", "over flower"),
            ("adult", "1 concentrate 7.0875g", "ok"),
            ("adult", "7 concentrate 1g", "ok"),
            ("adult", "1 concentrate 7.0876g", "over concentrate"),
            ("adult", "7 vape 1g, 1 concentrate 0.1g", "over concentrate"),
            ("adult", "1 flower 70.875g, 1 concentrate 7.0875g", "ok"),
            ("medical", "1 concentrate 7.1g", "over concentrate"),
            ("adult visitor", "1 flower 70.875g", "ok"),
            ("adult", "1 vape 350mg", "unknown 0"),
            ("adult", "1 edible_solid 10mg", "silent 0"),
            ("adult", "1 concentrate 7g | today 1 concentrate 0.1g", "over concentrate"),
            ("adult", "1 concentrate 7g | yesterday 1 concentrate 1g", "ok"),
        ],
    );
}

#[test]
fn oregon() {
    table(
        "us-or",
        &[
            ("adult", "1 flower 28.35g", "ok"),
            ("adult", "1 flower 28.34g", "ok"),
            ("adult", "1 flower 28.36g", "over flower"),
            ("adult", "5 concentrate 1g", "ok"),
            ("adult", "4 concentrate 1g, 1 vape 1.01g", "over concentrate"),
            ("adult", "16 edible_solid 28.35net", "ok"),
            ("adult", "15 edible_solid 28.35net", "ok"),
            ("adult", "1 edible_solid 453.61net", "over solid"),
            ("adult", "6 edible_liquid 354.84ml", "ok"),
            ("adult", "6 edible_liquid 355ml", "over liquid"),
            ("adult", "3 immature_plant, 1 mature_plant", "ok"),
            ("adult", "4 immature_plant, 1 mature_plant", "over plants"),
            ("adult", "10 seed", "ok"),
            ("adult", "11 seed", "over seeds"),
            ("adult", "1 flower 28.35g, 5 vape 1g, 1 edible_solid 453.6net, 4 mature_plant, 10 seed", "ok"),
            ("medical", "11 seed", "over seeds"),
            ("adult", "1 edible_solid 100mg 5g", "unknown 0"),
            ("adult", "1 edible_liquid 100net", "unknown 0"),
            ("adult", "bulk 3 seed", "unknown 0"),
            ("adult", "bulk 453.6 edible_solid", "ok"),
            ("adult", "1 topical 1g", "silent 0"),
            ("adult", "5 seed | today 6 seed", "over seeds"),
        ],
    );
}

#[test]
fn maryland() {
    table(
        "us-md",
        &[
            ("adult", "1 flower 42.525g", "ok"),
            ("adult", "1 flower 42.5g", "ok"),
            ("adult", "1 flower 42.526g", "over flower"),
            ("adult", "1 flower 42g, 1 pre_roll 0.6g", "over flower"),
            ("adult", "12 concentrate 1g", "ok"),
            ("adult", "11 vape 1g", "ok"),
            ("adult", "12 vape 1g, 1 concentrate 0.001g", "over concentrate"),
            ("adult", "7 edible_solid 100mg, 1 edible_liquid 50mg", "ok"),
            ("adult", "7 edible_solid 100mg, 1 edible_liquid 51mg", "over edibles"),
            ("adult", "1 flower 42.525g, 12 concentrate 1g, 1 edible_solid 750mg", "ok"),
            ("caregiver", "13 concentrate 1g", "over concentrate"),
            ("adult", "1 edible_solid", "unknown 0"),
            ("adult", "1 capsule 10mg", "silent 0"),
            ("adult", "1 edible_solid 700mg | open 1 edible_solid 51mg", "over edibles"),
            ("adult", "1 edible_solid 700mg | tomorrow 1 edible_solid 750mg", "ok"),
        ],
    );
}
