//! All demo orders from kiosk to hand-over.

use order_core::access::Role;
use order_core::flow::QuoteSource;
use order_core::lifecycle::Action;
use order_core::model::{PaymentStatus, PosState, Status};
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::world::{Kind, World};

on_both_stores!(every_demo_order_comes_to_its_end);

fn every_demo_order_comes_to_its_end(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let kiosk = world.caller(Role::Kiosk);
    for (number, demo) in world.data.orders.iter().enumerate() {
        let draft = world.draft(demo);
        let quote = world.run(process.flow.quote(&kiosk, &world.store, &draft)).unwrap();
        assert_eq!(quote.source, QuoteSource::Pos, "order {number}");
        let placed = world.submit(&process, &draft, &format!("key-{number}")).unwrap().order;
        assert_eq!(placed.totals, quote.totals, "order {number}");
        world.settle(&process);
        let order = world.load(placed.id);
        assert_eq!(order.pos.state, PosState::Accepted, "order {number}: {:?}", order.pos);
        assert_eq!(order.pos.totals, Some(order.totals), "order {number}");
        assert_eq!(order.pos.differences, [], "order {number}");
        if order.status == Status::VerificationPending {
            world.staff(&process, placed.id, Action::Verify);
        }
        world.staff(&process, placed.id, Action::Start);
        world.settle(&process);
        assert_eq!(world.there(placed.id).status, "IN_PROCESS");
        world.staff(&process, placed.id, Action::Pick(Vec::new()));
        world.staff(&process, placed.id, Action::Pack);
        world.staff(&process, placed.id, Action::MarkPaid);
        world.staff(&process, placed.id, Action::Complete { id_checked: true });
        world.settle(&process);
        let (order, there) = (world.load(placed.id), world.there(placed.id));
        assert_eq!((order.status, there.status.as_str()), (Status::Completed, "COMPLETED"));
        assert_eq!(order.payment, PaymentStatus::Paid);
        assert_eq!(there.total.parse::<Decimal>().unwrap(), order.totals.total);
        assert_eq!(order.pos.differences, []);
    }
    world.follow(&process);
    world.check_settled();
    world.check_mail_once();
    assert_eq!(world.books.outbox(), []);
    assert_eq!(world.register.orders().len(), 30);
}
