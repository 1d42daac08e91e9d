//! One call to a vendor, with everything that has to happen around the try itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request, StatusCode};
use order_core::model::VendorLabel;
use order_core::ports::{Clock, IdSource, PosError, PosErrorKind};
use tracing::{Instrument, Span, field};

use super::breaker::{Breaker, Change, Pass};
use super::budget::RetryBudget;
use super::classify::{Complaint, Failure, Judge, is_ill};
use super::figures::{self, Slower};
use super::{
    BreakerState, HttpSender, RetryPolicy, SendError, TokenBucket, TransportConfig, TryLimits, full_jitter,
};

/// A request on its way to a vendor.
#[derive(Clone)]
pub struct Call {
    operation: &'static str,
    request: Request<Bytes>,
    safe: bool,
    hidden: Vec<String>,
}

impl Call {
    /// A call that must not happen twice, unless the vendor provably did not see it.
    pub const fn once(operation: &'static str, request: Request<Bytes>) -> Self {
        Self { operation, request, safe: false, hidden: Vec::new() }
    }

    /// A call that may be repeated as often as needed: it changes nothing.
    pub const fn safe(operation: &'static str, request: Request<Bytes>) -> Self {
        Self { operation, request, safe: true, hidden: Vec::new() }
    }

    /// Texts that the call carries and no error may show, should the answer repeat them.
    #[must_use]
    pub fn hiding(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        self.hidden.extend(texts);
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", self.request.method())
            .field("safe", &self.safe)
            .finish_non_exhaustive()
    }
}

/// A complete answer. `Debug` shows its status and size, not its body.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The seams a vendor client stands on: who sends, what time it is, where randomness comes from.
#[derive(Debug, Clone)]
pub struct TransportParts {
    /// Sends requests.
    pub sender: Arc<dyn HttpSender>,
    /// Tells the time and waits.
    pub clock: Arc<dyn Clock>,
    /// Draws the jitter.
    pub ids: Arc<dyn IdSource>,
}

impl TransportParts {
    /// This sender with the machine's clock and randomness.
    pub fn system(sender: Arc<dyn HttpSender>) -> Self {
        Self {
            sender,
            clock: Arc::new(order_core::ports::SystemClock),
            ids: Arc::new(order_core::ports::SystemIds),
        }
    }
}

/// Puts a [`Transport`] together.
#[derive(Debug)]
#[must_use]
pub struct TransportBuilder {
    transport: Transport,
}

impl TransportBuilder {
    /// How one try is bounded.
    pub const fn limits(mut self, limits: TryLimits) -> Self {
        self.transport.limits = limits;
        self
    }

    /// How often and how long a call is tried.
    pub const fn retry(mut self, policy: RetryPolicy) -> Self {
        self.transport.policy = policy;
        self
    }

    /// The limit of calls a second. Clients that share a credential share the bucket.
    pub fn rate(mut self, bucket: Arc<TokenBucket>) -> Self {
        self.transport.bucket = Some(bucket);
        self
    }

    /// How the POS is spared when it is slow, down, or asks for it.
    pub fn config(mut self, config: TransportConfig) -> Self {
        self.transport.breaker = Breaker::new(config.breaker);
        self.transport.budget = RetryBudget::new(config.retry_budget);
        self.transport.learns = config.learn_from_throttling;
        self
    }

    /// The transport.
    pub fn build(self) -> Transport {
        self.transport
    }
}

/// Carries calls to one vendor with one credential.
#[derive(Debug)]
pub struct Transport {
    vendor: VendorLabel,
    parts: TransportParts,
    limits: TryLimits,
    policy: RetryPolicy,
    bucket: Option<Arc<TokenBucket>>,
    breaker: Breaker,
    budget: RetryBudget,
    learns: bool,
}

/// What one try ended in, for the span.
#[derive(Debug, Default)]
struct Trace {
    attempts: u32,
    status: Option<u16>,
}

impl Transport {
    /// Begins a transport with default limits and retries and without a rate limit.
    pub fn builder(vendor: VendorLabel, parts: TransportParts) -> TransportBuilder {
        let config = TransportConfig::default();
        let transport = Self {
            vendor,
            parts,
            limits: TryLimits::default(),
            policy: RetryPolicy::default(),
            bucket: None,
            breaker: Breaker::new(config.breaker),
            budget: RetryBudget::new(config.retry_budget),
            learns: config.learn_from_throttling,
        };
        TransportBuilder { transport }
    }

    /// Which vendor.
    pub const fn vendor(&self) -> &VendorLabel {
        &self.vendor
    }

    /// The clock it runs on.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.parts.clock
    }

    /// Whether this POS is called at present.
    pub fn breaker_state(&self) -> BreakerState {
        self.breaker.state(self.parts.clock.now())
    }

    /// Makes the call and lets `read` make sense of the answer, whatever its HTTP status.
    ///
    /// A try that provably never reached the vendor is repeated for every call; a lost or failed one, a 429
    /// and a 5xx only for a safe call, and both only while there is budget for it. All tries and waits end by
    /// the policy's deadline. An open breaker ends the call before anything is sent. `read` decides what a
    /// success is beyond the status; its words refine the error, they never make a call repeatable.
    ///
    /// # Errors
    /// [`PosError`] in the class that tells whether the call may have taken effect.
    pub async fn call<T, F>(&self, call: Call, read: F) -> Result<T, PosError>
    where
        T: Send,
        F: Fn(&Answer) -> Result<T, Complaint> + Send + Sync,
    {
        let span = tracing::info_span!(
            "pos_call",
            vendor = %self.vendor,
            operation = call.operation,
            attempt = field::Empty,
            outcome = field::Empty,
            http_status = field::Empty,
            latency_ms = field::Empty,
        );
        let started = self.parts.clock.now();
        let mut trace = Trace::default();
        let outcome = self.tries(&call, read, started, &mut trace).instrument(span.clone()).await;
        self.record(&span, call.operation, &trace, started, outcome.as_ref().err());
        outcome
    }

    fn record(
        &self,
        span: &Span,
        operation: &'static str,
        trace: &Trace,
        started: DateTime<Utc>,
        error: Option<&PosError>,
    ) {
        span.record("attempt", trace.attempts);
        let outcome = error.map_or("ok", |error| error.kind().as_str());
        span.record("outcome", outcome);
        if let Some(status) = trace.status {
            span.record("http_status", status);
        }
        let latency = self.parts.clock.now() - started;
        span.record("latency_ms", latency.num_milliseconds());
        figures::call(&self.vendor, operation, outcome, latency);
        match error {
            None => tracing::debug!(parent: span, "answered"),
            // An answer like any other: looking for somebody new finds nobody. Who expected more says so.
            Some(error) if error.kind() == PosErrorKind::NotFound => {
                tracing::debug!(parent: span, %error, "nothing there");
            }
            Some(error) => tracing::warn!(parent: span, %error, "failed"),
        }
    }

    async fn tries<T, F>(
        &self,
        call: &Call,
        read: F,
        started: DateTime<Utc>,
        trace: &mut Trace,
    ) -> Result<T, PosError>
    where
        T: Send,
        F: Fn(&Answer) -> Result<T, Complaint> + Send + Sync,
    {
        let judge =
            Judge { vendor: &self.vendor, operation: call.operation, safe: call.safe, hidden: &call.hidden };
        let left = || {
            let spent = (self.parts.clock.now() - started).to_std().unwrap_or(Duration::ZERO);
            self.policy.deadline.saturating_sub(spent)
        };
        let mut last: Option<PosError> = None;
        self.budget.call();
        loop {
            let pass = match self.enter() {
                Ok(pass) => pass,
                Err(wait) => return Err(last.unwrap_or_else(|| judge.left_alone(wait))),
            };
            if let Err(busy) = self.wait_for_place(left()).await {
                figures::throttled(&self.vendor, Slower::OwnLimit);
                return Err(last.unwrap_or_else(|| judge.too_busy(busy)));
            }
            // It may have opened while we stood in line; then the next look at it says so.
            if !pass.is_good() {
                continue;
            }
            let timeout = self.limits.timeout.min(left());
            if timeout.is_zero() {
                let late = SendError::NotSent("the time for the call was used up waiting".to_owned());
                return Err(last.unwrap_or_else(|| judge.unsent(&late).error));
            }
            trace.attempts += 1;
            let began = self.parts.clock.now();
            let limits = TryLimits { timeout, ..self.limits };
            let outcome = match self.parts.sender.send(call.request.clone(), limits).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let answer = Answer { status: head.status, headers: head.headers, body };
                    trace.status = Some(answer.status.as_u16());
                    let reading = read(&answer);
                    judge.answered(&answer, reading, self.parts.clock.now())
                }
                Err(error) => {
                    trace.status = None;
                    Err(judge.unsent(&error))
                }
            };
            self.learn(pass, outcome.as_ref().err(), began, timeout);
            let Failure { error, repeat, after } = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !repeat || trace.attempts >= self.policy.attempts.max(1) {
                return Err(error);
            }
            let ids = self.parts.ids.as_ref();
            let wait = match after {
                // As told, and a little more, so that not everybody who was told the same comes at once.
                Some(after) => after.saturating_add(full_jitter(self.policy.base, ids)),
                None => full_jitter(self.policy.ceiling(trace.attempts), ids),
            };
            let left_alone = matches!(self.breaker_state(), BreakerState::Open { .. });
            if left_alone || wait >= left() || !self.budget.take() {
                return Err(error);
            }
            figures::repeated(&self.vendor, call.operation);
            tracing::debug!(
                attempt = trace.attempts,
                kind = error.kind().as_str(),
                wait_ms = wait.as_millis(),
                "trying again"
            );
            self.parts.clock.sleep(wait).await;
            last = Some(error);
        }
    }

    /// Asks the breaker; how long it stays open when it does not let us through.
    fn enter(&self) -> Result<Pass<'_>, Duration> {
        let (pass, change) = self.breaker.enter(self.parts.clock.now());
        self.announce(change);
        pass.map_err(|refused| refused.wait)
    }

    /// What a try tells about the POS: to the breaker whether it is well, to the rate whether we are too fast.
    fn learn(&self, pass: Pass<'_>, failure: Option<&Failure>, began: DateTime<Utc>, timeout: Duration) {
        let now = self.parts.clock.now();
        let kind = failure.map(|failure| failure.error.kind());
        let change = match kind {
            // We gave it too little time to say anything about it.
            Some(PosErrorKind::Timeout) if timeout < self.limits.timeout / 2 => None,
            Some(kind) if is_ill(kind) => pass.failed(now),
            _ => pass.worked(now),
        };
        self.announce(change);
        if kind == Some(PosErrorKind::Throttled) {
            figures::throttled(&self.vendor, Slower::Pos);
        }
        let (Some(bucket), Some(failure), true) = (&self.bucket, failure, self.learns) else { return };
        if kind == Some(PosErrorKind::Throttled) {
            bucket.slow_down(began, now);
        }
        if let Some(after) = failure.after {
            bucket.hold(after, now);
        }
    }

    fn announce(&self, change: Option<Change>) {
        let Some(Change { from, to }) = change else { return };
        figures::breaker(&self.vendor, to);
        let (from, to) = (from.as_str(), to.as_str());
        tracing::warn!(vendor = %self.vendor, from, to, "the breaker changes");
    }

    /// Waits for a place in the bucket; the wait that would be needed when there is none in time.
    async fn wait_for_place(&self, patience: Duration) -> Result<(), Duration> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let wait = bucket.take(self.parts.clock.now(), patience).map_err(|busy| busy.wait)?;
        if !wait.is_zero() {
            self.parts.clock.sleep(wait).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use order_core::ports::RetryClass;

    use super::super::fakes::{FakeClock, FakeIds, Outcome, Script, answer};
    use super::*;

    struct Bench {
        clock: Arc<FakeClock>,
        script: Arc<Script>,
        transport: Transport,
    }

    fn bench(outcomes: impl IntoIterator<Item = Outcome>, policy: RetryPolicy) -> Bench {
        let clock = Arc::new(FakeClock::new());
        let script = Arc::new(Script::new(outcomes));
        let parts = TransportParts {
            sender: script.clone(),
            clock: clock.clone(),
            ids: Arc::new(FakeIds::always(u64::MAX)),
        };
        let vendor = VendorLabel::new("acme").unwrap();
        Bench { clock, script, transport: Transport::builder(vendor, parts).retry(policy).build() }
    }

    fn request() -> Request<Bytes> {
        Request::builder()
            .uri("https://pos.example.com/customer/phone/4155550123")
            .body(Bytes::new())
            .unwrap()
    }

    fn status(answer: &Answer) -> Result<u16, Complaint> {
        Ok(answer.status.as_u16())
    }

    fn not_sent() -> Outcome {
        Err(SendError::NotSent("refused".into()))
    }

    fn broken() -> Outcome {
        Err(SendError::Broken("reset".into()))
    }

    #[tokio::test]
    async fn a_safe_call_is_repeated_with_growing_waits() {
        let bench = bench([broken(), answer(500, ""), answer(200, "")], RetryPolicy::default());
        assert_eq!(bench.transport.call(Call::safe("get", request()), status).await.unwrap(), 200);
        assert_eq!(bench.clock.slept(), [Duration::from_millis(300), Duration::from_millis(600)]);
    }

    #[tokio::test]
    async fn a_create_is_repeated_only_when_it_never_left() {
        let policy = RetryPolicy::default();
        let sent = bench([not_sent(), answer(200, "")], policy);
        assert_eq!(sent.transport.call(Call::once("create", request()), status).await.unwrap(), 200);
        for outcome in [broken(), answer(503, ""), answer(429, ""), answer(500, "")] {
            let bench = bench([outcome, answer(200, "")], policy);
            let error = bench.transport.call(Call::once("create", request()), status).await.unwrap_err();
            assert!(
                matches!(error.retry(), RetryClass::Ambiguous | RetryClass::Throttled { .. }),
                "{error:?}"
            );
            assert_eq!(bench.script.tries().len(), 1, "{error:?}");
        }
    }

    #[tokio::test]
    async fn retry_after_is_waited_for_when_there_is_time() {
        let told = |seconds: &str| {
            let response = http::Response::builder().status(429).header("retry-after", seconds);
            Ok(response.body(Bytes::new()).unwrap())
        };
        let policy = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
        let patient = bench([told("4"), answer(200, "")], policy);
        assert_eq!(patient.transport.call(Call::safe("get", request()), status).await.unwrap(), 200);
        assert_eq!(patient.clock.slept(), [Duration::from_secs(4)]);

        let hurried = bench([told("60"), answer(200, "")], policy);
        let error = hurried.transport.call(Call::safe("get", request()), status).await.unwrap_err();
        assert_eq!(error.retry(), RetryClass::Throttled { after: Some(Duration::from_secs(60)) });
        assert_eq!(hurried.clock.slept(), []);
    }

    #[tokio::test]
    async fn tries_end_by_number_and_by_deadline() {
        let tired = bench((0..9).map(|_| broken()), RetryPolicy::default());
        let error = tired.transport.call(Call::safe("get", request()), status).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unavailable, RetryClass::NotSent));
        assert_eq!(tired.script.tries().len(), 3);

        let policy = RetryPolicy {
            attempts: 100,
            base: Duration::from_secs(2),
            cap: Duration::from_secs(2),
            deadline: Duration::from_secs(5),
        };
        let late = bench((0..99).map(|_| broken()), policy);
        late.transport.call(Call::safe("get", request()), status).await.unwrap_err();
        let timeouts: Vec<_> = late.script.tries().iter().map(|limits| limits.timeout.as_secs()).collect();
        assert_eq!(timeouts, [5, 3, 1]);
    }

    #[tokio::test]
    async fn our_own_limit_makes_callers_wait_or_go() {
        let mut bench = bench((0..9).map(|_| answer(200, "")), RetryPolicy::once(Duration::from_secs(3)));
        bench.transport.bucket = Some(Arc::new(TokenBucket::new(NonZeroU32::MIN)));
        for _ in 0..2 {
            bench.transport.call(Call::once("create", request()), status).await.unwrap();
        }
        assert_eq!(bench.clock.slept(), [Duration::from_secs(1)]);
        bench.transport.policy.deadline = Duration::from_millis(10);
        let error = bench.transport.call(Call::once("create", request()), status).await.unwrap_err();
        assert!(matches!(error.retry(), RetryClass::Throttled { after: Some(_) }));
        assert_eq!(bench.script.tries().len(), 2);
    }

    #[test]
    fn a_call_does_not_show_what_it_carries() {
        let call = Call::safe("find", request()).hiding(["Ada".to_owned()]);
        let shown = format!("{call:?}");
        assert!(!shown.contains("4155550123") && !shown.contains("Ada"), "{shown}");
    }
}
