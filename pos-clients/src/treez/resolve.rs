//! Looking for a ticket whose create ended without a clear answer (Treez 8). There is no look-up by our
//! number, so lists are read whole and matched.

use chrono::{NaiveDate, TimeDelta};
use order_core::model::Status;
use order_core::ports::{PosError, PosErrorKind, Probe, Resolution};

use super::client::{Ask, Treez};
use super::map::{read_status, read_time, snapshot, status_word};
use super::wire::Ticket;

const RESOLVE: &str = "resolve";

/// The most pages read of one list.
const MOST_PAGES: u32 = 40;

/// What reading a list to its end came to.
struct Scan {
    matches: Vec<Ticket>,
    whole: bool,
}

impl Treez {
    /// Reads a list page by page to its end and keeps what bears our number.
    ///
    /// A short page ends a list (Treez 4.1). Where not finding the ticket will have it created again, only
    /// an empty page does: the page may be short because Treez gives fewer than were asked for.
    async fn scan(&self, list: &str, reference: &str) -> Result<Scan, PosError> {
        let size = self.config.page_size;
        let mut scan = Scan { matches: Vec::new(), whole: false };
        for page in 1..=MOST_PAGES {
            let path = format!("{list}/page/{page}/pagesize/{size}");
            let tickets = match self.ask::<Ticket>(Ask::get(RESOLVE, path)).await {
                Ok(envelope) => envelope.told(),
                // A list without tickets may be told as an error (Treez 6). A gateway's 404 has no code.
                Err(error) if error.kind() == PosErrorKind::NotFound && error.vendor_code().is_some() => {
                    Some(Vec::new())
                }
                Err(error) => return Err(error),
            };
            // An answer that holds no list, or something else than tickets, proves nothing.
            let Some(tickets) = tickets else { return Ok(scan) };
            if tickets.iter().any(|ticket| ticket.ticket_id.0.is_none()) {
                return Ok(scan);
            }
            let count = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
            for ticket in tickets {
                let ours = ticket.external_order_number.is(reference) && !ticket.order_status.is("PREVIEW");
                // Lists shift while they are read, so one ticket may come twice (Treez 9.2).
                if ours && scan.matches.iter().all(|other| other.ticket_id != ticket.ticket_id) {
                    scan.matches.push(ticket);
                }
            }
            if count == 0 || (count < size && !self.config.repost_after_absent) {
                scan.whole = true;
                return Ok(scan);
            }
        }
        Ok(scan)
    }

    /// The store's days on which a ticket sent then can have been opened. The store's zone is not known
    /// here; in the Americas its date is ours or the one before.
    fn days(probe: &Probe) -> Vec<NaiveDate> {
        let first = probe.sent_after - TimeDelta::hours(12);
        let last = probe.sent_after + TimeDelta::hours(1);
        let mut days = vec![first.date_naive(), last.date_naive()];
        days.dedup();
        days
    }

    pub(super) async fn search(&self, probe: &Probe) -> Result<Resolution, PosError> {
        let reference = probe.order.reference.to_string();
        let lists = match self.known_customer(&probe.order.customer).await {
            Ok(Some(customer)) => {
                vec![format!("/ticket/customer/{}", self.segment(RESOLVE, customer.id.as_str())?)]
            }
            // Nobody, or several: look through the store's tickets instead.
            Ok(None) => self.store_lists(probe),
            Err(error) if error.kind() == PosErrorKind::Customer => self.store_lists(probe),
            Err(error) => return Err(error),
        };
        let mut matches: Vec<Ticket> = Vec::new();
        let mut whole = true;
        for list in lists {
            let scan = self.scan(&list, &reference).await?;
            whole &= scan.whole;
            for ticket in scan.matches {
                if matches.iter().all(|other| other.ticket_id != ticket.ticket_id) {
                    matches.push(ticket);
                }
            }
        }
        // Of two, the earliest stands; nothing is cancelled here. One without a time comes last. A cancelled
        // one is a predecessor of the one that is sought: an order taken up again keeps its number.
        matches.sort_by_key(|ticket| {
            let created = read_time(&ticket.date_created);
            let cancelled = ticket.order_status.as_str().and_then(read_status) == Some(Status::Canceled);
            (cancelled, created.is_none(), created)
        });
        if let Some(found) = matches.iter().find_map(|ticket| snapshot(ticket, self.config.currency)) {
            return Ok(Resolution::Found(Box::new(found)));
        }
        Ok(match (whole, self.config.repost_after_absent) {
            (false, _) => Resolution::CannotTell {
                why: format!("the list of tickets is longer than the {MOST_PAGES} pages that are read; look there by hand"),
            },
            (true, true) => Resolution::Absent,
            (true, false) => Resolution::CannotTell {
                why: "no ticket bears our number, but Treez does not promise that a list shows every ticket at once"
                    .to_owned(),
            },
        })
    }

    fn store_lists(&self, probe: &Probe) -> Vec<String> {
        let begun = match probe.order.status {
            Status::VerificationPending => Status::VerificationPending,
            _ => Status::AwaitingProcessing,
        };
        let by_day = Self::days(probe).into_iter().map(|day| format!("/ticket/opendate/{day}"));
        [format!("/ticket/status/{}", status_word(begun))].into_iter().chain(by_day).collect()
    }
}

#[cfg(test)]
mod tests {
    use order_core::model::{CustomerKind, FulfillmentKind, OrderCustomer, OrderId};
    use order_core::ports::PosOrder;

    use super::*;

    #[test]
    fn the_days_cover_the_stores_date() {
        let probe = |at: &str| Probe {
            sent_after: at.parse().unwrap(),
            order: PosOrder {
                reference: "5b0e6c0e-7a50-4c1f-9d55-0d0f0f6f2a11".parse::<OrderId>().unwrap(),
                code: String::new(),
                placed_at: at.parse().unwrap(),
                status: Status::AwaitingProcessing,
                fulfillment: FulfillmentKind::Pickup,
                customer: OrderCustomer {
                    id: None,
                    first_name: "".into(),
                    last_name: "".into(),
                    phone: None,
                    email: None,
                    birth_date: None,
                    kind: CustomerKind::Adult,
                },
                lines: Vec::new(),
                totals: None,
                note: None,
                discount_code: None,
            },
        };
        let days = |at: &str| Treez::days(&probe(at)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(days("2026-03-02T18:00:00Z"), ["2026-03-02"]);
        assert_eq!(days("2026-03-02T04:00:00Z"), ["2026-03-01", "2026-03-02"]);
        assert_eq!(days("2026-03-02T23:30:00Z"), ["2026-03-02", "2026-03-03"]);
    }
}
