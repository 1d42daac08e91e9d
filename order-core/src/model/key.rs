//! What orders are found again by, without saying who or where.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{KioskId, OrderCustomer, Personal};

/// A digest of something that several orders may have in common: a phone number, a kiosk. It finds the
/// orders again within their store and does not show what it was made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey([u8; 16]);

impl OrderKey {
    fn of(kind: &str, parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        digest.update(kind.as_bytes());
        for part in parts {
            // A length in front keeps ("ab", "c") and ("a", "bc") apart.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        Self(key)
    }

    /// The key of a phone number in its stored form.
    pub fn phone(phone: &Personal) -> Self {
        Self::of("phone", &[phone.reveal()])
    }

    /// The key of a kiosk.
    pub fn kiosk(kiosk: &KioskId) -> Self {
        Self::of("kiosk", &[kiosk.as_str()])
    }

    /// The keys of a customer: orders that share one may be the same person's, others are not.
    pub fn of_customer(customer: &OrderCustomer) -> Vec<Self> {
        let mut keys = Vec::with_capacity(5);
        if let Some(number) = customer.medical_card.as_ref().and_then(|card| card.number.as_ref()) {
            keys.push(Self::of("card", &[&folded(number)]));
        }
        keys.extend(customer.id.as_ref().map(|id| Self::of("customer", &[id.as_str()])));
        keys.extend(customer.phone.as_ref().map(Self::phone));
        keys.extend(customer.email.as_ref().map(|email| Self::of("email", &[&folded(email)])));
        if let Some(born) = &customer.birth_date {
            keys.push(Self::of("name", &[&folded(&customer.last_name), born.reveal()]));
        }
        keys.sort_unstable();
        keys
    }

    /// The digest itself, for storage.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

fn folded(text: &Personal) -> String {
    text.reveal().trim().to_lowercase()
}

impl fmt::Debug for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrderKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MedicalCard;

    #[test]
    fn orders_of_one_person_share_a_key_and_those_of_strangers_do_not() {
        let ada = OrderCustomer {
            last_name: "Byron".into(),
            phone: Some("4155550123".into()),
            email: Some("Ada@example.com".into()),
            birth_date: Some("1990-12-10".into()),
            medical_card: Some(MedicalCard { number: Some("M-1".into()), expires_on: None }),
            ..OrderCustomer::default()
        };
        let keys = OrderKey::of_customer(&ada);
        assert_eq!(keys.len(), 4);
        let by_mail = OrderCustomer { email: Some("ada@EXAMPLE.com".into()), ..OrderCustomer::default() };
        assert!(OrderKey::of_customer(&by_mail).iter().all(|key| keys.contains(key)));
        let twin =
            OrderCustomer { birth_date: Some("1990-12-11".into()), last_name: "Byron".into(), ..by_mail };
        assert_eq!(OrderKey::of_customer(&twin).iter().filter(|key| keys.contains(key)).count(), 1);
        assert!(OrderKey::of_customer(&OrderCustomer::default()).is_empty());
        assert!(!format!("{:?}", keys[0]).contains("415"));
    }
}
