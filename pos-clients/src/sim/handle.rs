use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};

use super::{Fault, FaultError, FaultPlan, FaultRule, SimError, SimOrder, Simulator, Strike};

/// Where a simulator takes its time from.
pub type SimClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

const GATEWAY_PAGE: &str = "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body>\r\n<center><h1>Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// One simulator with its clock and its planned faults; clones share it.
#[derive(Clone)]
pub struct SimHandle {
    state: Arc<Mutex<State>>,
    clock: SimClock,
}

struct State {
    simulator: Box<dyn Simulator>,
    faults: FaultPlan,
}

impl fmt::Debug for SimHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimHandle").finish_non_exhaustive()
    }
}

/// What the caller gets to see of one exchange.
#[derive(Debug)]
pub enum Outcome {
    /// A whole answer.
    Answer(Response<Bytes>),
    /// An answer of which only the first `sent` bytes of the body arrive.
    Cut {
        /// The whole answer.
        response: Response<Bytes>,
        /// How much of it arrives.
        sent: usize,
    },
    /// The connection broke without an answer.
    Dropped,
    /// There was no connection to begin with.
    Refused,
}

impl SimHandle {
    /// Wraps a simulator. `fault_seed` decides the draws of faults given by rate.
    pub fn new(simulator: impl Simulator + 'static, clock: SimClock, fault_seed: u64) -> Self {
        let state = State { simulator: Box::new(simulator), faults: FaultPlan::new(fault_seed) };
        Self { state: Arc::new(Mutex::new(state)), clock }
    }

    /// What the POS holds, oldest first.
    pub fn orders(&self) -> Vec<SimOrder> {
        self.lock().simulator.orders()
    }

    /// Lets the store's staff act at the register.
    ///
    /// # Errors
    ///
    /// [`SimError`] when there is no such order or action, or when the register would not allow it now.
    pub fn staff(&self, order: &str, action: &str) -> Result<(), SimError> {
        let now = (self.clock)();
        self.lock().simulator.staff(order, action, now)
    }

    /// Plans a fault behind those already planned.
    ///
    /// # Errors
    ///
    /// [`FaultError::UnknownOperation`] when it is aimed at an operation the simulator does not have.
    pub fn add_fault(&self, rule: FaultRule) -> Result<(), FaultError> {
        let mut state = self.lock();
        let known = state.simulator.operations();
        if let Some(operation) = rule.operation.as_ref().filter(|name| !known.contains(&name.as_str())) {
            return Err(FaultError::UnknownOperation { operation: operation.clone(), known });
        }
        state.faults.add(rule);
        Ok(())
    }

    /// Removes all planned faults.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The faults that can still strike, with the counts that are left.
    pub fn faults(&self) -> Vec<FaultRule> {
        self.lock().faults.rules().to_vec()
    }

    /// Decides what strikes this request, and uses it up. First half of an exchange; the caller does any waiting
    /// a [`Fault::Slow`] asks for around [`SimHandle::complete`].
    pub fn strike(&self, request: &Request<Bytes>) -> Option<Strike> {
        let mut state = self.lock();
        let operation = state.simulator.operation(request);
        state.faults.strike(operation)
    }

    /// Second half of an exchange: the simulator acts on the request unless `strike` prevents it.
    pub fn complete(&self, request: Request<Bytes>, strike: Option<&Strike>) -> Outcome {
        let now = (self.clock)();
        let mut state = self.lock();
        let Some(Strike { fault, after_apply }) = strike else {
            return Outcome::Answer(state.simulator.handle(request, now));
        };
        match fault {
            Fault::Slow { .. } => return Outcome::Answer(state.simulator.handle(request, now)),
            Fault::TokenRevoked => {
                if !after_apply {
                    state.simulator.revoke_tokens();
                }
                let response = state.simulator.handle(request, now);
                if *after_apply {
                    state.simulator.revoke_tokens();
                }
                return Outcome::Answer(response);
            }
            Fault::RefuseConnection => return Outcome::Refused,
            Fault::Error { .. }
            | Fault::Html { .. }
            | Fault::Throttle { .. }
            | Fault::Truncate
            | Fault::Drop => {}
        }
        let applied = after_apply.then(|| state.simulator.handle(request, now));
        match fault {
            Fault::Error { status } => Outcome::Answer(answer(*status, "text/plain", "simulated failure")),
            Fault::Html { status } => Outcome::Answer(answer(*status, "text/html", GATEWAY_PAGE)),
            Fault::Throttle { retry_after } => {
                let mut response = answer(429, "text/plain", "simulated throttling");
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
                }
                Outcome::Answer(response)
            }
            Fault::Truncate => {
                // An answer of a request that was not acted upon has no content to cut; `{}` cut in half is `{`.
                let response = applied.unwrap_or_else(|| answer(200, "application/json", "{}"));
                let sent = response.body().len() / 2;
                Outcome::Cut { response, sent }
            }
            _ => Outcome::Dropped,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the simulator's state usable: it is only ever changed by whole requests.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(status: u16, content_type: &'static str, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
