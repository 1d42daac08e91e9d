//! Times that make no sense are told when they are set.

use order_core::model::{OpeningHours, OrderingRules, ScheduleError};
use serde_json::{Value, json};

use super::daily;

fn hours(json: Value) -> Result<(), ScheduleError> {
    serde_json::from_value::<OpeningHours>(json).unwrap().check()
}

fn ordering(json: Value) -> Result<(), ScheduleError> {
    serde_json::from_value::<OrderingRules>(json).unwrap().check()
}

fn span(open: &str, close: &str) -> Value {
    json!({"open": format!("{open}:00"), "close": format!("{close}:00")})
}

#[test]
fn spans_may_touch_and_not_overlap() {
    for good in [
        json!({}),
        daily("00:00:00", "00:00:00"),
        daily("09:00:00", "09:00:00"),
        daily("22:00:00", "02:00:00"),
        json!({"mon": [span("14:00", "18:00"), span("09:00", "12:00"), span("12:00", "14:00")]}),
        json!({"fri": [span("20:00", "02:00")], "sat": [span("02:00", "05:00")]}),
        json!({"fri": [span("20:00", "02:00")], "exceptions": {"2026-06-06": []}}),
    ] {
        assert_eq!(hours(good.clone()), Ok(()), "{good}");
    }
    for (bad, day) in [
        (json!({"mon": [span("09:00", "12:00"), span("11:59", "14:00")]}), "Monday"),
        (json!({"mon": [span("09:00", "12:00"), span("09:00", "12:00")]}), "Monday"),
        (json!({"tue": [span("09:00", "18:00"), span("17:00", "02:00")]}), "Tuesday"),
        (json!({"tue": [span("20:00", "18:00")], "wed": [span("17:00", "18:00")]}), "Tuesday"),
        (json!({"sun": [span("20:00", "02:00")], "mon": [span("01:00", "05:00")]}), "Sunday"),
        (
            json!({"exceptions": {"2026-06-06": [span("09:00", "12:00"), span("10:00", "11:00")]}}),
            "2026-06-06",
        ),
        (
            json!({"fri": [span("20:00", "02:00")], "exceptions": {"2026-06-06": [span("01:00", "05:00")]}}),
            "2026-06-06",
        ),
        (
            json!({"sun": [span("01:00", "05:00")], "exceptions": {"2026-06-06": [span("20:00", "02:00")]}}),
            "2026-06-06",
        ),
    ] {
        assert_eq!(hours(bad.clone()), Err(ScheduleError::Overlap(day.to_owned())), "{bad}");
    }
    assert!(
        hours(json!({"mon": [span("09:00", "12:00"), span("09:00", "12:00")]}))
            .unwrap_err()
            .to_string()
            .contains("Monday")
    );
}

#[test]
fn slots_rates_and_cut_off_must_let_somebody_order() {
    assert_eq!(ordering(json!({})), Ok(()));
    let full = json!({
        "cut_off_minutes": 1440,
        "slots": {"minutes": 15, "capacity": 1, "lead_minutes": 1439, "days_ahead": 0},
        "per_kiosk": {"orders": 1, "minutes": 1},
    });
    assert_eq!(ordering(full), Ok(()));
    let cases = [
        (json!({"cut_off_minutes": 1441}), ScheduleError::CutOffTooLong(1441)),
        (json!({"slots": {"minutes": 0}}), ScheduleError::EmptySlot),
        (json!({"slots": {"minutes": 25}}), ScheduleError::UnevenSlot(25)),
        (json!({"slots": {"minutes": 2880}}), ScheduleError::UnevenSlot(2880)),
        (json!({"slots": {"minutes": 30, "capacity": 0}}), ScheduleError::NoCapacity),
        (json!({"slots": {"minutes": 30, "days_ahead": 367}}), ScheduleError::TooManyDaysAhead(367)),
        (
            json!({"slots": {"minutes": 30, "days_ahead": u32::MAX}}),
            ScheduleError::TooManyDaysAhead(u32::MAX),
        ),
        (json!({"slots": {"minutes": 30, "lead_minutes": 1440}}), ScheduleError::LeadTooLong(1440)),
        (json!({"per_kiosk": {"orders": 0, "minutes": 5}}), ScheduleError::EmptyRate("per_kiosk")),
        (json!({"per_phone": {"orders": 5, "minutes": 0}}), ScheduleError::EmptyRate("per_phone")),
    ];
    for (bad, error) in cases {
        assert_eq!(ordering(bad.clone()), Err(error), "{bad}");
    }
}
