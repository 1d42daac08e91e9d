//! Taking turns, where many at once want something for one customer.
//!
//! What rests on the customer's other orders is decided anew whenever one of those was written meanwhile. Each round
//! of a crowd has one winner, so its last would need as many rounds as there are others. Who lost twice waits in line
//! instead, within this process and store, and then has hardly anybody to lose to.

use futures_util::lock::{Mutex, MutexGuard};

/// How many rounds are lost in the crowd before one waits in line.
const IN_THE_CROWD: u32 = 2;

/// One caller's rounds.
#[derive(Default)]
pub(super) struct Turn<'a> {
    lost: u32,
    mine: Option<MutexGuard<'a, ()>>,
}

impl<'a> Turn<'a> {
    /// Notes a lost round; waits in this line before the next where there were too many.
    pub(super) async fn lost(&mut self, line: &'a Mutex<()>) {
        self.lost = self.lost.saturating_add(1);
        if self.lost >= IN_THE_CROWD && self.mine.is_none() {
            self.mine = Some(line.lock().await);
        }
    }
}
