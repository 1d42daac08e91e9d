//! The catalogue and the shelf (Treez 5).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::TreezSim;
use super::reply::{Answer, Refusal, data, number, parse_timestamp};
use super::route::Call;
use super::undocumented;
use crate::sim::seed::{Seed, SeedCategory, SeedUnit};

/// The one sellable location.
pub(super) const LOCATION: &str = "FRONT OF HOUSE";

/// The most ids in one product list (Treez 5).
const MAX_IDS: usize = 50;

/// One sellable size, which is what the vendor calls a product.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) brand: String,
    pub(super) category: SeedCategory,
    pub(super) subtype: String,
    pub(super) size: String,
    pub(super) sku: String,
    pub(super) amount: Decimal,
    pub(super) unit: &'static str,
    pub(super) price: Decimal,
    pub(super) grams: Decimal,
    thc: Option<Decimal>,
    cbd: Option<Decimal>,
    pub(super) medical_only: bool,
    available: u32,
    reserved: u32,
}

impl Product {
    /// The pool the stock lies in.
    pub(super) fn pool(&self) -> &'static str {
        if self.medical_only { "MEDICAL" } else { "ADULT" }
    }

    /// The vendor's words for categories are unpublished; these are upper-cased English.
    pub(super) fn category_type(&self) -> &'static str {
        match self.category {
            SeedCategory::Flower => "FLOWER",
            SeedCategory::PreRoll => "PREROLL",
            SeedCategory::Vape => "VAPE",
            SeedCategory::Concentrate => "CONCENTRATE",
            SeedCategory::Edible => "EDIBLE",
            SeedCategory::Beverage => "BEVERAGE",
            SeedCategory::Tincture => "TINCTURE",
            SeedCategory::Topical => "TOPICAL",
            SeedCategory::Capsule => "CAPSULE",
            SeedCategory::Accessory => "ACCESSORY",
            SeedCategory::Merch => "MERCH",
            SeedCategory::Plant => "PLANT",
        }
    }

    /// Counts reserved units too, as the vendor's own text says, and may be capped (Treez 5): a hint, not a promise.
    fn shown(&self, cap: Option<u32>) -> u32 {
        let all = self.available.saturating_add(self.reserved);
        cap.map_or(all, |cap| all.min(cap))
    }

    fn render(&self, cap: Option<u32>) -> Value {
        let shown = self.shown(cap);
        json!({
            "product_id": self.id,
            "product_status": "ACTIVE",
            "sellable_quantity": shown,
            "sellable_quantity_detail": [
                {"inventory_type": self.pool(), "location": LOCATION, "sellable_quantity": shown},
            ],
            "category_type": self.category_type(),
            "product_configurable_fields": {
                "name": self.name,
                "brand": self.brand,
                "size": self.size,
                "amount": number(self.amount),
                "uom": self.unit,
                "classification": null,
                "subtype": self.subtype,
                "total_mg_thc": self.thc.map(number),
                "total_mg_cbd": self.cbd.map(number),
            },
            "pricing": {
                "price_type": "FLAT",
                "price_sell": number(self.price),
                "tier_name": null,
                "tier_pricing_detail": [],
            },
            "product_barcodes": [{"sku": self.sku, "type": "DEFAULT", "created_date": null}],
            "e_commerce": {"menu_title": self.name, "minimum_visible_inventory_level": 0, "hide_from_menu": false},
            "above_threshold": shown > 0,
            "external_references": [],
        })
    }
}

/// Units of one product.
pub(super) type Wanted = BTreeMap<Uuid, u64>;

/// Everything the store sells. The catalogue itself never changes; the stock does.
#[derive(Debug)]
pub(super) struct Shelf {
    products: Vec<Product>,
    places: BTreeMap<Uuid, usize>,
}

impl Shelf {
    pub(super) fn new(seed: &Seed) -> Self {
        let mut shelf = Self { products: Vec::new(), places: BTreeMap::new() };
        for (product, size) in seed.sizes() {
            shelf.places.insert(size.id, shelf.products.len());
            shelf.products.push(Product {
                id: size.id,
                name: product.name.clone(),
                brand: product.brand.clone(),
                category: product.category,
                subtype: product.subtype.clone().unwrap_or_default().to_uppercase(),
                size: size.size.to_uppercase(),
                sku: size.sku.clone(),
                amount: size.amount,
                unit: match size.unit {
                    SeedUnit::Grams => "GRAMS",
                    SeedUnit::Milligrams => "MILLIGRAMS",
                    SeedUnit::Count => "count",
                },
                price: size.price,
                grams: size.weight_grams.unwrap_or_default(),
                thc: size.thc_mg,
                cbd: size.cbd_mg,
                medical_only: product.medical_only,
                available: size.stock,
                reserved: 0,
            });
        }
        shelf
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&Product> {
        self.products.get(*self.places.get(id)?)
    }

    fn get_mut(&mut self, id: &Uuid) -> Option<&mut Product> {
        self.products.get_mut(*self.places.get(id)?)
    }

    /// Refuses when something is wanted beyond what is available plus what the asking ticket already `holds`.
    pub(super) fn check(&self, wanted: &Wanted, holds: &Wanted) -> Result<(), Refusal> {
        for (id, quantity) in wanted {
            let available = self.get(id).map_or(0, |product| u64::from(product.available));
            let held = holds.get(id).copied().unwrap_or(0);
            if *quantity > available.saturating_add(held) {
                return Err(no_stock(id));
            }
        }
        Ok(())
    }

    /// Takes units off the shelf for an open ticket. Call [`Shelf::check`] first.
    pub(super) fn reserve(&mut self, wanted: &Wanted) {
        for (id, quantity) in wanted {
            let quantity = u32::try_from(*quantity).unwrap_or(u32::MAX);
            if let Some(product) = self.get_mut(id) {
                let taken = quantity.min(product.available);
                product.available -= taken;
                product.reserved = product.reserved.saturating_add(taken);
            }
        }
    }

    /// Puts a ticket's units back.
    pub(super) fn release(&mut self, held: &Wanted) {
        for (id, quantity) in held {
            let quantity = u32::try_from(*quantity).unwrap_or(u32::MAX);
            if let Some(product) = self.get_mut(id) {
                let returned = quantity.min(product.reserved);
                product.reserved -= returned;
                product.available = product.available.saturating_add(returned);
            }
        }
    }

    /// A ticket's units leave the store.
    pub(super) fn hand_over(&mut self, held: &Wanted) {
        for (id, quantity) in held {
            if let Some(product) = self.get_mut(id) {
                product.reserved =
                    product.reserved.saturating_sub(u32::try_from(*quantity).unwrap_or(u32::MAX));
            }
        }
    }
}

/// The refusal for lack of stock; its codes are unpublished.
pub(super) fn no_stock(id: &Uuid) -> Refusal {
    Refusal::bad(undocumented::INVALID_REQUEST, format!("{} {id}", undocumented::OUT_OF_STOCK))
}

impl TreezSim {
    /// The product list, or with `after` the part of it that was edited since. Selling edits nothing, and the
    /// catalogue never changes, so the latter is always empty (Treez 5).
    pub(super) fn list_products(&self, call: &Call<'_>, after: Option<&str>) -> Answer {
        if let Some(after) = after {
            parse_timestamp(after)?;
        }
        let bad_page = || Refusal::bad("INCORRECT_VALUE", "page and page_size must be positive numbers");
        let positive =
            |text: &str| text.parse::<usize>().ok().filter(|value| *value > 0).ok_or_else(bad_page);
        let page = call.parameter("page").map_or(Ok(1), positive)?;
        let size = call.parameter("page_size").or_else(|| call.parameter("pagesize"));
        let size = size.map_or(Ok(self.config.product_page_size), positive)?;
        let active = match call.parameter("active").unwrap_or("TRUE") {
            "TRUE" | "ALL" => true,
            "FALSE" => false,
            _ => return Err(Refusal::bad("INVALID_ACTIVE_PARAMETER", "active must be TRUE, FALSE or ALL")),
        };
        let ids: Option<Vec<&str>> = call.parameter("id").or_else(|| call.parameter("ID")).map(|ids| {
            // The separator is undocumented (Treez 5).
            ids.split(',').map(str::trim).collect()
        });
        if ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
            return Err(Refusal::bad("RESPONSE_LIMIT_EXCEEDS", format!("At most {MAX_IDS} ids")));
        }
        let category = call.parameter("category_type");
        let stocked_only = call.parameter("above_threshold") == Some("TRUE");

        let found: Vec<&Product> = self
            .shelf
            .products
            .iter()
            .filter(|_| active && after.is_none())
            .filter(|product| ids.as_ref().is_none_or(|ids| ids.contains(&product.id.to_string().as_str())))
            .filter(|product| category.is_none_or(|category| category == product.category_type()))
            .filter(|product| !stocked_only || product.shown(None) > 0)
            .collect();
        let shown: Vec<Value> = found
            .iter()
            .skip((page - 1).saturating_mul(size))
            .take(size)
            .map(|product| product.render(self.config.sellable_cap))
            .collect();
        // Past the end both counts are 0.
        let total = if shown.is_empty() { 0 } else { found.len() };
        Ok(data(json!({"page_count": shown.len(), "total_count": total, "product_list": shown})))
    }

    /// The place of the product in the answer is unpublished; it stands directly under `data`.
    pub(super) fn product(&self, id: &str) -> Answer {
        let product = Uuid::parse_str(id).ok().and_then(|id| self.shelf.get(&id));
        match product {
            Some(product) => Ok(data(product.render(self.config.sellable_cap))),
            None => Err(Refusal::bad("PRODUCT_NOT_FOUND", format!("Product {id} was not found"))),
        }
    }

    pub(super) fn locations(&self) -> Answer {
        Ok(data(json!([
            {"id": "1", "name": LOCATION, "active": true, "inventory_type": "ALL", "sellable": true},
        ])))
    }
}
