//! A POS that answers as told, and a clock that moves when everybody sleeps.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use order_core::model::VendorLabel;
use order_core::ports::{Clock, PosError};
use order_core::testkit::{ManualClock, SeededIds};
use pos_clients::transport::{
    Answer, BreakerPolicy, BudgetPolicy, Call, Complaint, HttpSender, RetryPolicy, SendError, Transport,
    TransportBuilder, TransportConfig, TransportParts, TryLimits,
};

/// What the POS does with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Answer(u16),
    /// An answer with this status and this `Retry-After`.
    Wait(u16, &'static str),
    /// A success that makes no sense.
    Nonsense,
    Unreachable,
    Broken,
    /// No answer within the time of the try.
    Silent,
    /// An answer of this status after this many seconds.
    Slow(u64, u16),
}

#[derive(Debug)]
pub(crate) struct Pos {
    clock: Arc<ManualClock>,
    /// What it does first; after that always the last.
    acts: Mutex<VecDeque<Act>>,
    asked: AtomicUsize,
}

impl Pos {
    pub(crate) fn acts(&self, acts: impl IntoIterator<Item = Act>) {
        *self.acts.lock().unwrap() = acts.into_iter().collect();
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(status: u16) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from_static(b"ok")).unwrap()
}

#[async_trait]
impl HttpSender for Pos {
    async fn send(&self, _: Request<Bytes>, limits: TryLimits) -> Result<Response<Bytes>, SendError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let act = {
            let mut acts = self.acts.lock().unwrap();
            let last = acts.len() == 1;
            if last { acts[0] } else { acts.pop_front().unwrap() }
        };
        match act {
            Act::Answer(status) => Ok(answer(status)),
            Act::Nonsense => Ok(Response::new(Bytes::from_static(b"nonsense"))),
            Act::Wait(status, after) => {
                let mut answer = answer(status);
                answer.headers_mut().insert("retry-after", after.parse().unwrap());
                Ok(answer)
            }
            Act::Unreachable => Err(SendError::NotSent("connection refused".to_owned())),
            Act::Broken => Err(SendError::Broken("reset".to_owned())),
            Act::Silent => {
                self.clock.sleep(limits.timeout).await;
                Err(SendError::TimedOut(limits.timeout))
            }
            Act::Slow(seconds, status) => {
                self.clock.sleep(Duration::from_secs(seconds)).await;
                Ok(answer(status))
            }
        }
    }
}

pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) pos: Arc<Pos>,
    pub(crate) transport: Transport,
}

/// A breaker that opens after four failures among four tries.
pub(crate) const QUICK: BreakerPolicy = BreakerPolicy {
    enabled: true,
    window_seconds: 60,
    failure_percent: 50,
    min_tries: 4,
    open_seconds: 30,
    probes: 2,
};

pub(crate) const NO_BREAKER: BreakerPolicy = BreakerPolicy { enabled: false, ..QUICK };

/// A breaker that nobody else's settings stand in the way of.
pub(crate) fn only(breaker: BreakerPolicy) -> TransportConfig {
    let retry_budget = BudgetPolicy { enabled: false, ..BudgetPolicy::default() };
    TransportConfig { breaker, retry_budget, ..TransportConfig::default() }
}

impl Bench {
    pub(crate) fn new(config: TransportConfig) -> Self {
        Self::with(config, |builder| builder)
    }

    pub(crate) fn with(
        config: TransportConfig,
        change: impl FnOnce(TransportBuilder) -> TransportBuilder,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(1_772_445_600));
        let acts = Mutex::new(VecDeque::from([Act::Answer(200)]));
        let pos = Arc::new(Pos { clock: clock.clone(), acts, asked: AtomicUsize::new(0) });
        let ids = Arc::new(SeededIds::new(7));
        let parts = TransportParts { sender: pos.clone(), clock: clock.clone(), ids };
        let builder = Transport::builder(VendorLabel::new("acme").unwrap(), parts).config(config);
        Self { clock, pos, transport: change(builder).build() }
    }

    /// A call that must not happen twice.
    pub(crate) async fn once(&self) -> Result<u16, PosError> {
        self.run(self.transport.call(Call::once("create", request()), read)).await
    }

    /// A call that may be repeated.
    pub(crate) async fn safe(&self) -> Result<u16, PosError> {
        self.run(self.transport.call(Call::safe("get", request()), read)).await
    }

    /// A call for which somebody else moves the clock.
    pub(crate) fn call(&self) -> impl Future<Output = Result<u16, PosError>> + '_ {
        self.transport.call(Call::once("create", request()), read)
    }

    /// Moves the clock whenever nothing else is left to do.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::task::yield_now() => {
                    if let Some(wake) = self.clock.next_wake() {
                        self.clock.advance((wake - self.clock.now()).to_std().unwrap_or_default());
                    }
                }
            }
        }
    }

    pub(crate) fn state(&self) -> &'static str {
        self.transport.breaker_state().as_str()
    }

    /// Four failures in a row.
    pub(crate) async fn break_it(&self) {
        self.pos.acts([Act::Unreachable]);
        for _ in 0..4 {
            self.once().await.unwrap_err();
        }
        assert_eq!(self.state(), "open");
    }
}

pub(crate) fn single() -> RetryPolicy {
    RetryPolicy::once(Duration::from_secs(30))
}

fn request() -> Request<Bytes> {
    Request::builder().uri("https://pos.example.com/orders").body(Bytes::new()).unwrap()
}

fn read(answer: &Answer) -> Result<u16, Complaint> {
    if answer.body.as_ref() == b"nonsense" {
        return Err(Complaint::Unreadable { why: "it is nonsense".to_owned() });
    }
    Ok(answer.status.as_u16())
}
