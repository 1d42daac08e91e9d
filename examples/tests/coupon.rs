//! Looking coupons up, over a POS that can and one that cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use order_core::access::{Actor, Caller, Role, Scope};
use order_core::flow::{FlowError, OrderFlow, StoreSetup, SyncedMenu};
use order_core::model::{
    ActorId, Capabilities, Currency, NoticeSettings, Policy, PosOrderId, Status, Store, StoreId, StoreRules,
    VendorLabel,
};
use order_core::ports::{
    Coupon, PosError, PosErrorKind, PosOrder, PosOrderClient, PosQuote, PosSnapshot, Probe, ProductPage,
    ProductSource, Resolution, RetryClass, SystemClock, SystemIds,
};
use order_store::sqlite::SqliteStore;

/// A POS that knows coupons, or does not, and can do nothing else.
#[derive(Debug)]
struct Register {
    vendor: VendorLabel,
    coupons: bool,
}

impl Register {
    fn fail<T>(&self, kind: PosErrorKind) -> Result<T, PosError> {
        Err(PosError::build(self.vendor.clone(), "coupon", kind, RetryClass::NotSent, "not now").finish())
    }
}

#[async_trait]
impl ProductSource for Register {
    async fn products(&self, _cursor: Option<&str>) -> Result<ProductPage, PosError> {
        self.fail(PosErrorKind::Unavailable)
    }
}

#[async_trait]
impl PosOrderClient for Register {
    fn vendor(&self) -> &VendorLabel {
        &self.vendor
    }

    fn capabilities(&self) -> Capabilities {
        let mut able = Capabilities::MINIMAL;
        able.coupon = self.coupons;
        able
    }

    async fn check(&self) -> Result<(), PosError> {
        Ok(())
    }

    async fn quote(&self, _: &PosOrder) -> Result<PosQuote, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn create(&self, _: &PosOrder) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn resolve(&self, _: &Probe) -> Result<Resolution, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn get(&self, _: &PosOrderId) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn update(&self, _: &PosOrderId, _: &PosOrder) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn set_status(&self, _: &PosOrderId, _: Status) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn mark_paid(&self, _: &PosOrderId) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn cancel(&self, _: &PosOrderId) -> Result<PosSnapshot, PosError> {
        self.fail(PosErrorKind::Unsupported)
    }

    async fn coupon(&self, code: &str) -> Result<Option<Coupon>, PosError> {
        match code {
            "SPRING" => Ok(Some(Coupon { code: code.to_owned(), title: "10 % off".to_owned() })),
            "DOWN" => self.fail(PosErrorKind::Unreachable),
            _ => Ok(None),
        }
    }
}

fn setup(id: &StoreId, coupons: bool) -> StoreSetup {
    let vendor = VendorLabel::new("register").unwrap();
    let register = Arc::new(Register { vendor: vendor.clone(), coupons });
    let store = Store {
        id: id.clone(),
        name: id.to_string(),
        time_zone: chrono_tz::UTC,
        currency: Currency::USD,
        vendor: Some(vendor),
        address: None,
        taxes: Vec::new(),
        policy: Policy::default(),
        notices: NoticeSettings::default(),
        rules: StoreRules::default(),
    };
    StoreSetup {
        store: Arc::new(store),
        pos: Some(register.clone()),
        catalog: Arc::new(SyncedMenu::new(register)),
        customers: None,
    }
}

fn caller(role: Role, store: &StoreId) -> Caller {
    let scope = Scope::Stores(BTreeSet::from([store.clone()]));
    Caller { actor: Actor::new(role, ActorId::new("somebody").unwrap()), scope, kiosk: None }
}

#[tokio::test]
async fn coupons_are_asked_for_where_the_pos_knows_them() {
    let folder = tempfile::tempdir().unwrap();
    let orders = Arc::new(SqliteStore::open(&folder.path().join("orders.db")).await.unwrap());
    let (with, without) = (StoreId::new("with").unwrap(), StoreId::new("without").unwrap());
    let flow = OrderFlow::builder(orders, Arc::new(SystemClock), Arc::new(SystemIds))
        .store(setup(&with, true))
        .store(setup(&without, false))
        .build()
        .unwrap();
    let kiosk = caller(Role::Kiosk, &with);
    let found = flow.coupon(&kiosk, &with, " SPRING ").await.unwrap().unwrap();
    assert_eq!((found.code.as_str(), found.title.as_str()), ("SPRING", "10 % off"));
    for unknown in ["AUTUMN", "", " ", "a\nb", &"x".repeat(65)] {
        assert_eq!(flow.coupon(&kiosk, &with, unknown).await.unwrap(), None, "{unknown:?}");
    }
    let down = flow.coupon(&kiosk, &with, "DOWN").await;
    assert!(matches!(down, Err(FlowError::NoAnswer(Some(_)))), "{down:?}");
    let elsewhere = flow.coupon(&kiosk, &without, "SPRING").await;
    assert!(matches!(elsewhere, Err(FlowError::NoSuchStore)), "{elsewhere:?}");
    let not_offered = flow.coupon(&caller(Role::Staff, &without), &without, "SPRING").await;
    assert!(matches!(not_offered, Err(FlowError::NotOffered { .. })), "{not_offered:?}");
    let forbidden = flow.coupon(&caller(Role::Admin, &with), &with, "SPRING").await;
    assert!(matches!(forbidden, Err(FlowError::Forbidden { role: Role::Admin })), "{forbidden:?}");
}
