//! The page on limits holds what the sets say.

use std::fmt::Write as _;
use std::path::Path;

use order_core::model::{LimitPart, LimitRule, LimitSet, LimitWindow, Measure, Residency};
use order_core::rules::limits::LimitLibrary;

const LEAD: &str = "# Purchase limits of jurisdictions

Generated from the rule sets in `data/limits`; change a set and run
`UPDATE_DOCS=1 cargo test -p order-core --test jurisdictions`.

These sets are data for a rules engine, not legal advice. Each says where it was read and of what date the text was.
A set whose source is anything but the law itself is marked *confirm before use*: a store that follows it must name it
in `confirmed`, once somebody has compared it with the law.

- An ounce counts as 28.35 g and a fluid ounce as 29.57 ml, as rules and registers in the trade have them. The exact
  ounce is 28.3495 g; the rounded one lets a bag labelled one ounce pass.
- Amounts are counted exactly, to a millionth of a unit; a limit is exceeded by the first millionth above it.
- Parts joined by *or* share one limit, each at its own rate: half of one and half of another are the whole.
- A *day* is a calendar day in the store's time zone. Where a source names no window, a day is taken.
- An order that may be collected at any time counts in every day.
- Only orders at the same store are seen.
- A product whose weight, volume or THC a limit asks for and nobody knows is refused. In the customer's other orders
  it is passed over, and what is known of them counts.
- Goods that a source says nothing about are refused, unless the store allows them in `silent`.
";

fn cap(part: &LimitPart) -> String {
    let goods: Vec<_> = part.classes.iter().map(|class| class.noun()).collect();
    let of = match part.measure {
        Measure::Weight => "",
        Measure::NetWeight => " net weight",
        Measure::Volume => " volume",
        Measure::Thc => " THC",
        Measure::Units => "",
    };
    let mut text = format!("{}{of} of {}", part.cap, goods.join(", "));
    if let Some(edge) = part.thc_up_to {
        write!(text, " with at most {edge} THC each").unwrap();
    }
    if let Some(edge) = part.thc_above {
        write!(text, " with more than {edge} THC each").unwrap();
    }
    text
}

fn whom(rule: &LimitRule) -> String {
    let kinds: Vec<_> = rule.customers.iter().map(|kind| kind.as_str()).collect();
    let kinds = if kinds.is_empty() { "everybody".to_owned() } else { kinds.join(", ") };
    match rule.residency {
        None => kinds,
        Some(Residency::Resident) => format!("{kinds}, residents"),
        Some(Residency::Visitor) => format!("{kinds}, visitors"),
    }
}

fn rows(set: &LimitSet, page: &mut String) {
    for rule in &set.rules {
        let window = match rule.window {
            LimitWindow::Transaction => "one order".to_owned(),
            LimitWindow::Day => "day".to_owned(),
            LimitWindow::RollingDays(days) => format!("any {days} days"),
        };
        let caps: Vec<_> = rule.parts.iter().map(cap).collect();
        let hard = if rule.hard { "hard" } else { "soft" };
        writeln!(
            page,
            "| {} | `{}.{}` | {} | {} | {window} | {hard} | {} | {} |",
            set.name,
            set.jurisdiction,
            rule.id,
            whom(rule),
            caps.join("; or "),
            set.grade.as_str(),
            if set.grade.is_weak() { "**yes**" } else { "no" },
        )
        .unwrap();
    }
}

fn about(set: &LimitSet, page: &mut String) {
    write!(page, "\n### {} (`{}`, edition {})\n\n", set.name, set.jurisdiction, set.version).unwrap();
    writeln!(page, "- Source ({}): {}.", set.grade.as_str(), set.source).unwrap();
    if let Some(read) = &set.read {
        writeln!(page, "- Read: {read}.").unwrap();
    }
    if let Some(from) = set.effective_from {
        writeln!(page, "- In force from {from}.").unwrap();
    }
    if let Some(to) = set.effective_to {
        writeln!(page, "- In force until the day before {to}.").unwrap();
    }
    for free in &set.exemptions {
        let goods: Vec<_> = free.classes.iter().map(|class| class.noun()).collect();
        writeln!(page, "- Free: {} ({}).", goods.join(", "), free.reason).unwrap();
    }
    let silent: Vec<_> = set.silent.iter().map(|class| class.noun()).collect();
    writeln!(page, "- Not stated: {}.", silent.join(", ")).unwrap();
    if let Some(note) = &set.note {
        writeln!(page, "- Our reading: {note}").unwrap();
    }
}

fn page() -> String {
    let library = LimitLibrary::shipped();
    let mut page = String::from(LEAD);
    page += "\n## Every rule\n\n\
             | jurisdiction | rule | whom | cap | window | kind | source | confirm before use |\n\
             |---|---|---|---|---|---|---|---|\n";
    library.sets().iter().for_each(|set| rows(set, &mut page));
    page += "\n## Sources and readings\n";
    library.sets().iter().for_each(|set| about(set, &mut page));
    page
}

#[test]
fn the_page_says_what_the_sets_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/limits.md is not what the sets say; run: UPDATE_DOCS=1 cargo test -p order-core --test jurisdictions"
    );
}
