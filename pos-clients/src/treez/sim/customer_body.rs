//! The body of a customer's creation and update (Treez 3).

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::reply::{Refusal, parse_day};
use super::route::Call;
use super::undocumented;

const CORE_FIELDS: &[&str] =
    &["first_name", "last_name", "birthday", "patient_type", "email", "phone", "banned", "gender"];
const TEXT_FIELDS: &[&str] = &[
    "middle_name",
    "notes",
    "drivers_license",
    "caregiver_license_number",
    "caregiver_name_1",
    "caregiver_name_2",
    "state_medical_id",
    "physician_first_name",
    "physician_last_name",
    "physician_license",
    "physician_phone",
    "referral_source",
];
const FLAG_FIELDS: &[&str] = &["is_caregiver", "opt_out", "warning_1", "warning_2"];
const DATE_FIELDS: &[&str] = &["permit_expiration", "drivers_license_expiration"];
const OTHER_FIELDS: &[&str] = &["caregiver_details", "rewards_balance", "customer_groups", "addresses"];
const ADDRESS_FIELDS: &[&str] = &["type", "street1", "street2", "city", "state", "zipcode", "primary"];
const ADDRESS_TYPES: &[&str] = &["ADDRESS_OF_RECORD", "ALTERNATIVE_ADDRESS", "SECONDARY_ADDRESS"];

/// What the integrator can say about a customer.
#[derive(Debug, Clone)]
pub(super) struct CustomerBody {
    /// Upper-case, as is the last name.
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) birthday: NaiveDate,
    pub(super) patient_type: String,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) banned: Option<bool>,
    /// Fields that are only echoed, as they are echoed.
    pub(super) extra: Map<String, Value>,
}

impl CustomerBody {
    pub(super) fn read(call: &Call<'_>, strict: bool) -> Result<Self, Refusal> {
        let malformed = |detail: &str| Refusal::bad(undocumented::INVALID_REQUEST, detail);
        if !call.is("application/json") {
            return Err(malformed("Content-Type must be application/json"));
        }
        let parsed: Value = serde_json::from_slice(call.body).map_err(|_| malformed("Malformed JSON"))?;
        let map = parsed.as_object().ok_or_else(|| malformed("The body must be an object"))?;
        let mut fields = Fields::new(map, "");
        if strict {
            fields.refuse_unknown(&[CORE_FIELDS, TEXT_FIELDS, FLAG_FIELDS, DATE_FIELDS, OTHER_FIELDS]);
        }
        for (name, reason) in
            [("first_name", "CUSTOMER_FIRST_NAME_BLANK"), ("last_name", "MODEL_VALIDATION_FAIL")]
        {
            if fields.raw(name).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty()) {
                return Err(Refusal::bad(reason, format!("Field {name} cannot be blank")));
            }
        }

        let first_name = fields.text("first_name");
        let first_name = fields.required("first_name", first_name);
        let last_name = fields.text("last_name");
        let last_name = fields.required("last_name", last_name);
        let birthday = read_date(&mut fields, "birthday");
        let birthday = fields.required("birthday", birthday);
        let patient_type = fields.choice("patient_type", &["ADULT", "MEDICAL", "MEDICAL_MMID"]);
        let patient_type = fields.required("patient_type", patient_type);
        let email = fields.text("email").filter(|email| !email.is_empty());
        let phone = fields.text("phone").filter(|phone| !phone.is_empty());
        if phone.is_some_and(|phone| !is_phone(phone)) {
            fields.report("phone", "must be ten digits and not start with 0 or 1");
        }
        let banned = fields.boolean("banned");
        let extra = read_extra(&mut fields, strict);
        if patient_type.as_deref() == Some("MEDICAL_MMID") {
            for name in ["state_medical_id", "permit_expiration"] {
                fields.required(name, Some(()));
            }
        }

        let problems = fields.into_problems();
        match (problems.is_empty(), first_name, last_name, birthday, patient_type) {
            (true, Some(first_name), Some(last_name), Some(birthday), Some(patient_type)) => Ok(Self {
                first_name: first_name.to_uppercase(),
                last_name: last_name.to_uppercase(),
                birthday,
                patient_type,
                email: email.map(str::to_owned),
                phone: phone.map(str::to_owned),
                banned,
                extra,
            }),
            _ => Err(Refusal::bad("MODEL_VALIDATION_FAIL", problems.join(", "))),
        }
    }

    /// Takes over what `update` gives.
    pub(super) fn merge(&mut self, update: Self) {
        self.first_name = update.first_name;
        self.last_name = update.last_name;
        self.birthday = update.birthday;
        self.patient_type = update.patient_type;
        self.email = update.email.or(self.email.take());
        self.phone = update.phone.or(self.phone.take());
        self.extra.extend(update.extra);
    }
}

fn is_phone(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with(['0', '1'])
}

fn read_date(fields: &mut Fields<'_>, name: &str) -> Option<NaiveDate> {
    let text = fields.text(name)?;
    let date = parse_day(text);
    if date.is_none() {
        fields.report(name, "must be yyyy-MM-dd");
    }
    date
}

fn read_extra(fields: &mut Fields<'_>, strict: bool) -> Map<String, Value> {
    let mut extra = Map::new();
    let mut keep = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value);
        }
    };
    for name in TEXT_FIELDS {
        keep(name, fields.text(name).map(Value::from));
    }
    for name in FLAG_FIELDS {
        keep(name, fields.boolean(name).map(Value::from));
    }
    keep("gender", fields.choice("gender", &["M", "F", "U", "N"]).map(Value::from));
    keep("rewards_balance", fields.whole("rewards_balance").map(Value::from));
    keep("drivers_license_expiration", read_date(fields, "drivers_license_expiration").map(|day| json!(day)));
    // Returned with a time of day and no zone.
    let permit = read_date(fields, "permit_expiration");
    keep("permit_expiration", permit.map(|day| Value::from(format!("{day} 00:00:00.000"))));
    if let Some(caregivers) = fields.array("caregiver_details") {
        if caregivers.len() > 2 {
            fields.report("caregiver_details", "may hold two entries");
        }
        keep("caregiver_details", Some(json!(caregivers)));
    }
    if fields.array("customer_groups").is_some_and(|groups| !groups.is_empty()) {
        fields.report("customer_groups", "names a group that does not exist");
    }
    if let Some(addresses) = fields.array("addresses") {
        let read: Vec<Value> = addresses
            .iter()
            .enumerate()
            .filter_map(|(place, address)| read_address(fields, place, address, strict))
            .collect();
        keep("addresses", Some(Value::Array(read)));
    }
    extra
}

fn read_address(fields: &mut Fields<'_>, place: usize, address: &Value, strict: bool) -> Option<Value> {
    let Some(map) = address.as_object() else {
        fields.report(&format!("addresses[{place}]"), "must be an object");
        return None;
    };
    let mut nested = Fields::new(map, format!("addresses[{place}]."));
    if strict {
        nested.refuse_unknown(&[ADDRESS_FIELDS]);
    }
    let kind = nested.choice("type", ADDRESS_TYPES);
    let kind = nested.required("type", kind);
    let mut lines = ["street1", "city", "state", "zipcode"].map(|name| {
        let text = nested.owned(name);
        (name, nested.required(name, text))
    });
    let street2 = nested.owned("street2").unwrap_or_default();
    let primary = nested.boolean("primary").unwrap_or(true);
    fields.absorb(nested);
    // Types come back in lower case.
    let mut read = json!({"type": kind?.to_lowercase(), "street2": street2, "primary": primary});
    for (name, text) in &mut lines {
        read[*name] = Value::from(text.take()?);
    }
    Some(read)
}
