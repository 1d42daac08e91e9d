//! What is counted, for the host's own exporter. Without the feature `metrics` nothing is.

use chrono::TimeDelta;
use order_core::model::VendorLabel;

use super::BreakerState;

/// Who slowed us down.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slower {
    Pos,
    OwnLimit,
}

#[cfg(feature = "metrics")]
mod counted {
    use super::{BreakerState, Slower, TimeDelta, VendorLabel};

    fn name(vendor: &VendorLabel) -> String {
        vendor.as_str().to_owned()
    }

    pub(in super::super) fn call(
        vendor: &VendorLabel,
        operation: &'static str,
        outcome: &'static str,
        latency: TimeDelta,
    ) {
        metrics::counter!(
            "pos_calls_total", "vendor" => name(vendor), "operation" => operation, "outcome" => outcome
        )
        .increment(1);
        metrics::histogram!("pos_call_seconds", "vendor" => name(vendor), "operation" => operation)
            .record(latency.to_std().unwrap_or_default().as_secs_f64());
    }

    pub(in super::super) fn repeated(vendor: &VendorLabel, operation: &'static str) {
        metrics::counter!("pos_retries_total", "vendor" => name(vendor), "operation" => operation)
            .increment(1);
    }

    pub(in super::super) fn breaker(vendor: &VendorLabel, to: BreakerState) {
        metrics::counter!("pos_breaker_changes_total", "vendor" => name(vendor), "to" => to.as_str())
            .increment(1);
    }

    pub(in super::super) fn throttled(vendor: &VendorLabel, by: Slower) {
        let by = match by {
            Slower::Pos => "pos",
            Slower::OwnLimit => "own_limit",
        };
        metrics::counter!("pos_throttled_total", "vendor" => name(vendor), "by" => by).increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
mod counted {
    use super::{BreakerState, Slower, TimeDelta, VendorLabel};

    pub(in super::super) const fn call(_: &VendorLabel, _: &'static str, _: &'static str, _: TimeDelta) {}

    pub(in super::super) const fn repeated(_: &VendorLabel, _: &'static str) {}

    pub(in super::super) const fn breaker(_: &VendorLabel, _: BreakerState) {}

    pub(in super::super) const fn throttled(_: &VendorLabel, _: Slower) {}
}

pub(super) use counted::{breaker, call, repeated, throttled};
