//! Where requests may go, and how foreign text gets into a path.

use std::fmt::Write;

use thiserror::Error;
use url::{Host, Url};

/// Why an address may not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Credentials would travel in the clear.
    #[error("the address must begin with https:// (plain http is accepted for this machine only)")]
    NotHttps,
    /// User name, password, query or fragment have no business in a base address.
    #[error("the base address may not hold a user name, a password, a query or a fragment")]
    Decorated,
    /// There is no host in it.
    #[error("the address has no host")]
    NoHost,
}

/// Accepts a base address that credentials may be sent to: https, or plain http on a loopback host.
///
/// # Errors
/// [`AddressError`] says which rule the address breaks.
pub fn require_https(url: &Url) -> Result<(), AddressError> {
    if url.host().is_none() {
        return Err(AddressError::NoHost);
    }
    if !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))) {
        return Err(AddressError::NotHttps);
    }
    let decorated = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    if decorated { Err(AddressError::Decorated) } else { Ok(()) }
}

/// Whether the address is on this machine: a simulator, or a proxy beside us.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        None => false,
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
    }
}

/// A text as one segment of a path, everything but unreserved characters percent-encoded.
///
/// `None` for an empty text, `.` and `..`: no encoding keeps those from changing which path is called,
/// because address parsers also resolve their encoded forms.
pub fn encode_segment(text: &str) -> Option<String> {
    if matches!(text, "" | "." | "..") {
        return None;
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            other => write!(encoded, "%{other:02X}").unwrap_or_default(),
        }
    }
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<(), AddressError> {
        require_https(&url.parse().unwrap())
    }

    #[test]
    fn credentials_travel_encrypted_or_not_at_all() {
        for good in
            ["https://pos.example.com/v2", "http://127.0.0.1:9101/", "http://localhost:80", "http://[::1]:9/"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["http://pos.example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1/"] {
            assert_eq!(check(bad), Err(AddressError::NotHttps), "{bad}");
        }
        assert_eq!(check("https://user:word@pos.example.com"), Err(AddressError::Decorated));
        assert_eq!(check("https://pos.example.com/?a=b"), Err(AddressError::Decorated));
        assert_eq!(check("data:text/plain,x"), Err(AddressError::NoHost));
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(encode_segment("ada+b@example.com").as_deref(), Some("ada%2Bb%40example.com"));
        assert_eq!(encode_segment("../../x?y#z").as_deref(), Some("..%2F..%2Fx%3Fy%23z"));
        assert_eq!(encode_segment("Zoë").as_deref(), Some("Zo%C3%AB"));
        for refused in ["", ".", ".."] {
            assert_eq!(encode_segment(refused), None);
        }
    }
}
