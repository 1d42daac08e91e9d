//! Whom a message goes to.

use order_core::model::{Audience, Personal};
use order_core::ports::Message;

/// The addresses of the audience, each once. Never those of another audience: a customer without an
/// address is not told, rather than the staff twice.
pub(crate) fn recipients(message: &Message) -> Vec<Personal> {
    let listed: Vec<&str> = match message.audience {
        Audience::Customer => message.order.customer.email.iter().map(Personal::reveal).collect(),
        Audience::Staff => message.store.notices.staff.iter().map(Personal::reveal).collect(),
        Audience::Manager => message.store.notices.managers.iter().map(Personal::reveal).collect(),
    };
    let mut found: Vec<Personal> = Vec::with_capacity(listed.len());
    for address in listed.into_iter().map(str::trim).filter(|address| !address.is_empty()) {
        if !found.iter().any(|known| known.reveal().eq_ignore_ascii_case(address)) {
            found.push(Personal::new(address));
        }
    }
    found
}
