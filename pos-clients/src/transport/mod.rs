//! What every vendor client shares on the way to its POS.

mod sender;

pub use sender::{HttpSender, SendError, TryLimits};
