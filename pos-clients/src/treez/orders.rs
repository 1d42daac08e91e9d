//! Orders, which Treez calls tickets (Treez 4).

use async_trait::async_trait;
use http::Method;
use order_core::model::{PosOrderId, Status, VendorLabel};
use order_core::ports::{
    Capabilities, Coupon, PosError, PosErrorKind, PosOrder, PosOrderClient, PosQuote, PosSnapshot, Probe,
    Resolution, RetryClass, StatusSet,
};

use super::client::{Ask, Treez};
use super::config::TICKET_ID;
use super::customers::personal;
use super::map::{limits, paid, read_status, snapshot, status_word, totals};
use super::ticket::{Unfit, echo, held, new_ticket, wanted, with_basket, with_payment};
use super::wire::{Ticket, TicketRequest};

/// The statuses an update may set (Treez 4.5).
const SETTABLE: [Status; 5] = [
    Status::VerificationPending,
    Status::AwaitingProcessing,
    Status::InProcess,
    Status::PackedReady,
    Status::OutForDelivery,
];

const SETTABLE_AND_COMPLETED: [Status; 6] = [
    Status::VerificationPending,
    Status::AwaitingProcessing,
    Status::InProcess,
    Status::PackedReady,
    Status::OutForDelivery,
    Status::Completed,
];

fn is_paid(ticket: &Ticket) -> bool {
    paid(ticket) == Some(true)
}

/// Whether money has moved, one way or the other: no further change is accepted then (Treez 4.4).
fn has_payment(ticket: &Ticket) -> bool {
    is_paid(ticket) || ticket.payment_status.is("REFUNDED") || !ticket.payments.0.is_empty()
}

fn status(ticket: &Ticket) -> Option<Status> {
    ticket.order_status.as_str().and_then(read_status)
}

fn is_closed(ticket: &Ticket) -> bool {
    status(ticket).is_some_and(|status| !status.is_open())
}

/// What of an order no error may show.
fn hidden_of(order: &PosOrder) -> Vec<String> {
    let note = order.note.iter().map(|note| note.as_str().to_owned());
    personal(&order.customer).into_iter().chain(note).collect()
}

impl Treez {
    fn unfit(&self, operation: &'static str, unfit: Unfit) -> PosError {
        self.refuse(operation, unfit.0, unfit.1)
    }

    fn wrong_state(&self, operation: &'static str, detail: &'static str) -> PosError {
        self.refuse(operation, PosErrorKind::WrongState, detail)
    }

    fn shown(
        &self,
        operation: &'static str,
        ticket: &Ticket,
        retry: RetryClass,
    ) -> Result<PosSnapshot, PosError> {
        snapshot(ticket, self.config.currency).ok_or_else(|| {
            self.fail(
                operation,
                PosErrorKind::BadAnswer,
                retry,
                "the POS answered with a ticket without an id; look there",
            )
        })
    }

    /// Posts a ticket and returns those in the answer.
    async fn post(
        &self,
        operation: &'static str,
        path: &str,
        request: &TicketRequest,
        safe: bool,
        hidden: Vec<String>,
    ) -> Result<Vec<Ticket>, PosError> {
        let ask = Ask {
            operation,
            method: Method::POST,
            path: path.to_owned(),
            body: Some(self.body(operation, request)?),
            safe,
            hidden,
        };
        Ok(self.ask::<Ticket>(ask).await?.all())
    }

    /// Reads the ticket with this id, wherever in the answer it stands (Treez 4.3).
    async fn read(
        &self,
        operation: &'static str,
        id: &PosOrderId,
        hidden: &[String],
    ) -> Result<Ticket, PosError> {
        let path = format!("/ticket/{}", self.segment(operation, id.as_str())?);
        let envelope = self.ask::<Ticket>(Ask::get(operation, path).hiding(hidden.to_vec())).await?;
        let all = envelope.all();
        if all.is_empty() {
            return Err(self.refuse(
                operation,
                PosErrorKind::NotFound,
                "the POS knows no ticket with this id",
            ));
        }
        all.into_iter().find(|ticket| ticket.ticket_id.is(id.as_str())).ok_or_else(|| {
            self.refuse(
                operation,
                PosErrorKind::Mismatch,
                "the POS answered with another ticket; compare by hand",
            )
        })
    }

    /// Sends an update and reads the ticket back: the answer to an update is not documented, and a lost
    /// answer is settled by the same read.
    async fn put(
        &self,
        operation: &'static str,
        id: &PosOrderId,
        request: &TicketRequest,
        holds: impl Fn(&Ticket) -> bool + Send + Sync,
        otherwise: Unfit,
        hidden: &[String],
    ) -> Result<Ticket, PosError> {
        let path = self.config.update_path.replace(TICKET_ID, &self.segment(operation, id.as_str())?);
        let ask = Ask {
            operation,
            method: Method::PUT,
            path,
            body: Some(self.body(operation, request)?),
            safe: false,
            hidden: request.ticket_note.iter().chain(hidden).cloned().collect(),
        };
        let sent = self.ask::<Ticket>(ask).await.map(|_| ());
        if let Err(error) = &sent
            && error.retry() != RetryClass::Ambiguous
        {
            return Err(error.clone());
        }
        match (sent, self.read(operation, id, hidden).await) {
            (_, Ok(ticket)) if holds(&ticket) => Ok(ticket),
            (Err(unclear), _) => Err(unclear),
            (Ok(()), Ok(_)) => Err(self.unfit(operation, otherwise)),
            (Ok(()), Err(unread)) => Err(unread.with_retry(RetryClass::Ambiguous)),
        }
    }

    /// Puts the payment of the whole total on the ticket.
    async fn pay(
        &self,
        operation: &'static str,
        id: &PosOrderId,
        ticket: &Ticket,
    ) -> Result<Ticket, PosError> {
        if has_payment(ticket) {
            return Err(self.wrong_state(
                operation,
                "a payment or a refund is on the ticket already; settle it at the register",
            ));
        }
        let total = ticket.total.0.ok_or_else(|| {
            self.refuse(
                operation,
                PosErrorKind::BadAnswer,
                "the POS gives no total to pay; settle it at the register",
            )
        })?;
        let request = with_payment(echo(&self.config, ticket), &self.config, total);
        let otherwise = Unfit(
            PosErrorKind::WrongState,
            "the POS took the payment but does not show the ticket as paid; look there",
        );
        self.put(operation, id, &request, is_paid, otherwise, &[]).await
    }

    async fn move_to(
        &self,
        operation: &'static str,
        id: &PosOrderId,
        ticket: &Ticket,
        to: Status,
    ) -> Result<Ticket, PosError> {
        let basket = held(ticket);
        let mut request = echo(&self.config, ticket);
        request.order_status = status_word(to).to_owned();
        let otherwise = Unfit(
            PosErrorKind::WrongState,
            "the POS accepted the change, but the ticket does not stand as asked; look there",
        );
        let as_asked = |after: &Ticket| status(after) == Some(to) && (!to.is_open() || held(after) == basket);
        self.put(operation, id, &request, as_asked, otherwise, &[]).await
    }
}

#[async_trait]
impl PosOrderClient for Treez {
    fn vendor(&self) -> &VendorLabel {
        &self.vendor
    }

    fn capabilities(&self) -> Capabilities {
        let mut can = Capabilities::MINIMAL;
        can.resolve = true;
        can.prove_absence = self.config.repost_after_absent;
        can.get = true;
        can.edit = true;
        can.set_status = if self.config.completes_by_api() {
            StatusSet::of(&SETTABLE_AND_COMPLETED)
        } else {
            StatusSet::of(&SETTABLE)
        };
        can.cancel = true;
        can.mark_paid = true;
        can.quote = true;
        // A preview is documented to validate purchase limits as a create does (Treez 5).
        can.limits = true;
        can.customer_find = true;
        can.customer_create = true;
        can
    }

    /// Fetches a token, or uses the one there is, and reads one waiting ticket.
    ///
    /// Refused credentials are `Unauthorized`, an address or dispensary that is not there is `Config`, a
    /// missing right is `Forbidden`, as far as Treez tells them apart (Treez 2, 6).
    async fn check(&self) -> Result<(), PosError> {
        let path = format!("/ticket/status/{}/page/1/pagesize/1", status_word(Status::AwaitingProcessing));
        match self.ask::<Ticket>(Ask::get("check", path)).await {
            Ok(_) => Ok(()),
            // Without a ticket in that status: the ticket resource answered, so all is in order.
            Err(error) if error.vendor_code() == Some("TICKET_NOT_FOUND") => Ok(()),
            Err(error) if error.kind() == PosErrorKind::NotFound => Err(self.refuse(
                "check",
                PosErrorKind::Config,
                "there is no such dispensary or address; correct dispensary and base_url",
            )),
            Err(error) => Err(error),
        }
    }

    /// A preview: nothing is stored and no stock set aside. A customer nobody knows yet is left out, so
    /// their limits are not in the answer. The totals may differ from the ticket's later (Treez 9.1).
    async fn quote(&self, order: &PosOrder) -> Result<PosQuote, PosError> {
        let mut request = new_ticket(&self.config, order).map_err(|unfit| self.unfit("quote", unfit))?;
        request.customer_id = self.known_customer(&order.customer).await?.map(|known| known.id.to_string());
        let hidden = hidden_of(order);
        let tickets = self.post("quote", &self.config.preview_path, &request, true, hidden).await?;
        let ticket = tickets.first();
        match ticket.and_then(|ticket| totals(ticket, self.config.currency).map(|totals| (ticket, totals))) {
            Some((ticket, totals)) => Ok(PosQuote { totals, limits: limits(ticket) }),
            None => Err(self.fail(
                "quote",
                PosErrorKind::BadAnswer,
                RetryClass::NotSent,
                "the POS priced the basket but gave no total",
            )),
        }
    }

    async fn create(&self, order: &PosOrder) -> Result<PosSnapshot, PosError> {
        let mut request = new_ticket(&self.config, order).map_err(|unfit| self.unfit("create", unfit))?;
        request.customer_id = Some(self.customer_for(&order.customer).await?.to_string());
        let hidden = hidden_of(order);
        let tickets = self.post("create", "/ticket/detailticket", &request, false, hidden).await?;
        let reference = order.reference.to_string();
        match tickets.iter().find(|ticket| ticket.external_order_number.is(&reference)) {
            Some(ticket) => self.shown("create", ticket, RetryClass::Ambiguous),
            None if tickets.is_empty() => Err(self.fail(
                "create",
                PosErrorKind::BadAnswer,
                RetryClass::Ambiguous,
                "the POS accepted the order but showed no ticket; look for it there",
            )),
            None => Err(self.fail(
                "create",
                PosErrorKind::Mismatch,
                RetryClass::Ambiguous,
                "the POS answered with a ticket that does not bear our number; look for ours there",
            )),
        }
    }

    async fn resolve(&self, probe: &Probe) -> Result<Resolution, PosError> {
        self.search(probe).await
    }

    async fn get(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError> {
        let ticket = self.read("get", id, &[]).await?;
        self.shown("get", &ticket, RetryClass::Refused)
    }

    async fn update(&self, id: &PosOrderId, order: &PosOrder) -> Result<PosSnapshot, PosError> {
        const UPDATE: &str = "update";
        let hidden = hidden_of(order);
        let basket = wanted(&order.lines).map_err(|unfit| self.unfit(UPDATE, unfit))?;
        let ticket = self.read(UPDATE, id, &hidden).await?;
        let foreign = ticket
            .external_order_number
            .as_str()
            .is_some_and(|number| !number.eq_ignore_ascii_case(&order.reference.to_string()));
        if foreign {
            return Err(self.refuse(
                UPDATE,
                PosErrorKind::Mismatch,
                "the ticket bears another order's number, so it is not changed; compare by hand",
            ));
        }
        if held(&ticket) == basket {
            return self.shown(UPDATE, &ticket, RetryClass::Refused);
        }
        if is_closed(&ticket) {
            return Err(self.wrong_state(UPDATE, "the ticket is closed in the POS and cannot be changed"));
        }
        if has_payment(&ticket) {
            return Err(self.wrong_state(
                UPDATE,
                "a payment is on the ticket, so the POS accepts no change; do it at the register",
            ));
        }
        let request = with_basket(echo(&self.config, &ticket), order, basket.clone());
        let otherwise = Unfit(
            PosErrorKind::Mismatch,
            "the POS accepted the change but holds other lines than asked; compare by hand",
        );
        let ticket =
            self.put(UPDATE, id, &request, |after| held(after) == basket, otherwise, &hidden).await?;
        self.shown(UPDATE, &ticket, RetryClass::Ambiguous)
    }

    async fn set_status(&self, id: &PosOrderId, to: Status) -> Result<PosSnapshot, PosError> {
        const SET_STATUS: &str = "set_status";
        if !self.capabilities().set_status.contains(to) {
            return Err(PosError::unsupported(
                self.vendor.clone(),
                SET_STATUS,
                "this status is set at the register, not through the API",
            ));
        }
        let mut ticket = self.read(SET_STATUS, id, &[]).await?;
        if status(&ticket) != Some(to) {
            if is_closed(&ticket) {
                return Err(self.wrong_state(SET_STATUS, "the ticket is closed in the POS"));
            }
            if to == Status::Completed && !is_paid(&ticket) {
                ticket = self.pay(SET_STATUS, id, &ticket).await?;
            }
            ticket = self.move_to(SET_STATUS, id, &ticket, to).await?;
        }
        self.shown(SET_STATUS, &ticket, RetryClass::Ambiguous)
    }

    async fn mark_paid(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError> {
        const MARK_PAID: &str = "mark_paid";
        let mut ticket = self.read(MARK_PAID, id, &[]).await?;
        if !is_paid(&ticket) {
            if status(&ticket) == Some(Status::Canceled) {
                return Err(self.wrong_state(MARK_PAID, "the ticket is cancelled in the POS"));
            }
            ticket = self.pay(MARK_PAID, id, &ticket).await?;
        }
        self.shown(MARK_PAID, &ticket, RetryClass::Ambiguous)
    }

    async fn cancel(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError> {
        const CANCEL: &str = "cancel";
        let ticket = self.read(CANCEL, id, &[]).await?;
        if ticket.order_status.is("CANCELED") {
            return self.shown(CANCEL, &ticket, RetryClass::Refused);
        }
        if is_closed(&ticket) {
            return Err(self.wrong_state(
                CANCEL,
                "the ticket is completed or removed in the POS and cannot be cancelled",
            ));
        }
        if has_payment(&ticket) {
            return Err(self.wrong_state(CANCEL, "the ticket is paid; refund it at the register"));
        }
        let ticket = self.move_to(CANCEL, id, &ticket, Status::Canceled).await?;
        self.shown(CANCEL, &ticket, RetryClass::Ambiguous)
    }

    async fn coupon(&self, _code: &str) -> Result<Option<Coupon>, PosError> {
        Err(PosError::unsupported(
            self.vendor.clone(),
            "coupon",
            "this POS has no coupon look-up; the code is written on the ticket for staff",
        ))
    }
}
