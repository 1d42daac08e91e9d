//! The customer as one order knows them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{CustomerId, Personal};

/// Adult-use, medical or for a patient: which rules and which shelf apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    /// Adult use.
    #[default]
    Adult,
    /// Medical, with a recommendation that staff check.
    Medical,
    /// Buys for a medical patient, with a registration that staff check.
    Caregiver,
}

impl CustomerKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Medical => "medical",
            Self::Caregiver => "caregiver",
        }
    }

    /// Whether the medical shelf and the medical age apply.
    pub const fn is_medical(self) -> bool {
        matches!(self, Self::Medical | Self::Caregiver)
    }
}

/// Whether the customer lives in the jurisdiction of the store; some limits ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Residency {
    /// Lives there.
    Resident,
    /// Visits.
    Visitor,
}

impl Residency {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Visitor => "visitor",
        }
    }
}

/// A medical recommendation or caregiver registration, as far as the customer gave it. Never a copy of the card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MedicalCard {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal>,
    /// The last day it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
}

/// Who ordered. Everything but the kind and the POS id is personal and stays out of `Debug`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrderCustomer {
    /// The customer's id in the POS, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CustomerId>,
    /// Given name.
    pub first_name: Personal,
    /// Family name.
    pub last_name: Personal,
    /// Phone in one stored form: digits only, ten for a US number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal>,
    /// E-mail address, checked for form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal>,
    /// Birth date as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Personal>,
    /// Adult-use or medical.
    #[serde(rename = "type")]
    pub kind: CustomerKind,
    /// Where they live, when they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<Residency>,
    /// The card of a medical customer or caregiver, when they gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_card: Option<MedicalCard>,
}

impl OrderCustomer {
    /// How the customer is called out: first name and the initial of the last name.
    pub fn called(&self) -> Personal {
        let first = self.first_name.reveal();
        match self.last_name.reveal().chars().next() {
            Some(initial) => Personal::new(format!("{first} {initial}.")),
            None => Personal::new(first),
        }
    }
}
