//! Purchase limits: arithmetic, windows, what a store may change, and what people are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arithmetic;
#[path = "../basket/mod.rs"]
mod basket;
mod book;
mod flaws;
mod windows;
mod words;

/// Goods that a test set does not speak of.
const REST: &str = r#"silent = [
    "flower", "pre_roll", "concentrate", "vape", "edible_solid", "edible_liquid", "tincture", "capsule", "topical",
    "immature_plant", "mature_plant", "seed",
]"#;

/// A rule set of these rules, silent about all other goods.
fn set(rules: &str) -> String {
    let spoken = |class: &&str| rules.contains(&format!("\"{class}\""));
    let all = REST.split('"').skip(1).step_by(2).filter(|class| !spoken(class));
    let silent: Vec<_> = all.map(|class| format!("\"{class}\"")).collect();
    format!(
        "jurisdiction = \"us-xx\"\nname = \"Xanadu\"\nversion = \"1\"\ngrade = \"law\"\nsource = \"a test\"\n\
         silent = [{}]\n{rules}",
        silent.join(", ")
    )
}

/// Flower, so much in this window.
fn flower(cap: &str, window: &str) -> String {
    set(&format!(
        "[[rule]]\nid = \"flower\"\nname = \"flower\"\nwindow = {window}\n\
         [[rule.pool]]\nclasses = [\"flower\"]\nmeasure = \"weight\"\ncap = \"{cap}\"\n"
    ))
}
