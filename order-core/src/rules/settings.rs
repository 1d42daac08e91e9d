//! Whether what a store decided can be meant: asked once, when a flow is put together.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::model::{CustomerRules, Off, PriceRules, ScheduleError, StockRules, StoreRules};

/// A setting of a store that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// One setting, or several that do not go together.
    #[error("{setting}: {why}")]
    Setting {
        /// Its name, as in `stock.margin`.
        setting: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Opening hours, slots or rates.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// One discount.
    #[error("the discount {title:?}: {why}")]
    Discount {
        /// What it is called.
        title: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

fn must(holds: bool, setting: &'static str, why: &'static str) -> Result<(), SettingError> {
    if holds { Ok(()) } else { Err(SettingError::Setting { setting, why }) }
}

impl StoreRules {
    /// Whether these settings can be meant. Purchase limits are checked where they are built.
    ///
    /// # Errors
    /// [`SettingError`] names the first that cannot.
    pub fn check(&self) -> Result<(), SettingError> {
        self.customers.check()?;
        self.stock.check()?;
        self.prices.check()?;
        if let Some(hours) = &self.hours {
            hours.check()?;
        }
        Ok(self.ordering.check()?)
    }
}

impl CustomerRules {
    /// Whether these settings can be meant.
    ///
    /// # Errors
    /// [`SettingError`] when nobody is served at all.
    pub fn check(&self) -> Result<(), SettingError> {
        must(self.adult_use || self.medical, "customers", "neither adult nor medical customers are served")
    }
}

impl StockRules {
    /// Whether these settings can be meant.
    ///
    /// # Errors
    /// [`SettingError`] for a margin below zero, and for refusing stale figures without saying what is stale.
    pub fn check(&self) -> Result<(), SettingError> {
        must(self.margin >= Decimal::ZERO, "stock.margin", "cannot be below zero")?;
        must(
            !self.refuse_stale || self.stale_after_minutes.is_some(),
            "stock.refuse_stale",
            "needs stale_after_minutes",
        )
    }
}

impl PriceRules {
    /// Whether these settings can be meant.
    ///
    /// # Errors
    /// [`SettingError`] for a tolerance below zero, a discount outside 0 to 100 percent or below zero, one with an
    /// empty code or a minimum below zero, and one that ends before it begins.
    pub fn check(&self) -> Result<(), SettingError> {
        let tolerance = self.tolerance.unwrap_or_default();
        must(tolerance >= Decimal::ZERO, "prices.tolerance", "cannot be below zero")?;
        for discount in &self.discounts {
            let wrong = |why| Err(SettingError::Discount { title: discount.title.clone(), why });
            match discount.off {
                Off::Percent(percent) if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) => {
                    return wrong("a percentage lies between 0 and 100");
                }
                Off::Amount(amount) if amount < Decimal::ZERO => {
                    return wrong("an amount cannot be below zero");
                }
                _ => {}
            }
            if discount.code.as_ref().is_some_and(|code| code.trim().is_empty()) {
                return wrong("the code is empty; leave it out for a discount that applies by itself");
            }
            if discount.min_subtotal < Decimal::ZERO {
                return wrong("the least sum cannot be below zero");
            }
            if discount.from.zip(discount.until).is_some_and(|(from, until)| from > until) {
                return wrong("it ends before it begins");
            }
        }
        Ok(())
    }
}
