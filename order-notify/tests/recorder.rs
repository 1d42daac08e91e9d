//! The recorder for hosts' tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{message, with_store};
use order_core::model::{Audience, Channel, NoticeKind};
use order_core::ports::{Delivery, Notifier, NotifyError};
use order_notify::Recorder;

#[tokio::test]
async fn records_and_fails_as_told() {
    let recorder = Recorder::new(Channel::Email);
    let to_staff = message(NoticeKind::Submitted, Audience::Staff);
    let failure = NotifyError::Transient("down".to_owned());
    recorder.fail(2, failure.clone());
    assert_eq!(recorder.send(&to_staff).await, Err(failure.clone()));
    assert_eq!(recorder.send(&to_staff).await, Err(failure));
    assert_eq!(recorder.send(&to_staff).await, Ok(Delivery::Sent { recipients: 2 }));
    assert_eq!((recorder.tries(), recorder.keys()), (3, vec![to_staff.key.clone()]));
    assert_eq!(recorder.sent()[0].kind, NoticeKind::Submitted);

    let nobody = with_store(to_staff, |store| store.notices.staff.clear());
    assert_eq!(recorder.send(&nobody).await, Ok(Delivery::NobodyToTell));
    recorder.clear();
    assert_eq!((recorder.tries(), recorder.sent().len()), (0, 0));
    assert!(!format!("{recorder:?}").contains('@'));
}
