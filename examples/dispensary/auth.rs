//! Bearer tokens: who calls, in which role, for which stores.

use std::path::Path;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use order_core::access::{Actor, Caller, Role, Scope};
use order_core::model::{ActorId, KioskId, StoreId};
use order_core::ports::{IdSource, SystemIds};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::api::{Problem, State};

/// The shortest key accepted, in bytes.
const MIN_KEY: usize = 32;

/// Why there is no key to sign with.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
    /// The key file can neither be read nor made.
    #[error("the key file {file} can neither be read nor made: {source}")]
    File {
        /// The file.
        file: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Guessable.
    #[error("the key that tokens are signed with must be at least {MIN_KEY} bytes long")]
    TooShort,
    /// Signing failed.
    #[error("a token could not be signed")]
    Sign,
}

/// What a token says. Stores are named, or `*` for all.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// Who.
    sub: ActorId,
    /// In which role.
    role: Role,
    /// For which stores.
    stores: Vec<String>,
    /// From which kiosk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kiosk: Option<KioskId>,
    /// Until when, in seconds since 1970.
    exp: i64,
}

/// Signs and checks tokens with one key and one algorithm.
#[derive(Clone)]
pub(crate) struct Tokens {
    encoding: Arc<EncodingKey>,
    decoding: Arc<DecodingKey>,
}

impl Tokens {
    /// With the given key, or the one kept in the data folder, made on first use.
    ///
    /// # Errors
    /// [`KeyError`] when there is no key or it is too short.
    pub(crate) fn open(key: Option<&SecretString>, data_dir: &Path) -> Result<Self, KeyError> {
        let secret = match key {
            Some(key) => key.expose_secret().to_owned(),
            None => kept_key(&data_dir.join("jwt.key"))?,
        };
        if secret.len() < MIN_KEY {
            return Err(KeyError::TooShort);
        }
        Ok(Self {
            encoding: Arc::new(EncodingKey::from_secret(secret.as_bytes())),
            decoding: Arc::new(DecodingKey::from_secret(secret.as_bytes())),
        })
    }

    /// Signs a token.
    ///
    /// # Errors
    /// [`KeyError::Sign`] when the library refuses.
    pub(crate) fn mint(
        &self,
        caller: &Caller,
        expires: chrono::DateTime<chrono::Utc>,
    ) -> Result<String, KeyError> {
        let stores = match &caller.scope {
            Scope::All => vec!["*".to_owned()],
            Scope::Stores(stores) => stores.iter().map(ToString::to_string).collect(),
            Scope::Order(_) => Vec::new(),
        };
        let claims = Claims {
            sub: caller.actor.id.clone(),
            role: caller.actor.role,
            stores,
            kiosk: caller.kiosk.clone(),
            exp: expires.timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(|_| KeyError::Sign)
    }

    /// Who this token speaks for; none when it is not good: forged, expired, of another algorithm, malformed.
    fn read(&self, token: &str) -> Option<Caller> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp"]);
        let claims = decode::<Claims>(token, &self.decoding, &validation).ok()?.claims;
        // Nobody outside speaks for the POS or for ourselves, and customers follow their order by its code.
        if !matches!(claims.role, Role::Kiosk | Role::Staff | Role::Manager | Role::Admin) {
            return None;
        }
        let scope = if claims.stores.iter().any(|store| store == "*") {
            Scope::All
        } else {
            let stores: Result<_, _> = claims.stores.iter().map(StoreId::new).collect();
            Scope::Stores(stores.ok()?)
        };
        Some(Caller { actor: Actor::new(claims.role, claims.sub), scope, kiosk: claims.kiosk })
    }
}

fn kept_key(file: &Path) -> Result<String, KeyError> {
    let failed = |source| KeyError::File { file: file.to_owned(), source };
    match std::fs::read_to_string(file) {
        Ok(key) => Ok(key.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: String = (0..4).map(|_| format!("{:016x}", SystemIds.random())).collect();
            match write_secret(file, &key) {
                // Another process was faster; its key is the one that counts.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    std::fs::read_to_string(file).map(|key| key.trim().to_owned()).map_err(failed)
                }
                written => written.map(|()| key).map_err(failed),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

/// Readable by its owner alone, from the first byte on; under its name only once it is whole.
fn write_secret(file: &Path, secret: &str) -> std::io::Result<()> {
    let draft = file.with_extension(format!("key-{}", std::process::id()));
    let written = write_private(&draft, secret).and_then(|()| std::fs::hard_link(&draft, file));
    std::fs::remove_file(&draft).and(written)
}

fn write_private(file: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

/// The caller of a request, from its `Authorization: Bearer` header.
#[derive(Debug)]
pub(crate) struct Authenticated(pub Caller);

impl FromRequestParts<State> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        token.and_then(|token| state.tokens.read(token)).map(Self).ok_or_else(Problem::unauthorized)
    }
}
