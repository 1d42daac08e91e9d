//! What is in a product, as far as purchase limits ask.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::InvalidId;

/// The kind of goods a purchase limit speaks of. A closed list; what a store calls its categories is mapped onto it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductClass {
    /// Dried flower, also ground.
    Flower,
    /// Flower rolled ready to smoke.
    PreRoll,
    /// Extracts: wax, hash, oil, distillate.
    Concentrate,
    /// Cartridges and pens filled with extract.
    Vape,
    /// Food in solid form.
    EdibleSolid,
    /// Drinks.
    EdibleLiquid,
    /// Drops under the tongue.
    Tincture,
    /// Capsules and tablets.
    Capsule,
    /// For the skin.
    Topical,
    /// A plant that does not flower yet.
    ImmaturePlant,
    /// A plant that flowers.
    MaturePlant,
    /// Seeds.
    Seed,
    /// No cannabis in it.
    Accessory,
}

impl ProductClass {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Flower,
        Self::PreRoll,
        Self::Concentrate,
        Self::Vape,
        Self::EdibleSolid,
        Self::EdibleLiquid,
        Self::Tincture,
        Self::Capsule,
        Self::Topical,
        Self::ImmaturePlant,
        Self::MaturePlant,
        Self::Seed,
        Self::Accessory,
    ];

    /// The word on the wire and in rule files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flower => "flower",
            Self::PreRoll => "pre_roll",
            Self::Concentrate => "concentrate",
            Self::Vape => "vape",
            Self::EdibleSolid => "edible_solid",
            Self::EdibleLiquid => "edible_liquid",
            Self::Tincture => "tincture",
            Self::Capsule => "capsule",
            Self::Topical => "topical",
            Self::ImmaturePlant => "immature_plant",
            Self::MaturePlant => "mature_plant",
            Self::Seed => "seed",
            Self::Accessory => "accessory",
        }
    }

    /// What people call several of them.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Flower => "flower",
            Self::PreRoll => "pre-rolls",
            Self::Concentrate => "concentrates",
            Self::Vape => "vapes",
            Self::EdibleSolid => "edibles",
            Self::EdibleLiquid => "drinks",
            Self::Tincture => "tinctures",
            Self::Capsule => "capsules",
            Self::Topical => "topicals",
            Self::ImmaturePlant => "young plants",
            Self::MaturePlant => "plants",
            Self::Seed => "seeds",
            Self::Accessory => "accessories",
        }
    }

    /// The class that a category's usual English name means; none for a name of the store's own.
    ///
    /// Only names that leave no doubt are read. `extract` is a concentrate, `cannabis` could be anything.
    pub fn of_category(category: &str) -> Option<Self> {
        // The longest name below fits; a longer one is none of them.
        let mut plain = [0_u8; 16];
        let mut letters = 0;
        for letter in category.bytes().filter(u8::is_ascii_alphanumeric) {
            *plain.get_mut(letters)? = letter.to_ascii_lowercase();
            letters += 1;
        }
        Some(match std::str::from_utf8(plain.get(..letters)?).ok()? {
            "flower" | "flowers" | "bud" | "buds" | "shake" => Self::Flower,
            "preroll" | "prerolls" | "joint" | "joints" => Self::PreRoll,
            "concentrate" | "concentrates" | "extract" | "extracts" | "hash" | "resin" | "rosin" | "wax" => {
                Self::Concentrate
            }
            "vape" | "vapes" | "cartridge" | "cartridges" | "vaporizer" | "vaporizers" => Self::Vape,
            "edible" | "edibles" | "ediblesolid" | "gummies" | "chocolate" => Self::EdibleSolid,
            "beverage" | "beverages" | "drink" | "drinks" | "edibleliquid" => Self::EdibleLiquid,
            "tincture" | "tinctures" => Self::Tincture,
            "capsule" | "capsules" | "pill" | "pills" | "tablet" | "tablets" => Self::Capsule,
            "topical" | "topicals" => Self::Topical,
            "immatureplant" | "immatureplants" | "clone" | "clones" | "seedling" | "seedlings" => {
                Self::ImmaturePlant
            }
            "matureplant" | "matureplants" => Self::MaturePlant,
            "seed" | "seeds" => Self::Seed,
            "accessory" | "accessories" | "merch" | "merchandise" | "gear" | "apparel" => Self::Accessory,
            _ => return None,
        })
    }
}

impl fmt::Display for ProductClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProductClass {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or(InvalidId::new("product class", "a product class, such as flower or edible_solid"))
    }
}

/// What is in one unit of a product, or in one gram of a product sold by weight.
///
/// What a limit counts and this does not say stays unknown; it is never taken for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// What kind of goods it is, once the store's category has been mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ProductClass>,
    /// Weight of cannabis, in grams: flower in a flower product, extract in a concentrate or a food.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<Decimal>,
    /// Weight of the whole product without its package, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_grams: Option<Decimal>,
    /// Volume of the whole product, in millilitres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_ml: Option<Decimal>,
    /// THC, in milligrams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thc_mg: Option<Decimal>,
    /// CBD, in milligrams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cbd_mg: Option<Decimal>,
}

impl Content {
    /// Whether nothing at all is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_doubtful_categories_stay_open() {
        for class in ProductClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(class));
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{class}\""));
        }
        assert_eq!(ProductClass::of_category("Pre-Rolls"), Some(ProductClass::PreRoll));
        assert_eq!(ProductClass::of_category("Immature  Plants"), Some(ProductClass::ImmaturePlant));
        assert_eq!(ProductClass::of_category("cannabis"), None);
        assert_eq!(ProductClass::of_category("flower of the house, sun-grown"), None);
    }
}
