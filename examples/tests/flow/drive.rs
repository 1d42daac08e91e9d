//! Runs futures in virtual time: when nothing moves any more, the clock goes on to the next sleeper.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use order_core::ports::Clock;
use order_core::testkit::ManualClock;

/// More turns than any scenario takes: whoever gets here goes round in circles.
const MOST_TURNS: usize = 2_000_000;

/// How many calls are with threads of their own, so that waiting for them is not idleness.
#[derive(Debug, Default)]
pub(crate) struct Outside(AtomicUsize);

impl Outside {
    /// Counts as one until the answer is there or the call is given up.
    pub(crate) async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        struct Leave<'a>(&'a AtomicUsize);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        let _leave = Leave(&self.0);
        call.await
    }
}

/// Rings when the future wants to be looked at.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    ring: Condvar,
}

impl Bell {
    fn take(&self) -> bool {
        std::mem::take(&mut *self.rung.lock().unwrap())
    }

    fn wait(&self) {
        let rung = self.rung.lock().unwrap();
        // Real time, and only for a thread that never answers.
        let (rung, waited) =
            self.ring.wait_timeout_while(rung, Duration::from_secs(60), |rung| !*rung).unwrap();
        assert!(!waited.timed_out(), "a store thread does not answer");
        drop(rung);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.ring.notify_all();
    }
}

/// Time and idleness.
#[derive(Debug, Clone)]
pub(crate) struct Driver {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) outside: Arc<Outside>,
}

impl Driver {
    /// Runs to the end.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.run_until(pin!(future), || false).expect("it ran to its end")
    }

    /// Runs to the end, or until `stop` holds; the future can then be run on later, or dropped where it is.
    pub(crate) fn run_until<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        stop: impl Fn() -> bool,
    ) -> Option<F::Output> {
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(bell.clone());
        let mut context = Context::from_waker(&waker);
        for _ in 0..MOST_TURNS {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
            let at_work = self.outside.0.load(Ordering::SeqCst) > 0;
            // What a store thread has in hand will be written, so it is waited for.
            if !at_work && stop() {
                return None;
            }
            if bell.take() {
                continue;
            }
            if at_work {
                bell.wait();
                bell.take();
                continue;
            }
            let next = self.clock.next_wake().expect("nothing will ever move again");
            self.clock.advance((next - self.clock.now()).to_std().unwrap_or_default());
        }
        panic!("this never ends");
    }
}
