//! The page on the lifecycle holds what the table says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::Path;

use order_core::access::Role;
use order_core::lifecycle::{Guard, Need, TABLE, diagram};
use order_core::model::{PosState, Status};

/// A guard in words, as its documentation has it.
fn words(guard: Guard) -> &'static str {
    match guard {
        Guard::PosReady => "the POS has it, or a manager forces it",
        Guard::LinesSettled => "every line is settled",
        Guard::SomethingKept => "something is left",
        Guard::IsDelivery => "it is for delivery",
        Guard::IdSeen => "the ID was seen",
        Guard::PaymentSettled => "it is paid, or the register takes the money",
        Guard::HoldOver => "the hold time is over",
        Guard::WithinReopening => "cancelled recently enough",
        Guard::PosAtRest => "the POS side is at rest",
        Guard::LinesCanChange => "the lines can still reach the POS",
        Guard::MayCancelLate => "staff: the store lets them, else it becomes a request",
        other => panic!("say {other:?} in words"),
    }
}

fn page() -> String {
    let mut page = String::from(
        "# The lifecycle of an order\n\n\
         Generated from the transition table; change the table and run\n\
         `UPDATE_DOCS=1 cargo test -p order-core --test diagram`.\n\n```mermaid\n",
    );
    page += &diagram();
    page += "```\n\n## Every row\n\n\
             The POS is exempt from conditions, the POS and the system from reasons and notes: they report what is.\n\n\
             | action | from | to | roles | conditions | asks for |\n|---|---|---|---|---|---|\n";
    for row in TABLE {
        let all = row.from.len() == Status::ALL.len();
        let from: Vec<_> = row.from.iter().map(Status::to_string).collect();
        let from = if all { "any".to_owned() } else { from.join(", ") };
        let to = row.to.map_or_else(|| "stays".to_owned(), |to| to.to_string());
        let roles: Vec<_> = row.roles.iter().map(Role::as_str).collect();
        let guards: Vec<_> = row.guards.iter().copied().map(words).collect();
        let need = match row.need {
            Need::Nothing => "",
            Need::Reason => "reason",
            Need::ReasonAndNote => "reason and note",
        };
        let (action, roles, guards) = (row.action, roles.join(", "), guards.join("; "));
        writeln!(page, "| {action} | {from} | {to} | {roles} | {guards} | {need} |").unwrap();
    }
    page += "\n## The POS side\n\n| state | may be followed by |\n|---|---|\n";
    for state in PosState::ALL {
        let next: Vec<_> = state.next().iter().map(|state| state.as_str()).collect();
        writeln!(page, "| {} | {} |", state.as_str(), next.join(", ")).unwrap();
    }
    // A row without conditions or texts ends in blanks otherwise.
    page.replace("|  |", "| - |").replace("|  |", "| - |")
}

#[test]
fn the_page_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lifecycle.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/lifecycle.md is not what the table says; run: UPDATE_DOCS=1 cargo test -p order-core --test diagram"
    );
}

#[test]
fn the_diagram_names_every_status_and_every_move() {
    let text = diagram();
    assert_eq!(text, diagram());
    for status in Status::ALL {
        assert!(text.contains(status.as_str()), "{status}");
    }
    let moves: usize = TABLE.iter().filter(|row| row.to.is_some()).map(|row| row.from.len()).sum();
    assert_eq!(text.lines().filter(|line| line.contains("-->")).count(), moves + 3);
    // A colon or a line break within a label would end it.
    assert!(text.lines().all(|line| line.matches(':').count() <= 1));
}
