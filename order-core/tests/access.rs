//! Who may do what, and where: the role matrix, store scope, and what is somebody's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::World;
use order_core::access::{Caller, Denied, Permission, Role, Scope, authorize, authorize_order};
use order_core::lifecycle::ActionKind;
use order_core::model::{KioskId, Order, OrderId, Status, StoreId};
use order_core::testkit::actor;

fn store(name: &str) -> StoreId {
    StoreId::new(name).unwrap()
}

fn kiosk(name: &str) -> KioskId {
    KioskId::new(name).unwrap()
}

/// An order of `green-oak`, placed at the kiosk `front`.
fn order() -> Order {
    let mut order = World::plain().order;
    order.kiosk = Some(kiosk("front"));
    order
}

/// Somebody in their usual scope, who may see that order.
fn usual(role: Role, order: &Order) -> Caller {
    let scope = match role {
        Role::Customer => Scope::Order(order.id),
        Role::Admin | Role::System => Scope::All,
        _ => Scope::Stores([order.store.clone()].into()),
    };
    let kiosk = (role == Role::Kiosk).then(|| order.kiosk.clone()).flatten();
    Caller { actor: actor(role), scope, kiosk }
}

/// The matrix of the domain text, written down anew: c customer, k kiosk, s staff, m manager, a admin, p POS,
/// y system.
fn text(permission: Permission) -> &'static str {
    use ActionKind as K;
    match permission {
        Permission::Menu => "ksma",
        Permission::Quote | Permission::Submit => "ksm",
        Permission::ReadOrder => "cksma",
        Permission::ReadHistory | Permission::ListOrders | Permission::Report => "sma",
        Permission::Act(
            K::Verify | K::Start | K::Release | K::Pack | K::Unpack | K::Dispatch | K::Return,
        ) => "smap",
        Permission::Act(K::Complete | K::MarkPaid) => "smap",
        Permission::Act(K::Reject | K::Pick | K::PosRetry | K::PosLink | K::PosManual) => "sma",
        Permission::Act(K::Cancel) => "cksmap",
        Permission::Act(K::Expire | K::NotifyReport) => "y",
        Permission::Act(K::Remove) => "a",
        Permission::Act(K::Reopen) => "ma",
        Permission::Act(K::Amend | K::Merge) => "cksm",
        Permission::Act(K::MarkPrinted) => "ksmay",
        Permission::Act(K::PosReport) => "py",
        // Staff move many orders forward only.
        Permission::Batch(K::Verify | K::Start | K::Pick | K::Pack | K::Dispatch | K::Complete) => "sma",
        Permission::Batch(K::MarkPaid | K::MarkPrinted) => "sma",
        Permission::Batch(K::Release | K::Unpack | K::Return | K::Reject | K::Cancel | K::Reopen) => "ma",
        Permission::Batch(K::PosRetry | K::PosLink | K::PosManual) => "ma",
        Permission::Batch(K::Remove) => "a",
        Permission::Batch(K::Amend | K::Merge) => "m",
        Permission::Batch(_) => "",
        other => panic!("{other:?} is not in the text"),
    }
}

fn initial(role: Role) -> char {
    match role {
        Role::Customer => 'c',
        Role::Kiosk => 'k',
        Role::Staff => 's',
        Role::Manager => 'm',
        Role::Admin => 'a',
        Role::Pos => 'p',
        Role::System => 'y',
    }
}

fn permissions() -> Vec<Permission> {
    let mut all = vec![
        Permission::Menu,
        Permission::Quote,
        Permission::Submit,
        Permission::ReadOrder,
        Permission::ReadHistory,
        Permission::ListOrders,
        Permission::Report,
    ];
    for kind in ActionKind::ALL.iter().copied() {
        all.extend([Permission::Act(kind), Permission::Batch(kind)]);
    }
    all
}

#[test]
fn every_role_has_the_rights_of_the_text_and_no_other() {
    let order = order();
    for permission in permissions() {
        for role in Role::ALL {
            let caller = usual(role, &order);
            let may = text(permission).contains(initial(role));
            let expected = if may { Ok(()) } else { Err(Denied::Forbidden { role }) };
            assert_eq!(authorize_order(&caller, permission, &order), expected, "{role} {permission:?}");
            // A customer's token names an order, so a store is none of theirs.
            let expected = if role == Role::Customer { Err(Denied::NotYours) } else { expected };
            assert_eq!(authorize(&caller, permission, &order.store), expected, "{role} {permission:?}");
        }
    }
}

#[test]
fn another_store_is_not_found_whatever_the_right() {
    let order = order();
    for permission in permissions() {
        for role in [Role::Kiosk, Role::Staff, Role::Manager, Role::Pos] {
            let mut caller = usual(role, &order);
            caller.scope = Scope::Stores([store("red-elm")].into());
            assert_eq!(authorize(&caller, permission, &order.store), Err(Denied::NotYours));
            assert_eq!(authorize_order(&caller, permission, &order), Err(Denied::NotYours));
            caller.scope = Scope::Stores(Default::default());
            assert_eq!(authorize_order(&caller, permission, &order), Err(Denied::NotYours));
        }
    }
    let mut manager = usual(Role::Manager, &order);
    manager.scope = Scope::Stores([store("red-elm"), order.store.clone()].into());
    assert!(authorize(&manager, Permission::Report, &order.store).is_ok());
    assert!(authorize(&manager, Permission::Report, &store("red-elm")).is_ok());
    assert_eq!(Denied::NotYours.to_string(), "not found", "nobody learns what exists elsewhere");
}

#[test]
fn a_kiosk_has_the_orders_placed_at_it() {
    let order = order();
    let mut caller = usual(Role::Kiosk, &order);
    assert!(authorize_order(&caller, Permission::ReadOrder, &order).is_ok());
    caller.kiosk = Some(kiosk("back"));
    assert_eq!(authorize_order(&caller, Permission::ReadOrder, &order), Err(Denied::NotYours));
    assert_eq!(authorize_order(&caller, Permission::Act(ActionKind::Start), &order), Err(Denied::NotYours));
    caller.scope = Scope::All;
    assert_eq!(authorize_order(&caller, Permission::ReadOrder, &order), Err(Denied::NotYours));
    // A kiosk without a name has no orders, not those that came from no kiosk.
    caller.kiosk = None;
    assert_eq!(authorize_order(&caller, Permission::ReadOrder, &order), Err(Denied::NotYours));
    let mut at_the_desk = order;
    at_the_desk.kiosk = None;
    assert_eq!(authorize_order(&caller, Permission::ReadOrder, &at_the_desk), Err(Denied::NotYours));
}

#[test]
fn a_customer_has_one_order() {
    let order = order();
    let mut caller = usual(Role::Customer, &order);
    assert!(authorize_order(&caller, Permission::Act(ActionKind::Cancel), &order).is_ok());
    caller.scope = Scope::Order(OrderId::new(Default::default()));
    assert_eq!(authorize_order(&caller, Permission::ReadOrder, &order), Err(Denied::NotYours));
    // However wide a token a host may hand out by mistake.
    for scope in [Scope::All, Scope::Stores([order.store.clone()].into())] {
        caller.scope = scope;
        assert_eq!(authorize_order(&caller, Permission::ReadOrder, &order), Err(Denied::NotYours));
    }
}

#[test]
fn a_right_to_an_action_is_a_row_in_the_table_and_the_other_way_round() {
    let order = order();
    for kind in ActionKind::ALL.iter().copied() {
        for role in Role::ALL {
            let somewhere = Status::ALL
                .into_iter()
                .any(|status| order_core::lifecycle::row_for(kind, status, role).is_some());
            let caller = usual(role, &order);
            assert_eq!(
                authorize_order(&caller, Permission::Act(kind), &order).is_ok(),
                somewhere,
                "{role} {kind}"
            );
        }
    }
}
