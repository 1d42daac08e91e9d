//! How many of all tries may be repeats.

use std::sync::{Mutex, PoisonError};

use super::BudgetPolicy;

/// What one repeat costs, in hundredths.
const REPEAT: u32 = 100;

/// Every call puts a share of a repeat into it and every repeat takes a whole one out, so that a POS that
/// fails for everybody is asked a little more often than usual, not several times as often.
///
/// It needs no clock: what was saved up is bounded by the reserve.
#[derive(Debug)]
pub(super) struct RetryBudget {
    policy: BudgetPolicy,
    saved: Mutex<u32>,
}

impl RetryBudget {
    /// A budget that begins with its whole reserve.
    pub(super) const fn new(policy: BudgetPolicy) -> Self {
        Self { saved: Mutex::new(policy.most()), policy }
    }

    /// A call begins.
    pub(super) fn call(&self) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = saved.saturating_add(self.policy.share_percent).min(self.policy.most());
    }

    /// Takes one repeat, if there is one.
    pub(super) fn take(&self) -> bool {
        if !self.policy.enabled {
            return true;
        }
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let left = saved.checked_sub(REPEAT);
        *saved = left.unwrap_or(*saved);
        left.is_some()
    }
}

impl BudgetPolicy {
    const fn most(self) -> u32 {
        self.reserve.saturating_mul(REPEAT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BudgetPolicy = BudgetPolicy { enabled: true, share_percent: 20, reserve: 2 };

    #[test]
    fn repeats_are_a_share_of_the_calls() {
        let budget = RetryBudget::new(POLICY);
        assert_eq!([budget.take(), budget.take(), budget.take()], [true, true, false]);
        let repeated = (0..100)
            .filter(|_| {
                budget.call();
                budget.take()
            })
            .count();
        assert_eq!(repeated, 20);
    }

    #[test]
    fn quiet_times_save_no_more_than_the_reserve() {
        let budget = RetryBudget::new(POLICY);
        (0..10_000).for_each(|_| budget.call());
        assert_eq!([budget.take(), budget.take(), budget.take()], [true, true, false]);
    }

    #[test]
    fn it_can_be_switched_off() {
        let budget = RetryBudget::new(BudgetPolicy { enabled: false, ..POLICY });
        assert!((0..1000).all(|_| budget.take()));
    }
}
