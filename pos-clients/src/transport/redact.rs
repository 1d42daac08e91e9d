//! Taking out of a foreign text what must not reach logs, errors and the order's timeline.

/// How much of a text is looked at, in bytes; more would be cut off later anyway.
const MOST: usize = 4096;
/// How much is left of it, in characters.
const KEPT: usize = 240;

/// The text without personal data and secrets, on one line, without markup, at most 240 characters.
///
/// Taken out are: every text in `hidden` (what the call itself carried: names, phone, token), values of
/// JSON keys that name a person or a secret, e-mail addresses, long runs of digits (phones, card numbers,
/// dates), paths (they may repeat what was looked up), and long mixed runs that look like tokens. UUIDs
/// stay: they name products and orders.
pub fn redact(text: &str, hidden: &[String]) -> String {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let plain = without_markup(&text[..end]);
    let plain = without_values(&plain);
    let mut plain = plain;
    for secret in hidden {
        plain = without(&plain, secret);
    }
    let words: Vec<_> = plain.split_whitespace().map(clean_word).collect();
    let line = without_numbers(&words.join(" "));
    if line.chars().count() > KEPT { line.chars().take(KEPT).chain(['…']).collect() } else { line }
}

/// Drops tags and turns control characters into spaces.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_tag = false;
    let markup = text.trim_start().starts_with('<');
    for c in text.chars() {
        match c {
            '<' if markup => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                out.push(' ');
            }
            _ if in_tag => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

const PRIVATE_KEYS: [&str; 15] = [
    "name",
    "birth",
    "dob",
    "mail",
    "phone",
    "address",
    "street",
    "zip",
    "licen",
    "token",
    "key",
    "secret",
    "password",
    "medical_id",
    "authorization",
];

/// Replaces `"key": "value"` and `"key": 123` where the key names a person or a secret.
fn without_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let (before, quoted) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = closing_quote(quoted) else {
            out.push_str(quoted);
            return out;
        };
        let (key, after) = quoted.split_at(close + 1);
        out.push_str(key);
        rest = after;
        let lower = key.to_ascii_lowercase();
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        if let (Some(value), true) = (value, PRIVATE_KEYS.iter().any(|private| lower.contains(private))) {
            let length = if value.starts_with('"') {
                closing_quote(value).map_or(value.len(), |close| close + 1)
            } else {
                value.find([',', '}', ']']).unwrap_or(value.len())
            };
            out.push_str(":[redacted]");
            rest = &value[length..];
        }
    }
    out.push_str(rest);
    out
}

/// The place of the quote that closes the one `text` begins with.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// Replaces every occurrence of `secret` that stands as a word of its own, in any case.
fn without(text: &str, secret: &str) -> String {
    let secret: Vec<char> = secret.trim().chars().flat_map(char::to_lowercase).collect();
    if secret.len() < 2 {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let same = |c: char, wanted: char| c.to_lowercase().next() == Some(wanted);
    let inside = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let here = chars.get(at..at + secret.len()).is_some_and(|window| {
            window.iter().zip(&secret).all(|(c, wanted)| same(*c, *wanted))
                && !(at > 0 && inside(at - 1))
                && !inside(at + secret.len())
        });
        if here {
            out.push_str("[redacted]");
            at += secret.len();
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// Replaces the parts of a word that are an address, a path or a token.
fn clean_word(word: &str) -> String {
    if word.contains('@') {
        return "[e-mail]".to_owned();
    }
    if word.matches('/').count() >= 2 || word.contains("%40") {
        return "[path]".to_owned();
    }
    let mut out = String::with_capacity(word.len());
    let token_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=' | '/');
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| token_like(c) != token_like(first)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(run);
        let mixed = part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic());
        if token_like(first) && part.len() >= 20 && mixed && !is_uuid(part) {
            out.push_str("[token]");
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

/// Replaces runs of seven or more digits, also when spaces, dots, dashes or brackets divide them.
fn without_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let joins = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '+');
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let fresh = at == 0 || !chars[at - 1].is_ascii_alphanumeric();
        if fresh && chars[at].is_ascii_hexdigit() {
            let word: String = chars[at..].iter().take(36).collect();
            if is_uuid(&word) {
                out.push_str(&word);
                at += 36;
                continue;
            }
        }
        if !chars[at].is_ascii_digit() {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let (mut end, mut digits, mut next) = (at, 0, at);
        while let Some(c) = chars.get(next) {
            if c.is_ascii_digit() {
                digits += 1;
                end = next + 1;
            } else if !joins(*c) || next - end >= 2 {
                break;
            }
            next += 1;
        }
        if digits >= 7 {
            out.push_str("[number]");
        } else {
            out.extend(&chars[at..end]);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(text: &str) -> String {
        redact(text, &[])
    }

    #[test]
    fn contact_data_goes() {
        for (text, left) in [
            ("Customer ada@example.com exists", "Customer [e-mail] exists"),
            ("phone (415) 555-0123 is taken", "phone ([number] is taken"),
            ("phone +1 415.555.0123", "phone +[number]"),
            ("phone 4155550123", "phone [number]"),
            ("born 1990-12-10.", "born [number]."),
            ("no route /v2.0/customer/firstname/Ada/lastname/Byron", "no route [path]"),
            ("HTTP 400, 12 of 30 left", "HTTP 400, 12 of 30 left"),
            (
                "size_id 0f8fad5b-d9cb-469f-a165-70867728950e is unknown",
                "size_id 0f8fad5b-d9cb-469f-a165-70867728950e is unknown",
            ),
            ("CUSTOMER_FIRST_NAME_BLANK_AND_LONG", "CUSTOMER_FIRST_NAME_BLANK_AND_LONG"),
        ] {
            assert_eq!(clean(text), left);
        }
    }

    #[test]
    fn tokens_and_private_json_values_go() {
        assert_eq!(clean("token eyJhbGciOiJIUzUxMiJ9.eyJzdWIi was bad"), "token [token] was bad");
        let json = r#"{"first_name": "Ada", "birthday":"x \" y", "phone":415, "code": "NO_STOCK"}"#;
        let left = clean(json);
        assert_eq!(
            left,
            r#"{"first_name":[redacted], "birthday":[redacted], "phone":[redacted], "code": "NO_STOCK"}"#
        );
        assert!(!clean(r#"{"api_key":"abc"#).contains("abc"));
    }

    #[test]
    fn what_the_call_carried_goes_in_any_case() {
        let hidden = ["Ada".to_owned(), "BYRON".to_owned(), "x".to_owned()];
        assert_eq!(redact("ADA Byron, not Adam x", &hidden), "[redacted] [redacted], not Adam x");
    }

    #[test]
    fn markup_and_line_breaks_go_and_length_is_bounded() {
        assert_eq!(clean("<html>\n<h1>502</h1>\r\nBad Gateway</html>"), "502 Bad Gateway");
        assert_eq!(clean(&"ä ".repeat(10_000)).chars().count(), KEPT + 1);
        assert_eq!(clean("1 < 2"), "1 < 2");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_phone_passes(text in "\\PC{0,80}", phone in 2_000_000_000_u64..9_999_999_999) {
            let cleaned = redact(&format!("{text} {phone} {text}"), std::slice::from_ref(&text));
            prop_assert!(!cleaned.contains(&phone.to_string()));
        }
    }
}
