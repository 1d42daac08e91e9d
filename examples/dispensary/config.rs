//! The settings file: stores, their POS, mail, keys. Unknown keys are errors.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use order_core::model::{Currency, NoticeSettings, Policy, Store, StoreId, StoreRules, TaxRate, VendorLabel};
use order_notify::email::EmailConfig;
use pos_clients::treez::TreezConfig;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}: {source}; name your settings file with --config")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or not settings.
    #[error("{file} is not a valid settings file: {message}")]
    Parse {
        /// The file.
        file: PathBuf,
        /// Where and what.
        message: String,
    },
    /// An environment variable that the file refers to is not set.
    #[error("the settings refer to the environment variable {0}, which is not set")]
    Env(String),
    /// A value does not fit.
    #[error("the setting {key} is not usable: {reason}")]
    Value {
        /// Which.
        key: String,
        /// Why.
        reason: String,
    },
}

/// Everything the host needs to know.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Database, keys and mail.
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    /// `sqlite:FILE`; in the data folder when not given.
    #[serde(default)]
    pub database: Option<String>,
    /// The key that tokens are signed with; made and kept in the data folder when not given.
    #[serde(default)]
    pub jwt_key: Option<SecretString>,
    /// How mail is sent; into the data folder when not given.
    #[serde(default)]
    pub mail: Option<EmailConfig>,
    /// The stores.
    #[serde(default)]
    pub stores: Vec<StoreSettings>,
    /// Whether the stores are the built-in demo ones, on simulators.
    #[serde(skip)]
    pub demo: bool,
}

/// One store of the settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreSettings {
    /// Its id in addresses and tokens.
    pub id: StoreId,
    /// What customers know it as.
    pub name: String,
    /// IANA name, such as `America/Denver`.
    pub time_zone: chrono_tz::Tz,
    /// ISO 4217 code.
    pub currency: Currency,
    /// Where it is.
    #[serde(default)]
    pub address: Option<String>,
    /// The taxes it charges.
    #[serde(default)]
    pub taxes: Vec<TaxRate>,
    /// Its choices.
    #[serde(default)]
    pub policy: Policy,
    /// Its messages.
    #[serde(default)]
    pub notices: NoticeSettings,
    /// Its rules.
    #[serde(default)]
    pub rules: StoreRules,
    /// Its POS.
    pub pos: PosSettings,
}

/// A store's POS: the vendor's name and what its client needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "vendor", rename_all = "lowercase")]
pub(crate) enum PosSettings {
    /// Treez.
    Treez(TreezConfig),
}

impl PosSettings {
    /// The vendor's name.
    pub(crate) const fn vendor(&self) -> &'static str {
        match self {
            Self::Treez(_) => "treez",
        }
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("dispensary-data")
}

impl Settings {
    /// No stores of its own: the demo data brings them.
    pub(crate) fn demo(data_dir: Option<PathBuf>) -> Self {
        Self {
            listen: default_listen(),
            data_dir: data_dir.unwrap_or_else(default_data_dir),
            database: None,
            jwt_key: None,
            mail: None,
            stores: Vec::new(),
            demo: true,
        }
    }

    /// Reads a settings file. A `data_dir` given on the command line counts before the file's.
    ///
    /// # Errors
    /// [`ConfigError`] with the place in the file.
    pub(crate) fn read(file: &Path, data_dir: Option<PathBuf>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        let parse = |message: String| ConfigError::Parse { file: file.to_owned(), message };
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| parse(place(&text, &error)))?;
        for (_, value) in &mut table {
            take_from_env(value)?;
        }
        let mut settings: Self = table.try_into().map_err(|error: toml::de::Error| {
            parse(error.to_string().lines().collect::<Vec<_>>().join(" "))
        })?;
        if settings.stores.is_empty() {
            let reason = "add at least one [[stores]]".to_owned();
            return Err(ConfigError::Value { key: "stores".to_owned(), reason });
        }
        if let Some(data_dir) = data_dir {
            settings.data_dir = data_dir;
        }
        Ok(settings)
    }

    /// The database file.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for a database this host cannot open.
    pub(crate) fn database_file(&self) -> Result<PathBuf, ConfigError> {
        match self.database.as_deref() {
            None => Ok(self.data_dir.join("orders.db")),
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(file) if !file.trim_start_matches("//").is_empty() => {
                    Ok(PathBuf::from(file.strip_prefix("//").unwrap_or(file)))
                }
                _ => Err(ConfigError::Value {
                    key: "database".to_owned(),
                    reason: "expected sqlite:FILE".to_owned(),
                }),
            },
        }
    }
}

impl StoreSettings {
    /// The store as the flow knows it.
    ///
    /// # Errors
    /// [`ConfigError::Value`] never in practice: vendor names are fixed.
    pub(crate) fn store(&self) -> Result<Store, ConfigError> {
        let vendor = VendorLabel::new(self.pos.vendor()).map_err(|invalid| ConfigError::Value {
            key: format!("stores.{}.pos.vendor", self.id),
            reason: invalid.to_string(),
        })?;
        Ok(Store {
            id: self.id.clone(),
            name: self.name.clone(),
            time_zone: self.time_zone,
            currency: self.currency,
            vendor: Some(vendor),
            address: self.address.clone(),
            taxes: self.taxes.clone(),
            policy: self.policy.clone(),
            notices: self.notices.clone(),
            rules: self.rules.clone(),
        })
    }
}

/// What is wrong and in which line. The line itself stays out: it may hold a credential.
fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, error.message().replace('\n', ", "))
}

/// Puts the environment's values in place of every `{ env = "NAME" }`.
fn take_from_env(value: &mut toml::Value) -> Result<(), ConfigError> {
    match value {
        toml::Value::Table(table) => {
            if let (1, Some(toml::Value::String(name))) = (table.len(), table.get("env")) {
                let found = std::env::var(name).map_err(|_| ConfigError::Env(name.clone()))?;
                *value = toml::Value::String(found);
                return Ok(());
            }
            table.iter_mut().try_for_each(|(_, inner)| take_from_env(inner))
        }
        toml::Value::Array(values) => values.iter_mut().try_for_each(take_from_env),
        _ => Ok(()),
    }
}
