use chrono::NaiveDate;
use pos_clients::sim::seed::{Seed, SeedCustomerType};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

const DEMO_JSON: &str = include_str!("../data/demo.json");

/// The demo store and the orders that can be played against it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoData {
    /// Catalogue, stock, taxes and known customers; the same for every vendor's simulator.
    pub seed: Seed,
    /// Orders that fit the stock when played in sequence.
    pub orders: Vec<DemoOrder>,
}

/// One demo order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoOrder {
    /// Who orders.
    pub customer: DemoCustomer,
    /// What.
    pub items: Vec<DemoItem>,
    /// For the staff.
    #[serde(default)]
    pub note: Option<String>,
}

/// Who places a demo order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum DemoCustomer {
    /// A customer the POS already knows: the place in [`Seed::customers`].
    Known(usize),
    /// Somebody the POS has never seen.
    New(NewCustomer),
}

/// A customer the POS does not know yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Ten digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Day of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Adult or medical.
    #[serde(rename = "type")]
    pub kind: SeedCustomerType,
}

/// One line of a demo order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoItem {
    /// The id of a sellable size in the seed.
    pub product_id: Uuid,
    /// Whole units.
    pub quantity: u32,
}

/// Why the demo data cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The file is not what it should be.
    #[error("the demo data is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl DemoData {
    /// Reads the data that is compiled in.
    ///
    /// # Errors
    ///
    /// [`DemoError::Malformed`] when the file was edited into something else.
    pub fn load() -> Result<Self, DemoError> {
        Ok(serde_json::from_str(DEMO_JSON)?)
    }
}

// An untagged enum would not see numbers as numbers while `serde_json` keeps their literals.
impl TryFrom<Value> for DemoCustomer {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        if let Some(place) = value.as_u64() {
            return usize::try_from(place).map(Self::Known).map_err(|error| error.to_string());
        }
        serde_json::from_value(value).map(Self::New).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use pos_clients::sim::seed::{SeedCategory, SeedProduct, SeedSize};
    use rust_decimal::Decimal;

    use super::*;

    fn demo() -> DemoData {
        DemoData::load().unwrap()
    }

    fn by_id(data: &DemoData) -> BTreeMap<Uuid, (&SeedProduct, &SeedSize)> {
        data.seed.sizes().map(|(product, size)| (size.id, (product, size))).collect()
    }

    #[test]
    fn there_is_enough_of_everything() {
        let data = demo();
        assert!(data.seed.products.len() >= 40, "{}", data.seed.products.len());
        let sizes = data.seed.sizes().count();
        assert!((60..=70).contains(&sizes), "{sizes}");
        assert!(data.seed.customers.len() >= 14);
        assert_eq!(data.orders.len(), 30);
        let categories: BTreeSet<SeedCategory> =
            data.seed.products.iter().map(|product| product.category).collect();
        assert_eq!(categories.len(), 12);
        assert!(data.seed.products.iter().filter(|product| product.medical_only).count() >= 3);
        assert!(data.seed.products.iter().all(|product| !product.sizes.is_empty()));
        assert!(data.seed.sizes().all(|(_, size)| size.price > Decimal::ZERO && size.stock <= 250));
        assert!(data.seed.sizes().any(|(_, size)| size.stock == 0));
        assert!(data.seed.taxes.iter().all(|tax| tax.rate > Decimal::ZERO && tax.rate < Decimal::ONE));
    }

    #[test]
    fn ids_are_unique() {
        let data = demo();
        assert_eq!(by_id(&data).len(), data.seed.sizes().count());
        let skus: BTreeSet<&str> = data.seed.sizes().map(|(_, size)| size.sku.as_str()).collect();
        assert_eq!(skus.len(), data.seed.sizes().count());
        let customers: BTreeSet<u64> = data.seed.customers.iter().map(|customer| customer.id).collect();
        assert_eq!(customers.len(), data.seed.customers.len());
        let mut contacts: Vec<&String> =
            data.seed.customers.iter().flat_map(|c| [&c.phone, &c.email]).flatten().collect();
        let all = contacts.len();
        contacts.sort();
        contacts.dedup();
        assert_eq!(contacts.len(), all);
    }

    #[test]
    fn all_orders_in_sequence_fit_the_stock_and_one_takes_the_last_unit() {
        let data = demo();
        let sizes = by_id(&data);
        let mut left: BTreeMap<Uuid, u32> = sizes.iter().map(|(id, (_, size))| (*id, size.stock)).collect();
        let mut emptied = 0;
        for (place, order) in data.orders.iter().enumerate() {
            assert!(!order.items.is_empty(), "order {place}");
            for item in &order.items {
                let stock = left
                    .get_mut(&item.product_id)
                    .unwrap_or_else(|| panic!("order {place}: no such product"));
                assert!(item.quantity > 0);
                *stock =
                    stock.checked_sub(item.quantity).unwrap_or_else(|| panic!("order {place}: out of stock"));
                let limit = sizes.get(&item.product_id).is_some_and(|(_, size)| size.stock == item.quantity);
                emptied += usize::from(limit && *stock == 0);
            }
        }
        assert_eq!(emptied, 1);
    }

    #[test]
    fn the_odd_orders_are_there_and_medical_goods_go_to_medical_customers() {
        let data = demo();
        let sizes = by_id(&data);
        for order in &data.orders {
            let medical = match &order.customer {
                DemoCustomer::Known(place) => {
                    let customer = data.seed.customers.get(*place).unwrap();
                    assert!(!customer.banned);
                    customer.kind == SeedCustomerType::Medical
                }
                DemoCustomer::New(customer) => customer.kind == SeedCustomerType::Medical,
            };
            let restricted =
                order.items.iter().any(|item| sizes.get(&item.product_id).unwrap().0.medical_only);
            assert!(medical || !restricted);
        }
        assert!(data.orders.iter().any(|order| order.items.len() == 15));
        assert!(data.orders.iter().any(|order| {
            let names: BTreeSet<&str> =
                order.items.iter().map(|item| sizes.get(&item.product_id).unwrap().0.name.as_str()).collect();
            names.len() < order.items.len()
        }));
        assert!(data.orders.iter().filter_map(|order| order.note.as_ref()).any(|note| !note.is_ascii()));
        let new = || {
            data.orders.iter().filter_map(|order| match &order.customer {
                DemoCustomer::New(customer) => Some(customer),
                DemoCustomer::Known(_) => None,
            })
        };
        assert!(new().any(|customer| customer.email.is_none()));
        assert!(new().any(|customer| customer.phone.is_none()));
        assert!(new().any(|customer| customer.last_name.len() > 40));
    }

    #[test]
    fn amounts_are_read_from_strings_only() {
        let float = DEMO_JSON.replacen("\"price\": \"12.00\"", "\"price\": 12.00", 1);
        assert_ne!(float, DEMO_JSON);
        assert!(serde_json::from_str::<DemoData>(&float).is_err());
    }
}
