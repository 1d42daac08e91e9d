//! Customers: finding them, creating them, and settling whose an order is (Treez 3).

use async_trait::async_trait;
use http::Method;
use order_core::model::{CustomerId, OrderCustomer, Personal};
use order_core::ports::{
    CustomerQuery, NewCustomer, PosCustomer, PosCustomers, PosError, PosErrorKind, RetryClass,
};

use super::client::{Ask, Treez};
use super::map::{birth_date, customer, patient_type, phone};
use super::wire::{Customer, CustomerRequest};

const FIND: &str = "find_customer";
const CREATE: &str = "create_customer";

/// How far a merged record is followed to the one that is in use.
const MOST_MERGES: usize = 4;

/// What of a customer no error may show.
pub(super) fn personal(customer: &OrderCustomer) -> Vec<String> {
    let optional = [&customer.phone, &customer.email, &customer.birth_date];
    let all = [Some(&customer.first_name), Some(&customer.last_name)];
    let texts = all.into_iter().chain(optional.map(Option::as_ref)).flatten();
    texts.map(|text| text.reveal().to_owned()).filter(|text| !text.is_empty()).collect()
}

/// A failure before the ticket is posted: whatever became of it, the ticket was not.
pub(super) fn before_ticket(error: PosError) -> PosError {
    match error.retry() {
        RetryClass::Ambiguous => error.with_retry(RetryClass::NotSent),
        _ => error,
    }
}

impl Treez {
    /// The records at a path; none for a 404, whatever it says (Treez 3).
    async fn look_up(&self, path: String, hidden: &[String]) -> Result<Vec<Customer>, PosError> {
        match self.ask::<Customer>(Ask::get(FIND, path).hiding(hidden.to_vec())).await {
            Ok(envelope) => Ok(envelope.all()),
            Err(error) if error.kind() == PosErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The records in use among these: merged ones lead to the record they went into, deleted ones go.
    async fn in_use(&self, seen: Vec<Customer>, hidden: &[String]) -> Result<Vec<PosCustomer>, PosError> {
        let mut found: Vec<PosCustomer> = Vec::new();
        for record in seen {
            let mut current = Some(record);
            for _ in 0..MOST_MERGES {
                let Some(record) = &current else { break };
                let Some(target) = record.merged_into_customer_id.0.clone() else { break };
                let path = format!("/customer/{}", self.segment(FIND, &target)?);
                current = self.look_up(path, hidden).await?.into_iter().next();
            }
            // A record still merged away after that leads nowhere.
            let usable = current.filter(|record| {
                record.merged_into_customer_id.0.is_none() && !record.status.is("DEACTIVATED")
            });
            if let Some(one) = usable.as_ref().and_then(customer)
                && found.iter().all(|other| other.id != one.id)
            {
                found.push(one);
            }
        }
        Ok(found)
    }

    async fn by(&self, path: String, hidden: &[String]) -> Result<Vec<PosCustomer>, PosError> {
        let seen = self.look_up(path, hidden).await?;
        self.in_use(seen, hidden).await
    }

    async fn by_id(&self, id: &CustomerId, hidden: &[String]) -> Result<Vec<PosCustomer>, PosError> {
        self.by(format!("/customer/{}", self.segment(FIND, id.as_str())?), hidden).await
    }

    async fn by_phone(&self, text: &str, hidden: &[String]) -> Result<Vec<PosCustomer>, PosError> {
        match phone(text) {
            Some(digits) => self.by(format!("/customer/phone/{digits}"), hidden).await,
            None => Ok(Vec::new()),
        }
    }

    async fn by_email(&self, text: &str, hidden: &[String]) -> Result<Vec<PosCustomer>, PosError> {
        match text.trim() {
            "" => Ok(Vec::new()),
            email => self.by(format!("/customer/email/{}", self.segment(FIND, email)?), hidden).await,
        }
    }

    async fn by_name(
        &self,
        first: &str,
        last: &str,
        hidden: &[String],
    ) -> Result<Vec<PosCustomer>, PosError> {
        let (first, last) = (first.trim(), last.trim());
        if first.is_empty() || last.is_empty() {
            return Ok(Vec::new());
        }
        let (first, last) = (self.segment(FIND, first)?, self.segment(FIND, last)?);
        self.by(format!("/customer/firstname/{first}/lastname/{last}"), hidden).await
    }

    /// The one record of this customer: by id, else by phone, e-mail, or name with birth date. Never one
    /// of several.
    pub(super) async fn known_customer(
        &self,
        sought: &OrderCustomer,
    ) -> Result<Option<PosCustomer>, PosError> {
        // Also where only the id is sent: the POS may answer with the person.
        let hidden = personal(sought);
        if let Some(id) = &sought.id {
            return match self.one(self.by_id(id, &hidden).await?)? {
                Some(customer) => Ok(Some(customer)),
                None => Err(self.refuse(
                    FIND,
                    PosErrorKind::Customer,
                    "the POS does not know the customer's id; look the customer up again",
                )),
            };
        }
        if let Some(number) = &sought.phone
            && let Some(customer) = self.one(self.by_phone(number.reveal(), &hidden).await?)?
        {
            return Ok(Some(customer));
        }
        if let Some(email) = &sought.email
            && let Some(customer) = self.one(self.by_email(email.reveal(), &hidden).await?)?
        {
            return Ok(Some(customer));
        }
        let Some(born) = sought.birth_date.as_ref().and_then(|date| birth_date(date.reveal())) else {
            return Ok(None);
        };
        let mut named = self.by_name(sought.first_name.reveal(), sought.last_name.reveal(), &hidden).await?;
        named.retain(|one| {
            one.birth_date.as_ref().and_then(|date| birth_date(date.reveal())).as_ref() == Some(&born)
        });
        self.one(named)
    }

    fn one(&self, found: Vec<PosCustomer>) -> Result<Option<PosCustomer>, PosError> {
        if found.len() > 1 {
            return Err(self.refuse(
                FIND,
                PosErrorKind::Customer,
                "several customers in the POS fit; merge them there, or choose one and send its id",
            ));
        }
        Ok(found.into_iter().next())
    }

    /// Whose ticket it will be; created when nobody fits. No failure in here leaves the ticket posted.
    pub(super) async fn customer_for(&self, sought: &OrderCustomer) -> Result<CustomerId, PosError> {
        let customer = match self.known_customer(sought).await.map_err(before_ticket)? {
            Some(customer) => customer,
            None => {
                let Some(born) = sought.birth_date.as_ref().and_then(|date| birth_date(date.reveal())) else {
                    return Err(self.refuse(
                        CREATE,
                        PosErrorKind::Customer,
                        "the customer is new to the POS, which needs a birth date; ask for it, or register the customer there",
                    ));
                };
                let new = NewCustomer {
                    first_name: sought.first_name.clone(),
                    last_name: sought.last_name.clone(),
                    phone: sought.phone.clone(),
                    email: sought.email.clone(),
                    birth_date: Personal::new(born),
                    kind: sought.kind,
                };
                self.create_customer(&new).await.map_err(before_ticket)?
            }
        };
        if customer.banned {
            return Err(self.refuse(
                FIND,
                PosErrorKind::Customer,
                "the store does not sell to this customer; staff must decide",
            ));
        }
        Ok(customer.id)
    }

    /// Whether a create without a clear answer took effect (Treez 8).
    async fn created_after_all(
        &self,
        new: &NewCustomer,
        hidden: &[String],
    ) -> Result<Option<PosCustomer>, PosError> {
        if let Some(number) = &new.phone
            && let Some(found) = self.one(self.by_phone(number.reveal(), hidden).await?)?
        {
            return Ok(Some(found));
        }
        match &new.email {
            Some(email) => self.one(self.by_email(email.reveal(), hidden).await?),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl PosCustomers for Treez {
    async fn find(&self, query: &CustomerQuery) -> Result<Vec<PosCustomer>, PosError> {
        let hidden =
            |texts: &[&Personal]| texts.iter().map(|text| text.reveal().to_owned()).collect::<Vec<_>>();
        match query {
            CustomerQuery::Id(id) => self.by_id(id, &[]).await,
            CustomerQuery::Phone(number) => self.by_phone(number.reveal(), &hidden(&[number])).await,
            CustomerQuery::Email(email) => self.by_email(email.reveal(), &hidden(&[email])).await,
            CustomerQuery::Name { first, last } => {
                self.by_name(first.reveal(), last.reveal(), &hidden(&[first, last])).await
            }
            _ => Err(PosError::unsupported(
                self.vendor.clone(),
                FIND,
                "customers are found by id, phone, e-mail or name only",
            )),
        }
    }

    async fn create_customer(&self, new: &NewCustomer) -> Result<PosCustomer, PosError> {
        let Some(born) = birth_date(new.birth_date.reveal()) else {
            return Err(self.refuse(
                CREATE,
                PosErrorKind::Customer,
                "the birth date is not a date; write it as YYYY-MM-DD",
            ));
        };
        let number = new.phone.as_ref().and_then(|number| phone(number.reveal()));
        let email = new.email.as_ref().map(|email| email.reveal().trim()).filter(|email| !email.is_empty());
        let request = CustomerRequest {
            first_name: new.first_name.reveal().trim(),
            last_name: new.last_name.reveal().trim(),
            birthday: &born,
            patient_type: patient_type(new.kind),
            email,
            phone: number.as_deref(),
        };
        let texts =
            [Some(request.first_name), Some(request.last_name), Some(&*born), email, number.as_deref()];
        let hidden: Vec<String> = texts.into_iter().flatten().map(str::to_owned).collect();
        let ask = Ask {
            operation: CREATE,
            method: Method::POST,
            path: "/customer/detailcustomer".to_owned(),
            body: Some(self.body(CREATE, &request)?),
            safe: false,
            hidden: hidden.clone(),
        };
        let unclear = match self.ask::<Customer>(ask).await {
            Ok(envelope) => match envelope.all().iter().find_map(customer) {
                Some(created) => return Ok(created),
                None => self.fail(
                    CREATE,
                    PosErrorKind::BadAnswer,
                    RetryClass::Ambiguous,
                    "the POS accepted the customer but gave no id; look for the customer there",
                ),
            },
            Err(error) if error.retry() == RetryClass::Ambiguous => error,
            Err(error) => return Err(error),
        };
        match self.created_after_all(new, &hidden).await {
            Ok(Some(created)) => Ok(created),
            // The first error says more about what is at stake than a look-up that failed too.
            Ok(None) | Err(_) => Err(unclear),
        }
    }
}
