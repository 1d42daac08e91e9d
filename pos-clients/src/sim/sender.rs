use async_trait::async_trait;
use bytes::Bytes;

use super::{Fault, Outcome, SimHandle, Strike};
use crate::transport::{HttpSender, SendError, TryLimits};

/// Carries a real client's requests straight into a simulator, with no socket and no waiting.
///
/// Faults become what a socket would have made of them: `refuse_connection` is [`SendError::NotSent`], `drop`
/// is [`SendError::Broken`], `slow` is [`SendError::TimedOut`] when its delay reaches the try's time-out (and
/// nothing otherwise), and `truncate` is a complete answer whose body ends too early, as from a proxy that
/// closes without a length.
#[derive(Debug, Clone)]
pub struct SimSender {
    handle: SimHandle,
}

impl SimSender {
    /// Sends into `handle`.
    pub fn new(handle: SimHandle) -> Self {
        Self { handle }
    }
}

#[async_trait]
impl HttpSender for SimSender {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: TryLimits,
    ) -> Result<http::Response<Bytes>, SendError> {
        let strike = self.handle.strike(&request);
        let late =
            matches!(&strike, Some(Strike { fault: Fault::Slow { delay }, .. }) if *delay >= limits.timeout);
        if late && strike.as_ref().is_some_and(|strike| !strike.after_apply) {
            return Err(SendError::TimedOut(limits.timeout));
        }
        let outcome = self.handle.complete(request, strike.as_ref());
        if late {
            return Err(SendError::TimedOut(limits.timeout));
        }
        let response = match outcome {
            Outcome::Answer(response) => response,
            Outcome::Cut { response, sent } => {
                response.map(|body| body.get(..sent).map(Bytes::copy_from_slice).unwrap_or(body))
            }
            Outcome::Dropped => return Err(SendError::Broken("simulated: connection reset".to_owned())),
            Outcome::Refused => return Err(SendError::NotSent("simulated: connection refused".to_owned())),
        };
        if response.body().len() > limits.max_body {
            return Err(SendError::TooLarge { limit: limits.max_body });
        }
        Ok(response)
    }
}
