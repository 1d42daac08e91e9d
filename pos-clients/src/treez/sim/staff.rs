//! The register: what the store's staff do to a ticket.

use chrono::{DateTime, Utc};

use super::TreezSim;
use super::tickets::Payment;
use crate::sim::SimError;

/// `verify` and `accept` put a ticket into the queue, `start` prepares it, `pack` makes it ready, `dispatch` sends
/// it out, `pay` takes the money, `complete` takes the money where it is due and hands over, `cancel` and `remove`
/// close it. All but the closing ones go backwards as well as forwards (Treez 4.5).
pub(super) const ACTIONS: &[&str] =
    &["verify", "accept", "start", "pack", "dispatch", "pay", "complete", "cancel", "remove"];

impl TreezSim {
    pub(super) fn act(&mut self, order: &str, action: &str, now: DateTime<Utc>) -> Result<(), SimError> {
        if !ACTIONS.contains(&action) {
            return Err(SimError::UnknownAction { action: action.to_owned(), known: ACTIONS });
        }
        let ticket = self.tickets.find(order).ok_or_else(|| SimError::NoSuchOrder(order.to_owned()))?;
        let (closed, paid, total) = (ticket.is_closed(), ticket.is_paid(), ticket.content.totals().total);
        let refuse = |why: String| Err(SimError::NotAllowed(why));
        if closed {
            return refuse(format!("the ticket is {}", ticket.status));
        }
        let status = match action {
            "verify" | "accept" => Some("AWAITING_PROCESSING"),
            "start" => Some("IN_PROCESS"),
            "pack" => Some("PACKED_READY"),
            "dispatch" if ticket.content.kind != "DELIVERY" => {
                return refuse("only deliveries go out".to_owned());
            }
            "dispatch" => Some("OUT_FOR_DELIVERY"),
            "pay" if paid => return refuse("the ticket is already paid".to_owned()),
            "pay" => None,
            "complete" => Some("COMPLETED"),
            _ if paid => return refuse("a paid ticket must be refunded first".to_owned()),
            "cancel" => Some("CANCELED"),
            _ => Some("REMOVED"),
        };
        if matches!(action, "pay" | "complete") && !paid {
            let id = self.random.next_uuid();
            if let Some(ticket) = self.tickets.find_mut(order) {
                ticket.payments.push(Payment {
                    id,
                    source: "IN_STORE".to_owned(),
                    method: "CASH".to_owned(),
                    amount: total,
                    at: now,
                });
                ticket.updated = now;
            }
        }
        if let Some(status) = status {
            self.move_ticket(order, status, "STAFF", now);
        }
        Ok(())
    }
}
