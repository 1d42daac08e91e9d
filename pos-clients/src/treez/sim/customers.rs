//! Customers: look-ups, creation, update (Treez 3).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::customer_body::CustomerBody;
use super::reply::{Answer, Refusal, data, parse_day, parse_timestamp};
use super::route::{Call, CustomerKey, Paging};
use super::{DataShape, TreezSim, undocumented};
use crate::sim::seed::{SeedCustomer, SeedCustomerType};

/// A customer as the store knows it.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) id: u64,
    body: CustomerBody,
    verified: bool,
    banned: bool,
    signed_up: DateTime<Utc>,
    updated: DateTime<Utc>,
}

impl Customer {
    /// The type as tickets write it: with a hyphen, unlike customers (Treez 4.3).
    pub(super) fn ticket_type(&self) -> &'static str {
        match self.body.patient_type.as_str() {
            "MEDICAL" => "MEDICAL",
            "MEDICAL_MMID" => "MEDICAL-MMID",
            _ => "ADULT",
        }
    }
}

/// All customers by id.
#[derive(Debug, Default)]
pub(super) struct Customers(BTreeMap<u64, Customer>);

impl Customers {
    pub(super) fn new(seeds: &[SeedCustomer]) -> Self {
        Self(seeds.iter().map(|seed| (seed.id, from_seed(seed))).collect())
    }

    pub(super) fn get(&self, id: u64) -> Option<&Customer> {
        self.0.get(&id)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Customer> {
        // Only digits: `parse` would also take a sign.
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        id.parse().ok().filter(|_| digits).and_then(|id| self.get(id))
    }

    fn select(&self, keep: impl Fn(&Customer) -> bool) -> Vec<&Customer> {
        self.0.values().filter(|customer| keep(customer)).collect()
    }

    /// Refuses what another customer already has; the code is unpublished.
    fn check_unique(&self, id: Option<u64>, body: &CustomerBody) -> Result<(), Refusal> {
        for customer in self.0.values().filter(|customer| Some(customer.id) != id) {
            if body.email.is_some() && same(&customer.body.email, &body.email) {
                return Err(Refusal::bad(undocumented::INVALID_REQUEST, undocumented::DUPLICATE_EMAIL));
            }
            if body.phone.is_some() && customer.body.phone == body.phone {
                return Err(Refusal::bad(undocumented::INVALID_REQUEST, undocumented::DUPLICATE_PHONE));
            }
        }
        Ok(())
    }
}

/// E-mail addresses are compared without regard to case.
fn same(one: &Option<String>, other: &Option<String>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.to_lowercase() == other.to_lowercase())
}

fn from_seed(seed: &SeedCustomer) -> Customer {
    let patient_type = match (seed.kind, &seed.medical_id) {
        (SeedCustomerType::Adult, _) => "ADULT",
        (SeedCustomerType::Medical, None) => "MEDICAL",
        (SeedCustomerType::Medical, Some(_)) => "MEDICAL_MMID",
    };
    let mut extra = Map::new();
    if let Some(medical_id) = &seed.medical_id {
        extra.insert("state_medical_id".to_owned(), json!(medical_id));
    }
    // Before any order a test could place.
    let signed_up =
        NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    Customer {
        id: seed.id,
        body: CustomerBody {
            first_name: seed.first_name.to_uppercase(),
            last_name: seed.last_name.to_uppercase(),
            birthday: seed.birth_date,
            patient_type: patient_type.to_owned(),
            email: seed.email.clone(),
            phone: seed.phone.clone(),
            banned: None,
            extra,
        },
        verified: seed.verified,
        banned: seed.banned,
        signed_up,
        updated: signed_up,
    }
}

impl TreezSim {
    pub(super) fn find_customer(&self, key: &CustomerKey) -> Answer {
        let customers = &self.customers;
        let (found, none) = match key {
            CustomerKey::Id(id) => {
                let customer = customers.by_id(id).ok_or_else(Refusal::no_customer)?;
                return Ok(data(self.render_customer(customer)));
            }
            CustomerKey::Email(email) => {
                let email = Some(email.clone());
                (customers.select(|customer| same(&customer.body.email, &email)), Refusal::no_customer())
            }
            // Phones have an answer of their own for "no such customer".
            CustomerKey::Phone(phone) => {
                let found = customers.select(|customer| customer.body.phone.as_ref() == Some(phone));
                (found, Refusal::nothing_found())
            }
            CustomerKey::Name { first, last } => {
                let (first, last) = (first.to_uppercase(), last.to_uppercase());
                let found = customers
                    .select(|customer| customer.body.first_name == first && customer.body.last_name == last);
                (found, Refusal::no_customer())
            }
            CustomerKey::Licence(number) => {
                let number = json!(number);
                let found =
                    customers.select(|customer| customer.body.extra.get("drivers_license") == Some(&number));
                (found, Refusal::no_customer())
            }
        };
        match found.as_slice() {
            [] => Err(none),
            [one] if self.config.customer_data == DataShape::Object => Ok(data(self.render_customer(one))),
            several => Ok(data(several.iter().map(|customer| self.render_customer(customer)).collect())),
        }
    }

    pub(super) fn customers_signed_up(&self, from: &str, to: &str, paging: &Paging) -> Answer {
        let (Some(from), Some(to)) = (parse_day(from), parse_day(to)) else {
            return Err(Refusal::bad("INVALID_DATE_FORMAT", "Expected yyyy-MM-dd"));
        };
        let found = self.customers.select(|customer| {
            let day = self.time.day(customer.signed_up);
            from <= day && day <= to
        });
        self.customer_page(found, paging)
    }

    pub(super) fn customers_updated(&self, after: &str, paging: &Paging) -> Answer {
        let after = parse_timestamp(after)?;
        self.customer_page(self.customers.select(|customer| customer.updated > after), paging)
    }

    fn customer_page(&self, found: Vec<&Customer>, paging: &Paging) -> Answer {
        let page = paging.cut(found)?;
        Ok(data(page.into_iter().map(|customer| self.render_customer(customer)).collect()))
    }

    /// A customer created through the API is never verified.
    pub(super) fn create_customer(&mut self, call: &Call<'_>) -> Answer {
        let body = CustomerBody::read(call, self.config.strict)?;
        self.customers.check_unique(None, &body)?;
        let last = self.customers.0.last_key_value().map_or(0, |(id, _)| *id);
        let customer = Customer {
            id: last.saturating_add(1),
            banned: body.banned.unwrap_or(false),
            body,
            verified: false,
            signed_up: call.now,
            updated: call.now,
        };
        let answer = data(self.render_customer(&customer));
        self.customers.0.insert(customer.id, customer);
        Ok(answer)
    }

    /// Sets the fields that are given and leaves the others.
    pub(super) fn update_customer(&mut self, id: &str, call: &Call<'_>) -> Answer {
        let mut customer = self.customers.by_id(id).cloned().ok_or_else(Refusal::no_customer)?;
        let body = CustomerBody::read(call, self.config.strict)?;
        self.customers.check_unique(Some(customer.id), &body)?;
        customer.banned = body.banned.unwrap_or(customer.banned);
        customer.body.merge(body);
        customer.updated = call.now;
        let answer = data(self.render_customer(&customer));
        self.customers.0.insert(customer.id, customer);
        Ok(answer)
    }

    fn render_customer(&self, customer: &Customer) -> Value {
        let body = &customer.body;
        let reasons = if customer.verified {
            json!([])
        } else {
            json!([{
                "verification_reason": "NEW",
                "verification_reason_description": "NEW_INTAKE_CUSTOMER",
            }])
        };
        let mut rendered = json!({
            "status": "ACTIVE",
            "verification_status": if customer.verified { "VERIFIED" } else { "VERIFICATION_PENDING" },
            "verification_reasons": reasons,
            "customer_id": customer.id.to_string(),
            "first_name": body.first_name,
            "middle_name": null,
            "nickname": "",
            "last_name": body.last_name,
            "birthday": body.birthday.to_string(),
            "drivers_license": null,
            "drivers_license_expiration": null,
            "state_medical_id": "N/A",
            "permit_expiration": "N/A",
            "email": body.email,
            "phone": body.phone,
            "notes": "N/A",
            "is_caregiver": false,
            "caregiver_details": [],
            "rewards_balance": 0,
            "rewards_type": "POINTS",
            "gender": "U",
            "signup_date": self.time.iso(customer.signed_up),
            "last_visit_date": self.time.plain(customer.signed_up),
            "last_update": self.time.iso(customer.updated),
            "opt_out": null,
            "referral_source": null,
            "banned": customer.banned,
            "warning_1": false,
            "warning_2": false,
            "addresses": [],
            "merged_customer_ids": [],
            "merged_into_customer_id": null,
            "patient_type": body.patient_type,
            "customer_groups": [],
            "external_ids": {"aiq_contact_id": null},
        });
        if let Some(fields) = rendered.as_object_mut() {
            for (name, value) in &body.extra {
                fields.insert(name.clone(), value.clone());
            }
        }
        rendered
    }
}
