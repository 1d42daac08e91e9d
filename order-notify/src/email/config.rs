//! E-mail as a host's settings file describes it.

use std::path::PathBuf;
use std::time::Duration;

use order_core::model::Personal;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;

use super::smtp::is_host;
use super::{Email, EmailBuilder, EmailError, EmlFolder, Smtp, SmtpBuilder, SmtpError, SmtpTls, mailbox};

/// How mail is sent. Exactly one of `folder` and `smtp` is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// The sender: `shop@example.com` or `Shop <shop@example.com>`.
    pub from: String,
    /// Where answers go, when not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Mail is written into this folder.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Mail is sent by this server.
    #[serde(default)]
    pub smtp: Option<SmtpConfig>,
}

/// A mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port; the usual one of `tls` when not given.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected; `tls` when not given.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Who we are to the server.
    #[serde(default)]
    pub username: Option<SecretString>,
    /// The secret that goes with the name.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// How long one mail may take, in seconds; 20 when not given.
    #[serde(default)]
    pub timeout_seconds: Option<u64>,
}

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmailConfigError {
    /// Mail has nowhere to go.
    #[error("mail has no way out: give either `folder` or `smtp`")]
    NoTransport,
    /// Mail has two ways to go.
    #[error("both `folder` and `smtp` are given: remove one")]
    TwoTransports,
    /// Half of the credentials is missing.
    #[error("`username` and `password` go together: give both or neither")]
    HalfCredentials,
    /// The server cannot be used as described.
    #[error("smtp: {0}")]
    Smtp(#[from] SmtpError),
    /// A sender or a template cannot be used.
    #[error(transparent)]
    Email(#[from] EmailError),
}

impl EmailConfig {
    /// Checks the settings without touching network or disk.
    ///
    /// # Errors
    /// [`EmailConfigError`] says what to change.
    pub fn validate(&self) -> Result<(), EmailConfigError> {
        self.builder().and_then(|builder| Ok(builder.build()?)).map(drop)
    }

    /// The builder these settings describe, to which a host may add templates.
    ///
    /// # Errors
    /// [`EmailConfigError`] says what to change.
    pub fn builder(&self) -> Result<EmailBuilder, EmailConfigError> {
        let mut builder = Email::builder(&self.from);
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to);
        }
        match (&self.folder, &self.smtp) {
            (None, None) => Err(EmailConfigError::NoTransport),
            (Some(_), Some(_)) => Err(EmailConfigError::TwoTransports),
            (Some(folder), None) => Ok(builder.transport(EmlFolder::new(folder))),
            (None, Some(smtp)) => {
                let mut server = smtp.builder()?;
                // The sender's domain is the best name we have; without one the server gets our address.
                if let Some(from) = mailbox(&Personal::new(&self.from))
                    && is_host(from.email.domain())
                {
                    server = server.hello(from.email.domain());
                }
                Ok(builder.transport(server.build()?))
            }
        }
    }
}

impl SmtpConfig {
    fn builder(&self) -> Result<SmtpBuilder, EmailConfigError> {
        let mut builder = Smtp::builder(&self.host).tls(self.tls);
        if let Some(port) = self.port {
            builder = builder.port(port);
        }
        if let Some(seconds) = self.timeout_seconds {
            builder = builder.timeout(Duration::from_secs(seconds));
        }
        match (&self.username, &self.password) {
            (Some(username), Some(password)) => Ok(builder.credentials(username.clone(), password.clone())),
            (None, None) => Ok(builder),
            _ => Err(EmailConfigError::HalfCredentials),
        }
    }
}
