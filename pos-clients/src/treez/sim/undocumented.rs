//! What the simulator says where the vendor's own codes are unpublished (Treez 6).
//!
//! Clients must never decide anything by these texts; they only have to survive them.

/// The generic documented code used for every refusal whose own code is unpublished.
pub const INVALID_REQUEST: &str = "INVALID_REQUEST";

/// The detail of a refusal for lack of stock, followed by the product id.
pub const OUT_OF_STOCK: &str = "Requested quantity is not available in inventory for product";

/// The detail of a refused second customer with the same e-mail address.
pub const DUPLICATE_EMAIL: &str = "A customer with this email already exists";

/// The detail of a refused second customer with the same phone number.
pub const DUPLICATE_PHONE: &str = "A customer with this phone already exists";

/// The reason of a refused token call.
pub const BAD_CREDENTIALS: &str = "Invalid client_id or apikey";

/// The body of an answer to one request too many.
pub const TOO_MANY_REQUESTS: &str = "Too many requests";
