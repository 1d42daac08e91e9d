//! What the register says about customers and baskets: who is asked about, what is remembered, and for whom.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use order_core::access::Role;
use order_core::flow::FlowError;
use order_core::lifecycle::{Action, Command};
use order_core::model::ReasonCode;
use order_core::rules::{OrderDraft, codes};
use pos_clients::sim::{Fault, FaultRule};

use crate::on_both_stores;
use crate::rules::{flower, flower_of, found, line, of, only, world as with_rules};
use crate::world::{Kind, Process, Wishes, World, key};

on_both_stores!(a_storm_of_one_customer_is_answered,);

fn banned(world: &World) -> OrderDraft {
    let banned = world.data.seed.customers.iter().find(|customer| customer.banned).unwrap();
    let mut draft = of(world, vec![line(flower_of(world, "1"), 1)]);
    draft.customer.first_name = banned.first_name.as_str().into();
    draft.customer.last_name = banned.last_name.as_str().into();
    draft.customer.phone = banned.phone.as_deref().map(Into::into);
    draft.customer.email = None;
    draft.customer.birth_date = Some(banned.birth_date.to_string().as_str().into());
    draft
}

fn is_banned(world: &World, process: &Process, draft: &OrderDraft) -> bool {
    let kiosk = world.caller(Role::Kiosk);
    let quote = world.run(process.flow.quote(&kiosk, &world.store, draft)).unwrap();
    found(&quote.problems) == BTreeSet::from([(codes::CUSTOMER_BANNED, "customer".to_owned())])
}

#[test]
fn who_is_banned_is_known_by_whatever_they_give() {
    let world = World::with(Kind::Memory, Wishes::default());
    let process = world.start();
    let plain = banned(&world);
    assert!(is_banned(&world, &process, &plain));
    let mut other_mail = plain.clone();
    other_mail.customer.email = Some("somebody.new@example.com".into());
    assert!(
        is_banned(&world, &process, &other_mail),
        "with an e-mail address that the register does not know"
    );
    let mut other_phone = plain.clone();
    other_phone.customer.phone = Some("4155550000".into());
    assert!(is_banned(&world, &process, &other_phone), "by name and birth date");
    let mut made_up = plain.clone();
    made_up.customer.id = Some("nobody-has-this".to_owned());
    assert!(is_banned(&world, &process, &made_up), "with a made-up id");
    only(world.submit(&process, &other_mail, "mail"), codes::CUSTOMER_BANNED);
    only(world.submit(&process, &made_up, "id"), codes::CUSTOMER_BANNED);
}

#[test]
fn a_register_that_says_no_is_not_taken_for_silent() {
    let world = World::with(Kind::Memory, Wishes::default());
    let process = world.start();
    // It will not price a basket for a customer whose id it does not know.
    let mut unknown = world.sample();
    unknown.customer.id = Some("nobody-has-this".to_owned());
    world.run(process.flow.quote(&world.caller(Role::Kiosk), &world.store, &unknown)).unwrap();
    only(world.submit(&process, &banned(&world), "one"), codes::CUSTOMER_BANNED);
    // One that fails is asked again only after a while.
    world.pass(Duration::from_secs(61));
    world.fault(FaultRule::rate(1.0, Fault::Error { status: 503 }));
    world.run(process.flow.quote(&world.caller(Role::Kiosk), &world.store, &world.sample())).unwrap();
    let calls = world.wire.calls().len();
    world.submit(&process, &of(&world, vec![line(flower_of(&world, "1"), 2)]), "two").unwrap();
    assert_eq!(world.wire.calls().len(), calls);
}

fn a_storm_of_one_customer_is_answered(kind: Kind) {
    for (cap, most) in [("28 g", 28), ("100 g", 64)] {
        let world = with_rules(kind, flower(cap, true));
        let process = world.start();
        let kiosk = world.caller(Role::Kiosk);
        let draft = of(&world, vec![line(flower_of(&world, "1"), 1)]);
        let names: Vec<_> = (0..64).map(|n| key(&format!("storm-{n}"))).collect();
        let all = names.iter().map(|name| process.flow.submit(&kiosk, &world.store, &draft, name, None));
        let mut placed = 0;
        for outcome in world.run(join_all(all)) {
            match outcome {
                Ok(_) => placed += 1,
                Err(FlowError::Invalid(problems)) => {
                    let fits = |code| code == codes::LIMIT_EXCEEDED || code == codes::OUT_OF_STOCK;
                    assert!(problems.iter().all(|problem| fits(problem.code)), "{problems:?}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        // And so are all of their orders together.
        let ids = world.books.orders();
        let manager = world.caller(Role::Manager);
        let complete =
            Command::new(Action::Complete { id_checked: true }).because(ReasonCode::StoreOperations);
        let done = world.run(process.flow.batch(&manager, &world.store, &ids, &complete)).unwrap();
        let failed: Vec<_> = done.iter().filter(|result| result.outcome.is_err()).collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert!(placed <= most && placed > 20, "{placed}");
        world.check();
    }
}
