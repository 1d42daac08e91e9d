//! The refusals that many calls share, each described once. They are listed beside a call's own answers.

use utoipa::IntoResponses;

use super::ProblemDocument;

macro_rules! refusals {
    ($($(#[doc = $text:literal])* $name:ident = $status:literal;)*) => {
        $(
            $(#[doc = $text])*
            #[derive(IntoResponses)]
            #[response(status = $status, content_type = "application/problem+json")]
            #[allow(dead_code, reason = "a description; the answer itself is made from a problem")]
            pub(crate) struct $name(ProblemDocument);
        )*
    };
}

refusals! {
    /// The body is not JSON.
    Malformed = 400;
    /// No token, or not a good one.
    Unauthorized = 401;
    /// The role has no such right.
    Forbidden = 403;
    /// There is no such thing, or not for this caller.
    NotFound = 404;
    /// The order does not allow it now.
    WrongState = 409;
    /// The body is too large.
    TooLarge = 413;
    /// The input is not valid: every problem at once.
    Invalid = 422;
    /// Try again in a moment.
    Unavailable = 503;
}
