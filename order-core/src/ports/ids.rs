//! Ids and randomness, as something the host hands in.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// Draws ids and random numbers.
pub trait IdSource: Send + Sync + Debug {
    /// 64 random bits.
    fn random(&self) -> u64;

    /// A UUIDv7 of this moment: sorts by time, to the millisecond.
    fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let mut tail = [0; 10];
        let (high, low) = (self.random().to_be_bytes(), self.random().to_be_bytes());
        tail[..8].copy_from_slice(&high);
        tail[8..].copy_from_slice(&low[..2]);
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// Randomness of the operating system.
#[cfg(feature = "system")]
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

#[cfg(feature = "system")]
impl IdSource for SystemIds {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place where the system's randomness is drawn"
    )]
    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        match getrandom::fill(&mut bytes) {
            Ok(()) => u64::from_ne_bytes(bytes),
            // Without system randomness, a per-process random hasher is the next best source.
            Err(_) => {
                use std::hash::{BuildHasher, RandomState};
                RandomState::new().hash_one(bytes)
            }
        }
    }
}
