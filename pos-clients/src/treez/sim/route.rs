//! Methods, paths, queries and pages (Treez 2a, 3, 4.1, 5).

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::CONTENT_TYPE;
use http::{Method, Request};

use super::reply::Refusal;

/// Every operation a fault can be aimed at.
pub(super) const OPERATIONS: &[&str] = &[
    "token",
    "create",
    "preview",
    "update",
    "get",
    "list",
    "history",
    "customer_find",
    "customer_list",
    "customer_create",
    "customer_update",
    "products",
    "locations",
    "other",
];

/// The largest page of tickets or customers (Treez 4.1).
const MAX_PAGE: usize = 50;

/// What a customer is looked up by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CustomerKey {
    Id(String),
    Email(String),
    Phone(String),
    Name { first: String, last: String },
    Licence(String),
}

/// What a list of tickets is narrowed by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TicketFilter {
    Customer(String),
    Status(String),
    Opened(String),
    Closed(String),
    Updated(String),
}

/// The page asked for, as written in the path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paging {
    page: String,
    size: String,
}

impl Paging {
    /// The part of `all` that is on the page. Pages count from 1.
    pub(super) fn cut<T>(&self, all: Vec<T>) -> Result<Vec<T>, Refusal> {
        let wrong = |what: &str| Refusal::bad("INCORRECT_VALUE", format!("{what} must be a positive number"));
        let page = self.page.parse::<usize>().ok().filter(|page| *page > 0).ok_or_else(|| wrong("page"))?;
        let size =
            self.size.parse::<usize>().ok().filter(|size| *size > 0).ok_or_else(|| wrong("pagesize"))?;
        if size > MAX_PAGE {
            return Err(Refusal::bad("RESPONSE_LIMIT_EXCEEDS", format!("pagesize is limited to {MAX_PAGE}")));
        }
        Ok(all.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect())
    }
}

/// A documented call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Token,
    Customer(CustomerKey),
    CustomersSignedUp { from: String, to: String, paging: Paging },
    CustomersUpdated { after: String, paging: Paging },
    CustomerCreate,
    CustomerUpdate(String),
    Products,
    ProductsUpdated(String),
    Product(String),
    Locations,
    Preview,
    Create,
    Update(String),
    Ticket(String),
    TicketByNumber(String),
    Tickets { filter: TicketFilter, paging: Paging },
    History(String),
}

impl Route {
    fn find(method: &Method, path: &[&str]) -> Option<Self> {
        let own = |text: &str| text.to_owned();
        let paging = |page: &str, size: &str| Paging { page: page.to_owned(), size: size.to_owned() };
        let tickets = |filter: TicketFilter, page: &str, size: &str| Self::Tickets {
            filter,
            paging: paging(page, size),
        };
        Some(match (method.as_str(), path) {
            ("POST", ["config", "api", "gettokens"]) => Self::Token,

            ("POST", ["customer", "detailcustomer"]) => Self::CustomerCreate,
            ("PATCH", ["customer", "update", id]) => Self::CustomerUpdate(own(id)),
            ("GET", ["customer", id]) => Self::Customer(CustomerKey::Id(own(id))),
            ("GET", ["customer", "email", email]) => Self::Customer(CustomerKey::Email(own(email))),
            ("GET", ["customer", "phone", phone]) => Self::Customer(CustomerKey::Phone(own(phone))),
            ("GET", ["customer", "driverlicense", number]) => {
                Self::Customer(CustomerKey::Licence(own(number)))
            }
            ("GET", ["customer", "firstname", first, "lastname", last]) => {
                Self::Customer(CustomerKey::Name { first: own(first), last: own(last) })
            }
            ("GET", ["customer", "signup", "from", from, "to", to, "page", page, "pagesize", size]) => {
                Self::CustomersSignedUp { from: own(from), to: own(to), paging: paging(page, size) }
            }
            ("GET", ["customer", "lastUpdated", "after", after, "page", page, "pagesize", size]) => {
                Self::CustomersUpdated { after: own(after), paging: paging(page, size) }
            }

            ("GET", ["product", "product_list"]) => Self::Products,
            ("GET", ["product", "product_list", "lastUpdated", "after", after]) => {
                Self::ProductsUpdated(own(after))
            }
            ("GET", ["product", id]) => Self::Product(own(id)),
            ("GET", ["location", "list"]) => Self::Locations,

            ("POST", ["ticket", "previewticket"]) => Self::Preview,
            ("POST", ["ticket", "detailticket"]) => Self::Create,
            ("PUT", ["ticket", "update", id]) => Self::Update(own(id)),
            ("GET", ["ticket", id]) => Self::Ticket(own(id)),
            ("GET", ["ticket", "ordernumber", number]) => Self::TicketByNumber(own(number)),
            ("GET", ["ticket", "history", id]) => Self::History(own(id)),
            ("GET", ["ticket", "customer", id, "page", page, "pagesize", size]) => {
                tickets(TicketFilter::Customer(own(id)), page, size)
            }
            ("GET", ["ticket", "status", status, "page", page, "pagesize", size]) => {
                tickets(TicketFilter::Status(own(status)), page, size)
            }
            ("GET", ["ticket", "opendate", day, "page", page, "pagesize", size]) => {
                tickets(TicketFilter::Opened(own(day)), page, size)
            }
            ("GET", ["ticket", "closedate", day, "page", page, "pagesize", size]) => {
                tickets(TicketFilter::Closed(own(day)), page, size)
            }
            ("GET", ["ticket", "lastUpdated", "after", after, "page", page, "pagesize", size]) => {
                tickets(TicketFilter::Updated(own(after)), page, size)
            }
            _ => return None,
        })
    }

    fn operation(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Customer(_) => "customer_find",
            Self::CustomersSignedUp { .. } | Self::CustomersUpdated { .. } => "customer_list",
            Self::CustomerCreate => "customer_create",
            Self::CustomerUpdate(_) => "customer_update",
            Self::Products | Self::ProductsUpdated(_) | Self::Product(_) => "products",
            Self::Locations => "locations",
            Self::Preview => "preview",
            Self::Create => "create",
            Self::Update(_) => "update",
            Self::Ticket(_) | Self::TicketByNumber(_) => "get",
            Self::Tickets { .. } => "list",
            Self::History(_) => "history",
        }
    }

    /// The query parameters the call documents.
    fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::Customer(_) | Self::CustomersSignedUp { .. } | Self::CustomersUpdated { .. } => {
                &["include_image_list"]
            }
            Self::Products | Self::ProductsUpdated(_) | Self::Product(_) => &[
                "page",
                "page_size",
                "pagesize",
                "active",
                "category_type",
                "id",
                "ID",
                "sellable_quantity_in_location",
                "sellable_quantity_in_type",
                "above_threshold",
                "include_discounts",
            ],
            Self::Locations => &["sellable"],
            Self::Tickets { filter: TicketFilter::Status(_), .. } => {
                &["full_decimals", "include_cost", "hide_empty_tickets", "sort_by_field", "sort_order"]
            }
            Self::Tickets { .. } => &["full_decimals", "include_cost", "hide_empty_tickets"],
            Self::Ticket(_)
            | Self::TicketByNumber(_)
            | Self::Preview
            | Self::Create
            | Self::Update(_)
            | Self::History(_) => &["full_decimals", "include_cost"],
            Self::Token | Self::CustomerCreate | Self::CustomerUpdate(_) => &[],
        }
    }
}

/// One documented call, taken apart.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) route: Route,
    pub(super) now: DateTime<Utc>,
    pub(super) body: &'a Bytes,
    content_type: &'a str,
    query: Vec<(String, String)>,
}

impl<'a> Call<'a> {
    /// `None` when the request is for nothing the store `slug` documents.
    pub(super) fn read(request: &'a Request<Bytes>, slug: &str, now: DateTime<Utc>) -> Option<Self> {
        let (store, route) = locate(request)?;
        if store != slug {
            return None;
        }
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Some(Self { route, now, body: request.body(), content_type, query: query.into_owned().collect() })
    }

    /// The first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body is declared to be of this media type, whatever its parameters.
    pub(super) fn is(&self, media_type: &str) -> bool {
        let declared = self.content_type.split(';').next().unwrap_or_default();
        declared.trim().eq_ignore_ascii_case(media_type)
    }

    pub(super) fn check_query(&self) -> Result<(), Refusal> {
        let known = self.route.parameters();
        match self.query.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(Refusal::bad("INVALID_REQUEST", format!("Unknown query parameter {key}"))),
            None => Ok(()),
        }
    }
}

/// The operation a request asks for, whichever store it is for.
pub(super) fn operation(request: &Request<Bytes>) -> &'static str {
    locate(request).map_or("other", |(_, route)| route.operation())
}

fn locate(request: &Request<Bytes>) -> Option<(String, Route)> {
    let path = request.uri().path().strip_prefix("/v2.0/dispensary/")?;
    let segments: Vec<String> = path.split('/').map(decode).collect::<Option<_>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (store, rest) = segments.split_first()?;
    // An empty segment would make an id of nothing.
    if rest.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    Some(((*store).to_owned(), Route::find(request.method(), rest)?))
}

/// Undoes percent-encoding; `None` when the escapes are broken or the result is not UTF-8.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_broken_ones_refused() {
        assert_eq!(decode("a%40b.c+d%C3%A9").as_deref(), Some("a@b.c+dé"));
        for broken in ["%", "%4", "%zz", "%C3", "%+1"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn every_route_has_a_listed_operation() {
        let request = |method: &str, path: &str| {
            Request::builder()
                .method(method)
                .uri(format!("http://h/v2.0/dispensary/s/{path}"))
                .body(Bytes::new())
                .unwrap()
        };
        assert_eq!(operation(&request("POST", "ticket/detailticket")), "create");
        assert_eq!(operation(&request("GET", "ticket/detailticket/x")), "other");
        assert_eq!(operation(&request("GET", "customer/")), "other");
        for (method, path) in [
            ("POST", "config/api/gettokens"),
            ("GET", "customer/email/a%40b"),
            ("GET", "location/list"),
            ("GET", "ticket/history/1"),
            ("GET", "ticket/lastUpdated/after/x/page/1/pagesize/5"),
        ] {
            let found = operation(&request(method, path));
            assert!(found != "other" && OPERATIONS.contains(&found), "{path}");
        }
    }
}
