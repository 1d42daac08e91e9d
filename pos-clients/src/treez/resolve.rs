//! Looking for a ticket whose create ended without a clear answer (Treez 8). There is no look-up by our
//! number, so lists are read whole and matched.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use order_core::model::Status;
use order_core::ports::{PosError, PosErrorKind, Probe, Resolution};

use super::client::{Ask, Treez};
use super::customers::personal;
use super::map::{read_status, read_time, snapshot, status_word};
use super::wire::Ticket;

const RESOLVE: &str = "resolve";

/// The most pages read of one list.
const MOST_PAGES: u32 = 40;

/// The most days looked through.
const MOST_DAYS: usize = 14;

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
    async fn scan(&self, list: &str, reference: &str, hidden: &[String]) -> Result<Scan, PosError> {
        let size = self.config.page_size;
        let mut scan = Scan { matches: Vec::new(), whole: false };
        for page in 1..=MOST_PAGES {
            let path = format!("{list}/page/{page}/pagesize/{size}");
            let tickets = match self.ask::<Ticket>(Ask::get(RESOLVE, path).hiding(hidden.to_vec())).await {
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

    /// The store's days on which a ticket sent between then and now can have been opened, and whether these
    /// are all: an order may have waited long for its POS. The store's zone is not known here; in the
    /// Americas its date is ours or the one before.
    fn days(sent_after: DateTime<Utc>, now: DateTime<Utc>) -> (Vec<NaiveDate>, bool) {
        let first = (sent_after - TimeDelta::hours(12)).date_naive();
        let last = (now.max(sent_after) + TimeDelta::hours(1)).date_naive();
        let mut days: Vec<NaiveDate> =
            first.iter_days().take_while(|day| *day <= last).take(MOST_DAYS + 1).collect();
        let all = days.len() <= MOST_DAYS;
        days.truncate(MOST_DAYS);
        (days, all)
    }

    pub(super) async fn search(&self, probe: &Probe) -> Result<Resolution, PosError> {
        let reference = probe.order.reference.to_string();
        let (lists, all) = match self.known_customer(&probe.order.customer).await {
            Ok(Some(customer)) => {
                let customer = self.segment(RESOLVE, customer.id.as_str())?;
                (vec![format!("/ticket/customer/{customer}")], true)
            }
            // Nobody, or several: look through the store's tickets instead.
            Ok(None) => self.store_lists(probe),
            Err(error) if error.kind() == PosErrorKind::Customer => self.store_lists(probe),
            Err(error) => return Err(error),
        };
        let hidden = personal(&probe.order.customer);
        let mut matches: Vec<Ticket> = Vec::new();
        let mut whole = all;
        for list in lists {
            let scan = self.scan(&list, &reference, &hidden).await?;
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
                why: "there are more tickets, or more days of them, than are looked through; look there by hand"
                    .to_owned(),
            },
            (true, true) => Resolution::Absent,
            (true, false) => Resolution::CannotTell {
                why: "no ticket bears our number, but Treez does not promise that a list shows every ticket at once"
                    .to_owned(),
            },
        })
    }

    /// The store's lists that can hold the ticket, and whether these are all.
    fn store_lists(&self, probe: &Probe) -> (Vec<String>, bool) {
        let begun = match probe.order.status {
            Status::VerificationPending => Status::VerificationPending,
            _ => Status::AwaitingProcessing,
        };
        let (days, all) = Self::days(probe.sent_after, self.now());
        let by_day = days.into_iter().map(|day| format!("/ticket/opendate/{day}"));
        ([format!("/ticket/status/{}", status_word(begun))].into_iter().chain(by_day).collect(), all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(sent_after: &str, now: &str) -> (Vec<String>, bool) {
        let (days, all) = Treez::days(sent_after.parse().unwrap(), now.parse().unwrap());
        (days.iter().map(ToString::to_string).collect(), all)
    }

    #[test]
    fn the_days_cover_the_stores_date() {
        for (at, expected) in [
            ("2026-03-02T18:00:00Z", &["2026-03-02"][..]),
            ("2026-03-02T04:00:00Z", &["2026-03-01", "2026-03-02"]),
            ("2026-03-02T23:30:00Z", &["2026-03-02", "2026-03-03"]),
        ] {
            let (found, all) = days(at, at);
            assert!(all && found == expected, "{at}: {found:?}");
        }
    }

    #[test]
    fn an_order_that_waited_is_looked_for_on_every_day_since() {
        let (found, all) = days("2026-03-02T18:00:00Z", "2026-03-04T18:00:00Z");
        assert!(all && found == ["2026-03-02", "2026-03-03", "2026-03-04"], "{found:?}");
        let (found, all) = days("2026-03-02T18:00:00Z", "2026-06-02T18:00:00Z");
        assert!(!all && found.len() == MOST_DAYS, "too many days are no proof");
    }
}
