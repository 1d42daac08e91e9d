//! The token call and the check of every other (Treez 2a).

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde_json::json;

use super::reply::{Answer, Refusal, respond};
use super::route::Call;
use super::{TokenPrefix, TreezSim, TreezSimConfig};

/// How long a token lives.
const LIFETIME: TimeDelta = TimeDelta::hours(2);

/// The tokens handed out, with their expiry. An older one stays good when a newer one is fetched.
#[derive(Default)]
pub(super) struct Tokens(BTreeMap<String, DateTime<Utc>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

impl Tokens {
    pub(super) fn revoke_all(&mut self) {
        self.0.clear();
    }

    pub(super) fn check(
        &self,
        headers: &HeaderMap,
        config: &TreezSimConfig,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let written = text("authorization");
        let bare = written.strip_prefix("Bearer ");
        let token = match config.prefix {
            TokenPrefix::Raw => written,
            TokenPrefix::Bearer => bare.unwrap_or_default(),
            TokenPrefix::Any => bare.unwrap_or(written),
        };
        let alive = self.0.get(token).is_some_and(|expires| now < *expires);
        if alive && text("client_id") == config.client_id { Ok(()) } else { Err(Refusal::unauthenticated()) }
    }
}

impl TreezSim {
    pub(super) fn issue_token(&mut self, call: &Call<'_>) -> Answer {
        let form: Vec<_> = url::form_urlencoded::parse(call.body).collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
        let known = call.is("application/x-www-form-urlencoded")
            && field("client_id") == Some(self.config.client_id.as_str())
            && field("apikey") == Some(self.config.api_key.expose_secret());
        if !known {
            return Err(Refusal::token(self.config.token_failure_status));
        }
        let access = self.opaque_token();
        let refresh = self.opaque_token();
        let expires = call.now.checked_add_signed(LIFETIME).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.tokens.0.retain(|_, expiry| call.now < *expiry);
        self.tokens.0.insert(access.clone(), expires);
        Ok(respond(
            StatusCode::OK,
            &json!({
                "resultCode": "SUCCESS",
                "resultReason": null,
                "access_token": access,
                "refresh_token": refresh,
                "expires_at": self.time.token_iso(expires),
                "expires_in": LIFETIME.num_seconds().to_string(),
            }),
        ))
    }

    /// Three dotted parts like the vendor's, but with nothing to decode in them.
    fn opaque_token(&mut self) -> String {
        format!("{}.{}.{}", self.random.next_code(16), self.random.next_code(32), self.random.next_code(43))
    }
}
