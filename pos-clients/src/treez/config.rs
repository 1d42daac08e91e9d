//! How one store's Treez is reached, and what is disputed about it.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use order_core::model::Currency;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::transport::{
    AddressError, OutOfRange, RetryPolicy, TransportConfig, TryLimits, encode_segment, is_loopback,
    require_https,
};

/// What stands before the token in the `authorization` header. Clients in the field are divided, see Treez 2a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPrefix {
    /// Nothing.
    #[default]
    Raw,
    /// `Bearer `.
    Bearer,
}

/// Where orders and payments say they come from (Treez 4.2, 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderSource {
    /// A kiosk in the store.
    #[default]
    Kiosk,
    /// A shop on the web.
    Ecommerce,
    /// Staff in the store.
    InStore,
    /// A vending machine.
    VendingMachine,
}

impl OrderSource {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "KIOSK",
            Self::Ecommerce => "ECOMMERCE",
            Self::InStore => "IN_STORE",
            Self::VendingMachine => "VENDING_MACHINE",
        }
    }
}

/// Who completes an order. Treez's own texts disagree whether the API may (Treez 4.4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// Staff, at the register, when they take the money.
    #[default]
    AtRegister,
    /// We do: the payment is put on the ticket, then the ticket is set to `COMPLETED`.
    ByApi {
        /// How it was paid: `CREDIT`, `DEBIT`, `CASH`, `CHECK`, `ACH`, or a store's own `<NAME>_CUSTOM`.
        payment_method: String,
    },
}

/// One store's Treez.
///
/// `Debug` shows neither the API key nor the client id. Unknown keys are an error when it is read from a file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreezConfig {
    pub(super) dispensary: String,
    pub(super) client_id: SecretString,
    pub(super) api_key: SecretString,
    #[serde(default)]
    pub(super) base_url: Option<Url>,
    #[serde(default)]
    pub(super) token_prefix: TokenPrefix,
    #[serde(default = "preview_path")]
    pub(super) preview_path: String,
    #[serde(default = "update_path")]
    pub(super) update_path: String,
    #[serde(default = "revenue_source")]
    pub(super) revenue_source: String,
    #[serde(default)]
    pub(super) order_source: OrderSource,
    #[serde(default)]
    pub(super) completion: Completion,
    #[serde(default = "payment_method")]
    pub(super) payment_method: String,
    #[serde(default)]
    pub(super) repost_after_absent: bool,
    #[serde(default)]
    pub(super) send_inventory_type: bool,
    #[serde(default = "requests_per_second")]
    pub(super) requests_per_second: NonZeroU32,
    #[serde(default = "page_size")]
    pub(super) page_size: u32,
    #[serde(default)]
    pub(super) sellable_cap: Option<u32>,
    #[serde(default = "currency")]
    pub(super) currency: Currency,
    #[serde(default = "try_timeout_seconds")]
    pub(super) try_timeout_seconds: u32,
    #[serde(default = "deadline_seconds")]
    pub(super) deadline_seconds: u32,
    #[serde(default)]
    pub(super) transport: TransportConfig,
}

fn preview_path() -> String {
    "/ticket/previewticket".to_owned()
}

fn update_path() -> String {
    format!("/ticket/update/{TICKET_ID}")
}

fn revenue_source() -> String {
    "Dispensary Kiosk".to_owned()
}

fn payment_method() -> String {
    "CASH".to_owned()
}

const fn requests_per_second() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(4)
}

const fn page_size() -> u32 {
    TreezConfig::MAX_PAGE_SIZE
}

const fn currency() -> Currency {
    Currency::USD
}

const fn try_timeout_seconds() -> u32 {
    10
}

const fn deadline_seconds() -> u32 {
    15
}

/// Where the ticket's id goes in the update path.
pub(super) const TICKET_ID: &str = "{ticket_id}";

/// What is wrong with a [`TreezConfig`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TreezConfigError {
    /// A setting that must be given is empty.
    #[error("treez: {0} is empty; it must be given")]
    Empty(&'static str),
    /// The dispensary is not a name from an address.
    #[error("treez: dispensary must be the store's part of its portal address: letters, digits, '-' and '_'")]
    Dispensary,
    /// A credential cannot be sent in a header.
    #[error("treez: client_id holds characters that cannot be sent in a header")]
    ClientId,
    /// The base address may not be used.
    #[error("treez: base_url: {0}")]
    BaseUrl(#[from] AddressError),
    /// A path override is not a path.
    #[error(
        "treez: {0} must begin with '/', hold no '?', '#', white space or '..', and hold {TICKET_ID} exactly where a ticket's id belongs"
    )]
    Path(&'static str),
    /// A shared setting is outside its range.
    #[error("treez: transport.{0}")]
    Transport(#[from] OutOfRange),
    /// A number is outside its range.
    #[error("treez: {name} must be from {least} to {most}")]
    Range {
        /// The setting.
        name: &'static str,
        /// The least it may be.
        least: u32,
        /// The most it may be.
        most: u32,
    },
    /// The payment method is no word of Treez.
    #[error("treez: payment_method must be CREDIT, DEBIT, CASH, CHECK, ACH, or end in _CUSTOM")]
    PaymentMethod,
    /// The HTTP client could not be set up.
    #[error("treez: {0}")]
    Sender(String),
}

impl TreezConfig {
    /// The most tickets or customers on a page (Treez 4.1).
    pub const MAX_PAGE_SIZE: u32 = 50;

    /// The address all stores share; the dispensary's name follows (Treez 1, v2).
    pub const DEFAULT_ADDRESS: &'static str = "https://api.treez.io/v2.0/dispensary/";

    /// A store with the documented safe defaults. `dispensary` is the first part of the store's portal
    /// address; `client_id` and `api_key` come from Treez.
    pub fn new(
        dispensary: impl Into<String>,
        client_id: impl Into<SecretString>,
        api_key: impl Into<SecretString>,
    ) -> Self {
        Self {
            dispensary: dispensary.into(),
            client_id: client_id.into(),
            api_key: api_key.into(),
            base_url: None,
            token_prefix: TokenPrefix::default(),
            preview_path: preview_path(),
            update_path: update_path(),
            revenue_source: revenue_source(),
            order_source: OrderSource::default(),
            completion: Completion::default(),
            payment_method: payment_method(),
            repost_after_absent: false,
            send_inventory_type: false,
            requests_per_second: requests_per_second(),
            page_size: page_size(),
            sellable_cap: None,
            currency: currency(),
            try_timeout_seconds: try_timeout_seconds(),
            deadline_seconds: deadline_seconds(),
            transport: TransportConfig::default(),
        }
    }

    /// Another base address, whole: it replaces the dispensary's part too. For sandboxes and simulators.
    #[must_use]
    pub fn with_base_url(mut self, url: Url) -> Self {
        self.base_url = Some(url);
        self
    }

    /// What stands before the token (Treez 2a); [`TokenPrefix::Raw`] when nothing is said.
    #[must_use]
    pub const fn with_token_prefix(mut self, prefix: TokenPrefix) -> Self {
        self.token_prefix = prefix;
        self
    }

    /// Another path for previews, below the base address (Treez 4.1, 11).
    #[must_use]
    pub fn with_preview_path(mut self, path: impl Into<String>) -> Self {
        self.preview_path = path.into();
        self
    }

    /// Another path for updates, below the base address, with `{ticket_id}` in it: on v2 the default is
    /// inferred from v3 (Treez 4.1, 11).
    #[must_use]
    pub fn with_update_path(mut self, path: impl Into<String>) -> Self {
        self.update_path = path.into();
        self
    }

    /// The fixed name our sales appear under. Never change it once used (Treez 4.2).
    #[must_use]
    pub fn with_revenue_source(mut self, name: impl Into<String>) -> Self {
        self.revenue_source = name.into();
        self
    }

    /// Where orders and payments say they come from; a kiosk when nothing is said.
    #[must_use]
    pub const fn with_order_source(mut self, source: OrderSource) -> Self {
        self.order_source = source;
        self
    }

    /// Who completes orders; staff at the register when nothing is said.
    #[must_use]
    pub fn with_completion(mut self, completion: Completion) -> Self {
        self.completion = completion;
        self
    }

    /// How an order that we mark as paid was paid, unless [`Completion::ByApi`] names a method; `CASH`
    /// when nothing is said.
    #[must_use]
    pub fn with_payment_method(mut self, method: impl Into<String>) -> Self {
        self.payment_method = method.into();
        self
    }

    /// Whether a complete search without a match proves that an order is not there, so that it is created
    /// again. Treez does not promise it (Treez 8); off when nothing is said.
    #[must_use]
    pub const fn with_repost_after_absent(mut self, repost: bool) -> Self {
        self.repost_after_absent = repost;
        self
    }

    /// Whether lines of new orders name the pool, `ADULT` or `MEDICAL`, by the customer's kind (Treez 4.2).
    /// Off when nothing is said: Treez chooses.
    #[must_use]
    pub const fn with_inventory_type(mut self, send: bool) -> Self {
        self.send_inventory_type = send;
        self
    }

    /// Our own limit of calls a second; 5 when nothing is said, half of what Treez allows (Treez 6).
    #[must_use]
    pub const fn with_requests_per_second(mut self, rate: NonZeroU32) -> Self {
        self.requests_per_second = rate;
        self
    }

    /// Tickets on a page, 1 to 50.
    #[must_use]
    pub const fn with_page_size(mut self, size: u32) -> Self {
        self.page_size = size;
        self
    }

    /// The number at which Treez caps the stock it tells this partner (Treez 5); from there on stock
    /// reads "at least".
    #[must_use]
    pub const fn with_sellable_cap(mut self, cap: u32) -> Self {
        self.sellable_cap = Some(cap);
        self
    }

    /// The currency of the store; US dollars when nothing is said. Treez's answers name none.
    #[must_use]
    pub const fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }

    /// How long one try may take, and how long a call with all its tries, in seconds; 10 and 15 when
    /// nothing is said.
    #[must_use]
    pub const fn with_timeouts(mut self, one_try: u32, whole_call: u32) -> Self {
        self.try_timeout_seconds = one_try;
        self.deadline_seconds = whole_call;
        self
    }

    /// Breaker, retry budget and learning from 429; see [`TransportConfig`] for what they are when nothing is
    /// said.
    #[must_use]
    pub const fn with_transport(mut self, transport: TransportConfig) -> Self {
        self.transport = transport;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`TreezConfigError`] names the first setting that is wrong.
    pub fn validate(&self) -> Result<(), TreezConfigError> {
        use secrecy::ExposeSecret;
        for (name, text) in [
            ("dispensary", self.dispensary.as_str()),
            ("client_id", self.client_id.expose_secret()),
            ("api_key", self.api_key.expose_secret()),
            ("revenue_source", &self.revenue_source),
        ] {
            if text.trim().is_empty() {
                return Err(TreezConfigError::Empty(name));
            }
        }
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !self.dispensary.chars().all(named) || encode_segment(&self.dispensary).is_none() {
            return Err(TreezConfigError::Dispensary);
        }
        if http::HeaderValue::from_str(self.client_id.expose_secret()).is_err() {
            return Err(TreezConfigError::ClientId);
        }
        if let Some(url) = &self.base_url {
            require_https(url)?;
        }
        check_path("preview_path", &self.preview_path, 0)?;
        check_path("update_path", &self.update_path, 1)?;
        if !is_payment_method(self.payment_method()) {
            return Err(TreezConfigError::PaymentMethod);
        }
        check_range("page_size", self.page_size, 1, Self::MAX_PAGE_SIZE)?;
        check_range("try_timeout_seconds", self.try_timeout_seconds, 1, 120)?;
        check_range("deadline_seconds", self.deadline_seconds, 1, 600)?;
        self.transport.validate()?;
        // Treez itself allows ten (Treez 6); a simulator on this machine has no such limit.
        let simulated = self.base_url.as_ref().is_some_and(is_loopback);
        let most = if simulated { 1_000_000 } else { 10 };
        check_range("requests_per_second", self.requests_per_second.get(), 1, most)
    }

    /// The base address without a slash at its end.
    pub(super) fn base(&self) -> String {
        match &self.base_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("{}{}", Self::DEFAULT_ADDRESS, self.dispensary),
        }
    }

    /// How an order that we mark as paid was paid.
    pub(super) fn payment_method(&self) -> &str {
        match &self.completion {
            Completion::ByApi { payment_method } => payment_method,
            Completion::AtRegister => &self.payment_method,
        }
    }

    pub(super) const fn completes_by_api(&self) -> bool {
        matches!(self.completion, Completion::ByApi { .. })
    }

    pub(super) fn limits(&self) -> TryLimits {
        let timeout = Duration::from_secs(u64::from(self.try_timeout_seconds));
        TryLimits { timeout, ..TryLimits::default() }
    }

    pub(super) fn retry(&self) -> RetryPolicy {
        let deadline = Duration::from_secs(u64::from(self.deadline_seconds));
        RetryPolicy { deadline, ..RetryPolicy::default() }
    }
}

fn check_path(name: &'static str, path: &str, ids: usize) -> Result<(), TreezConfigError> {
    let strange =
        |c: char| matches!(c, '?' | '#' | '\\') || c.is_whitespace() || c.is_control() || !c.is_ascii();
    let without_id = path.replacen(TICKET_ID, "", ids);
    let good = path.starts_with('/')
        && path.matches(TICKET_ID).count() == ids
        && !without_id.contains(strange)
        && !without_id.contains(['{', '}'])
        && !path.contains("..");
    if good { Ok(()) } else { Err(TreezConfigError::Path(name)) }
}

fn check_range(name: &'static str, value: u32, least: u32, most: u32) -> Result<(), TreezConfigError> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(TreezConfigError::Range { name, least, most }) }
}

fn is_payment_method(word: &str) -> bool {
    matches!(word, "CREDIT" | "DEBIT" | "CASH" | "CHECK" | "ACH")
        || (word.len() > "_CUSTOM".len() && word.ends_with("_CUSTOM"))
}

impl fmt::Debug for TreezConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreezConfig")
            .field("dispensary", &self.dispensary)
            .field("client_id", &"[redacted]")
            .field("api_key", &"[redacted]")
            .field("base", &self.base_url.as_ref().and_then(Url::host_str))
            .field("token_prefix", &self.token_prefix)
            .field("preview_path", &self.preview_path)
            .field("update_path", &self.update_path)
            .field("revenue_source", &self.revenue_source)
            .field("order_source", &self.order_source)
            .field("completion", &self.completion)
            .field("payment_method", &self.payment_method)
            .field("repost_after_absent", &self.repost_after_absent)
            .field("send_inventory_type", &self.send_inventory_type)
            .field("requests_per_second", &self.requests_per_second)
            .field("page_size", &self.page_size)
            .field("sellable_cap", &self.sellable_cap)
            .field("currency", &self.currency)
            .field("try_timeout_seconds", &self.try_timeout_seconds)
            .field("deadline_seconds", &self.deadline_seconds)
            .field("transport", &self.transport)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> TreezConfig {
        TreezConfig::new("green-oak", "client-7", "key-secret-9")
    }

    #[test]
    fn the_defaults_are_valid_and_safe() {
        let config = config();
        config.validate().unwrap();
        assert_eq!(config.base(), "https://api.treez.io/v2.0/dispensary/green-oak");
        assert_eq!((config.token_prefix, config.order_source), (TokenPrefix::Raw, OrderSource::Kiosk));
        assert!(!config.repost_after_absent && !config.completes_by_api());
        assert_eq!(config.requests_per_second.get(), 5);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let problem = |config: TreezConfig| config.validate().unwrap_err().to_string();
        assert!(problem(TreezConfig::new(" ", "c", "k")).contains("dispensary"));
        assert!(problem(TreezConfig::new("a/b", "c", "k")).contains("dispensary"));
        assert!(problem(TreezConfig::new("a", "c", "")).contains("api_key"));
        assert!(problem(TreezConfig::new("a", "c\nd", "k")).contains("client_id"));
        assert!(
            problem(config().with_base_url("http://pos.example.com/".parse().unwrap())).contains("https")
        );
        let fast = config().with_requests_per_second(NonZeroU32::new(11).unwrap());
        assert!(problem(fast.clone()).contains("requests_per_second"));
        assert!(fast.with_base_url("http://127.0.0.1:9101/".parse().unwrap()).validate().is_ok());
        assert!(problem(config().with_page_size(51)).contains("page_size"));
        let mut transport = TransportConfig::default();
        transport.breaker.min_tries = 0;
        assert!(problem(config().with_transport(transport)).contains("transport.breaker.min_tries"));
        assert!(problem(config().with_payment_method("BARTER")).contains("payment_method"));
        for path in [
            "ticket/x/{ticket_id}",
            "/ticket/x",
            "/a/{ticket_id}/{ticket_id}",
            "/{ticket_id}?x",
            "/../{ticket_id}",
        ] {
            assert!(problem(config().with_update_path(path)).contains("update_path"), "{path}");
        }
        assert!(problem(config().with_preview_path("/ticket/{ticket_id}")).contains("preview_path"));
    }

    #[test]
    fn a_file_may_leave_out_defaults_but_not_misspell_them() {
        let json = r#"{"dispensary":"a","client_id":"c","api_key":"k","completion":{"by_api":{"payment_method":"DEBIT"}}}"#;
        let config: TreezConfig = serde_json::from_str(json).unwrap();
        assert_eq!(config.payment_method(), "DEBIT");
        config.validate().unwrap();
        let json =
            r#"{"dispensary":"a","client_id":"c","api_key":"k","transport":{"breaker":{"enabled":false}}}"#;
        let config: TreezConfig = serde_json::from_str(json).unwrap();
        assert!(!config.transport.breaker.enabled && config.transport.retry_budget.enabled);
        let misspelt = r#"{"dispensary":"a","client_id":"c","api_key":"k","curency":"USD"}"#;
        assert!(serde_json::from_str::<TreezConfig>(misspelt).is_err());
    }

    #[test]
    fn credentials_do_not_show() {
        let shown = format!("{:?}", config());
        assert!(!shown.contains("key-secret-9") && !shown.contains("client-7"), "{shown}");
    }
}
