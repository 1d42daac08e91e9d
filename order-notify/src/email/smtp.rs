//! Mail by SMTP.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use order_core::ports::NotifyError;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::transport::{MailEnvelope, MailTransport};

/// How long one copy may take, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a kept connection has to show that it is alive. Beyond that a new one is quicker.
const PROBE: Duration = Duration::from_secs(3);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all. Only for a server on this machine.
    None,
    /// Begins in the clear and must turn to TLS before anything is said; usually port 587.
    StartTls,
    /// TLS from the start; usually port 465.
    #[default]
    Tls,
}

impl SmtpTls {
    /// The port this is usually spoken on.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// An [`Smtp`] that cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SmtpError {
    /// Mail would cross a network in the clear.
    #[error("without TLS only a server on this machine may be used: set tls to starttls or tls")]
    ClearText,
    /// No TLS certificate could be valid for this host.
    #[error("the host of the mail server is not a host name or an IP address")]
    Host,
    /// The name to greet the server with is none.
    #[error("the name to greet the mail server with is not a host name")]
    Hello,
    /// The time limit is zero.
    #[error("the time limit for sending is zero")]
    Timeout,
}

/// Collects what [`Smtp`] needs.
#[derive(Debug)]
pub struct SmtpBuilder {
    host: String,
    port: Option<u16>,
    tls: SmtpTls,
    credentials: Option<(SecretString, SecretString)>,
    hello: Option<String>,
    timeout: Duration,
}

/// Sends mail by SMTP. Keeps one connection open between mails, and opens more only while several are on
/// their way at once.
///
/// The connection is driven here rather than by the pool of the mail library: that one needs a runtime to be
/// made and to be dropped, and knows no limit for a whole exchange.
pub struct Smtp {
    host: String,
    port: u16,
    tls: SmtpTls,
    tls_parameters: Option<TlsParameters>,
    credentials: Option<(SecretString, SecretString)>,
    hello: ClientId,
    timeout: Duration,
    kept: Mutex<Option<AsyncSmtpConnection>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("credentials", &self.credentials.is_some())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// Starts with the server's name. TLS on the usual port, without credentials, unless told otherwise.
    pub fn builder(host: impl Into<String>) -> SmtpBuilder {
        SmtpBuilder {
            host: host.into(),
            port: None,
            tls: SmtpTls::default(),
            credentials: None,
            hello: None,
            timeout: TIMEOUT,
        }
    }
}

impl SmtpBuilder {
    /// The port, when it is not the usual one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// How the connection is protected.
    #[must_use]
    pub fn tls(mut self, tls: SmtpTls) -> Self {
        self.tls = tls;
        self
    }

    /// Who we are to the server.
    #[must_use]
    pub fn credentials(mut self, username: SecretString, password: SecretString) -> Self {
        self.credentials = Some((username, password));
        self
    }

    /// The host name to greet the server with; servers in the open expect a real one.
    #[must_use]
    pub fn hello(mut self, name: impl Into<String>) -> Self {
        self.hello = Some(name.into());
        self
    }

    /// How long one copy may take from the first byte to the last; twenty seconds when not given.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Checks everything. Does not connect.
    ///
    /// # Errors
    /// [`SmtpError`] says what is wrong.
    pub fn build(self) -> Result<Smtp, SmtpError> {
        if !is_host(&self.host) {
            return Err(SmtpError::Host);
        }
        if self.tls == SmtpTls::None && !is_this_machine(&self.host) {
            return Err(SmtpError::ClearText);
        }
        if self.timeout.is_zero() {
            return Err(SmtpError::Timeout);
        }
        let hello = match self.hello {
            Some(name) if is_host(&name) => match name.parse() {
                Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
                Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
                Err(_) => ClientId::Domain(name),
            },
            Some(_) => return Err(SmtpError::Hello),
            None => ClientId::default(),
        };
        let tls_parameters = match self.tls {
            SmtpTls::None => None,
            SmtpTls::StartTls | SmtpTls::Tls => {
                Some(TlsParameters::new(self.host.clone()).map_err(|_| SmtpError::Host)?)
            }
        };
        Ok(Smtp {
            port: self.port.unwrap_or(self.tls.usual_port()),
            host: self.host,
            tls: self.tls,
            tls_parameters,
            credentials: self.credentials,
            hello,
            timeout: self.timeout,
            kept: Mutex::new(None),
        })
    }
}

pub(super) fn is_host(text: &str) -> bool {
    let name =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    (1..=253).contains(&text.len()) && (name(text) || text.parse::<IpAddr>().is_ok())
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Up to where an exchange got: a refusal before the mail was offered is about us, not about the mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    SigningIn,
    Sending,
}

impl Smtp {
    fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the connection for the next mail; gives it back when there is one already.
    fn keep(&self, connection: AsyncSmtpConnection) -> Option<AsyncSmtpConnection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match *kept {
            Some(_) => Some(connection),
            None => {
                *kept = Some(connection);
                None
            }
        }
    }

    /// The kept connection when it is alive, else a new one. A server closes idle connections as it likes,
    /// which is found out before anything of the mail is said, so that nothing can be sent twice.
    async fn connection(&self) -> Result<AsyncSmtpConnection, NotifyError> {
        if let Some(mut kept) = self.take_kept()
            && tokio::time::timeout(PROBE.min(self.timeout / 4), kept.test_connected()).await == Ok(true)
        {
            return Ok(kept);
        }
        let fail = |stage| move |error| explain(stage, &error);
        let wrapped = if self.tls == SmtpTls::Tls { self.tls_parameters.clone() } else { None };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, wrapped, None)
                .await
                .map_err(fail(Stage::Connecting))?;
        if self.tls == SmtpTls::StartTls
            && let Some(parameters) = self.tls_parameters.clone()
        {
            connection.starttls(parameters, &self.hello).await.map_err(fail(Stage::Connecting))?;
        }
        if let Some((username, password)) = &self.credentials {
            let credentials =
                Credentials::new(username.expose_secret().to_owned(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(fail(Stage::SigningIn))?;
        }
        Ok(connection)
    }

    async fn exchange(&self, envelope: &Envelope, message: &[u8]) -> Result<(), NotifyError> {
        let mut connection = self.connection().await?;
        connection.send(envelope, message).await.map_err(|error| explain(Stage::Sending, &error))?;
        if let Some(mut spare) = self.keep(connection) {
            // The mail is accepted; how the server takes the farewell does not matter.
            let _ = tokio::time::timeout(PROBE, spare.quit()).await;
        }
        Ok(())
    }
}

#[async_trait]
impl MailTransport for Smtp {
    /// A refusal of the mail itself (5xx from `MAIL` on) is permanent. Everything else may pass: 4xx, a network
    /// that fails, and a server that turns us away before the mail was offered, as with a wrong password, which
    /// somebody can put right while the message waits.
    async fn deliver(&self, envelope: &MailEnvelope, message: &[u8]) -> Result<(), NotifyError> {
        let invalid = || NotifyError::Permanent("an address is not a mail address; correct it".to_owned());
        let from: Address = envelope.from.parse().map_err(|_| invalid())?;
        let to: Address = envelope.to.reveal().parse().map_err(|_| invalid())?;
        let route = Envelope::new(Some(from), vec![to]).map_err(|_| invalid())?;
        match tokio::time::timeout(self.timeout, self.exchange(&route, message)).await {
            Ok(result) => result,
            Err(_) => Err(NotifyError::Transient("the mail server did not answer in time".to_owned())),
        }
    }
}

/// The error in our words: what a server answers may quote addresses.
fn explain(stage: Stage, error: &lettre::transport::smtp::Error) -> NotifyError {
    let code = error.status().map(|code| code.to_string());
    match (stage, code) {
        (Stage::Connecting, Some(code)) => {
            NotifyError::Transient(format!("the mail server turns us away ({code})"))
        }
        (Stage::Connecting, None) if error.is_tls() => NotifyError::Transient(
            "no secure connection to the mail server: check its host name, port and certificate".to_owned(),
        ),
        (Stage::Connecting, None) => NotifyError::Transient(
            "the mail server cannot be reached as set up: check host, port and tls".to_owned(),
        ),
        (Stage::SigningIn, Some(code)) => NotifyError::Transient(format!(
            "the mail server does not accept our credentials ({code}): check username and password"
        )),
        (Stage::SigningIn, None) => NotifyError::Transient(
            "signing in at the mail server failed: check tls, username and password".to_owned(),
        ),
        (Stage::Sending, Some(code)) if error.is_permanent() => {
            NotifyError::Permanent(format!("the mail server refuses the mail or its recipient ({code})"))
        }
        (Stage::Sending, Some(code)) => {
            NotifyError::Transient(format!("the mail server cannot take the mail now ({code})"))
        }
        (Stage::Sending, None) if error.is_client() => NotifyError::Permanent(
            "the mail server does not take addresses with letters beyond ASCII".to_owned(),
        ),
        (Stage::Sending, None) => {
            NotifyError::Transient("the connection to the mail server broke while sending".to_owned())
        }
    }
}
