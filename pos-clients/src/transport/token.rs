//! Keeping a token that a vendor hands out, so that it is fetched once and used until it expires.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use order_core::ports::{Clock, PosError, RetryClass};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

/// A token and how long it is good for.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    obtained_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Token {
    /// A token that was asked for at `obtained_at`, by our clock.
    pub const fn new(secret: SecretString, obtained_at: DateTime<Utc>, expires_at: DateTime<Utc>) -> Self {
        Self { secret, obtained_at, expires_at }
    }

    /// The token itself, for the header it is sent in.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// When it ends.
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Whether it is still good for a while. The margin never takes more than half of a token's life, so
    /// that a short-lived one is used at all.
    fn is_fresh(&self, now: DateTime<Utc>, margin: TimeDelta) -> bool {
        let life = self.expires_at - self.obtained_at;
        now < self.expires_at - margin.min(life / 2)
    }

    fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// One token for all callers: renewed shortly before it ends, by one task at a time.
#[derive(Debug)]
pub struct TokenCache {
    clock: Arc<dyn Clock>,
    margin: TimeDelta,
    rounds: AtomicU64,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    token: Option<Token>,
    failure: Option<PosError>,
}

impl TokenCache {
    /// An empty cache that renews a token when less than `margin` of its life is left.
    pub fn new(clock: Arc<dyn Clock>, margin: Duration) -> Self {
        let margin = TimeDelta::from_std(margin).unwrap_or(TimeDelta::MAX);
        Self { clock, margin, rounds: AtomicU64::new(0), slot: Mutex::default() }
    }

    /// The token, fetched when there is none that lasts. Callers who wait while another fetches share
    /// its outcome, the failure too.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub async fn get<F, Fut>(&self, fetch: F) -> Result<Token, PosError>
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<Token, PosError>> + Send,
    {
        let round = self.rounds.load(Ordering::Acquire);
        let mut slot = self.slot.lock().await;
        if let Some(token) = &slot.token
            && token.is_fresh(self.clock.now(), self.margin)
        {
            return Ok(token.clone());
        }
        if let (Some(failure), true) = (&slot.failure, self.rounds.load(Ordering::Acquire) != round) {
            return Err(failure.clone());
        }
        let outcome = fetch().await;
        self.rounds.fetch_add(1, Ordering::AcqRel);
        slot.token = outcome.as_ref().ok().cloned();
        slot.failure = outcome.as_ref().err().cloned();
        outcome
    }

    /// Forgets this token, unless another has taken its place already.
    pub async fn invalidate(&self, token: &Token) {
        let mut slot = self.slot.lock().await;
        if slot.token.as_ref().is_some_and(|kept| kept.is(token)) {
            slot.token = None;
        }
    }

    /// Makes a call with the token, and once more with a new one when the vendor does not accept it.
    ///
    /// # Errors
    /// Those of `fetch` and `call`.
    pub async fn run<T, F, FetchFut, C, CallFut>(&self, fetch: F, call: C) -> Result<T, PosError>
    where
        F: Fn() -> FetchFut + Send + Sync,
        FetchFut: Future<Output = Result<Token, PosError>> + Send,
        C: Fn(Token) -> CallFut + Send + Sync,
        CallFut: Future<Output = Result<T, PosError>> + Send,
    {
        let token = self.get(&fetch).await?;
        match call(token.clone()).await {
            Err(error) if error.retry() == RetryClass::Unauthorized => {
                self.invalidate(&token).await;
                call(self.get(&fetch).await?).await
            }
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use order_core::model::VendorLabel;
    use order_core::ports::PosErrorKind;

    use super::super::fakes::FakeClock;
    use super::*;

    struct Office {
        clock: Arc<FakeClock>,
        cache: TokenCache,
        fetched: AtomicU64,
    }

    impl Office {
        fn new() -> Self {
            let clock = Arc::new(FakeClock::new());
            let cache = TokenCache::new(clock.clone(), Duration::from_secs(300));
            Self { clock, cache, fetched: AtomicU64::new(0) }
        }

        async fn issue(&self, seconds: i64) -> Result<Token, PosError> {
            tokio::task::yield_now().await;
            let number = self.fetched.fetch_add(1, Ordering::SeqCst) + 1;
            let now = self.clock.now();
            let ends = now + TimeDelta::seconds(seconds);
            Ok(Token::new(format!("secret-{number}").into(), now, ends))
        }

        async fn refuse(&self) -> Result<Token, PosError> {
            tokio::task::yield_now().await;
            self.fetched.fetch_add(1, Ordering::SeqCst);
            Err(unauthorized())
        }

        fn fetched(&self) -> u64 {
            self.fetched.load(Ordering::SeqCst)
        }
    }

    fn unauthorized() -> PosError {
        let vendor = VendorLabel::new("acme").unwrap();
        PosError::build(vendor, "token", PosErrorKind::Unauthorized, RetryClass::Unauthorized, "no").finish()
    }

    #[tokio::test]
    async fn a_token_is_used_until_shortly_before_its_end() {
        let office = Office::new();
        let first = office.cache.get(|| office.issue(7200)).await.unwrap();
        office.clock.advance(Duration::from_secs(6899));
        assert!(office.cache.get(|| office.issue(7200)).await.unwrap().is(&first));
        office.clock.advance(Duration::from_secs(1));
        assert!(!office.cache.get(|| office.issue(7200)).await.unwrap().is(&first));
        assert_eq!(office.fetched(), 2);
    }

    #[tokio::test]
    async fn a_short_lived_token_is_used_for_half_its_life() {
        let office = Office::new();
        office.cache.get(|| office.issue(60)).await.unwrap();
        office.clock.advance(Duration::from_secs(29));
        office.cache.get(|| office.issue(60)).await.unwrap();
        assert_eq!(office.fetched(), 1);
    }

    #[tokio::test]
    async fn callers_at_once_share_one_fetch_and_its_failure() {
        let office = Office::new();
        let (a, b, c) = tokio::join!(
            office.cache.get(|| office.refuse()),
            office.cache.get(|| office.refuse()),
            office.cache.get(|| office.refuse())
        );
        assert!(a.is_err() && b.is_err() && c.is_err());
        assert_eq!(office.fetched(), 1);
        let (a, b) =
            tokio::join!(office.cache.get(|| office.issue(60)), office.cache.get(|| office.issue(60)));
        assert!(a.unwrap().is(&b.unwrap()));
        assert_eq!(office.fetched(), 2);
    }

    #[tokio::test]
    async fn a_late_complaint_does_not_drop_the_new_token() {
        let office = Office::new();
        let old = office.cache.get(|| office.issue(7200)).await.unwrap();
        office.cache.invalidate(&old).await;
        let new = office.cache.get(|| office.issue(7200)).await.unwrap();
        office.cache.invalidate(&old).await;
        assert!(office.cache.get(|| office.issue(7200)).await.unwrap().is(&new));
        assert_eq!(office.fetched(), 2);
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once() {
        let office = Office::new();
        let calls = AtomicU64::new(0);
        let outcome: Result<(), _> = office
            .cache
            .run(
                || office.issue(7200),
                |_| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    async { Err(unauthorized()) }
                },
            )
            .await;
        assert_eq!(outcome.unwrap_err().retry(), RetryClass::Unauthorized);
        assert_eq!((calls.load(Ordering::SeqCst), office.fetched()), (2, 2));
    }

    #[test]
    fn a_token_does_not_show() {
        let office_hours = super::super::fakes::at("2026-03-02T10:00:00Z");
        let token = Token::new("very-secret".into(), office_hours, office_hours);
        assert!(!format!("{token:?}").contains("very-secret"));
    }
}
