//! All sets together: what must hold of every one.

use std::path::Path;

use order_core::model::{LimitRules, LimitSet};
use order_core::rules::limits::{LimitBook, LimitError, LimitLibrary};

use super::basket::{assess, book, outcome, time};

#[test]
fn every_file_is_read_holds_together_and_is_named_for_its_jurisdiction() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/limits");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let set = LimitSet::from_toml(&std::fs::read_to_string(&path).unwrap());
        let set = set.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), set.jurisdiction);
        assert!(LimitLibrary::shipped().sets().contains(&set), "{} is not shipped", set.jurisdiction);
        found += 1;
    }
    assert_eq!((found, LimitLibrary::shipped().sets().len()), (11, 11));
}

#[test]
fn a_weak_source_must_be_confirmed() {
    for set in LimitLibrary::shipped().sets() {
        let rules = |confirmed: &[&String]| LimitRules {
            jurisdictions: vec![set.jurisdiction.clone()],
            confirmed: confirmed.iter().map(|name| (*name).clone()).collect(),
            ..LimitRules::default()
        };
        let library = LimitLibrary::shipped();
        let plain = LimitBook::build(&rules(&[]), &library);
        let law = matches!(set.jurisdiction.as_str(), "us-ca" | "us-wa" | "us-ma");
        assert_eq!(set.grade.is_weak(), !law, "{}", set.jurisdiction);
        assert_eq!(plain.is_ok(), law, "{}", set.jurisdiction);
        assert!(law || matches!(plain, Err(LimitError::NotConfirmed { .. })));
        assert!(LimitBook::build(&rules(&[&set.jurisdiction]), &library).is_ok(), "{}", set.jurisdiction);
    }
}

#[test]
fn a_set_does_not_speak_of_days_before_it_began() {
    let zone = chrono_tz::America::Los_Angeles;
    for (jurisdiction, eve, first) in [
        ("us-nv", "2023-12-31T23:59:59-08:00", "2024-01-01T00:00:00-08:00"),
        ("us-wa", "2025-01-06T23:59:59-08:00", "2025-01-07T00:00:00-08:00"),
    ] {
        let book = book(&[jurisdiction]);
        assert_eq!(outcome(&assess(&book, "adult", "1 flower 1g", time(eve), zone)), "outdated");
        assert_eq!(outcome(&assess(&book, "adult", "1 flower 1g", time(first), zone)), "ok");
    }
}
