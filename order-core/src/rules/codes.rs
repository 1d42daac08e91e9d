//! The machine codes of problems: what each means and what helps. Codes never change their meaning.

/// What a family of problems is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// The form of the input.
    Shape,
    /// Who orders.
    Customer,
    /// What is ordered, and how much there is.
    Catalogue,
    /// What it costs.
    Price,
    /// When, how often, and whether at all.
    Time,
    /// How much one customer may buy.
    Limits,
    /// What staff do with an order.
    Staff,
}

impl Family {
    /// Its name in the documentation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "Shape",
            Self::Customer => "Customer and age",
            Self::Catalogue => "Catalogue and stock",
            Self::Price => "Price",
            Self::Time => "Time and store",
            Self::Limits => "Purchase limits",
            Self::Staff => "Staff actions",
        }
    }
}

/// One machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The word on the wire.
    pub code: &'static str,
    /// What it is about.
    pub family: Family,
    /// What it means.
    pub meaning: &'static str,
    /// What helps.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($family:ident { $($name:ident = $code:literal: $meaning:literal, $remedy:literal;)* })*) => {
        $($(
            #[doc = $meaning]
            #[doc = ""]
            #[doc = $remedy]
            pub const $name: &str = $code;
        )*)*

        /// Every code there is.
        pub const ALL: &[Code] = &[$($(
            Code { code: $code, family: Family::$family, meaning: $meaning, remedy: $remedy },
        )*)*];
    };
}

codes! {
    Shape {
        REQUIRED = "required": "The field is missing or empty.", "Send it.";
        WRONG_TYPE = "wrong_type": "The field is of another JSON type.", "Send the type the message names.";
        UNKNOWN_FIELD = "unknown_field": "The field is not one this call knows.", "Check its spelling.";
        UNKNOWN_VALUE = "unknown_value": "The word is not one of those allowed.", "Use one the message names.";
        TOO_LONG = "too_long": "The text is too long.", "Shorten it.";
        CONTROL_CHARACTER = "control_character": "The text holds control characters or line breaks.",
            "Send plain text on one line.";
        NO_ITEMS = "no_items": "The order has no lines.", "Add something.";
        TOO_MANY_ITEMS = "too_many_items": "The order has too many lines.", "Split it, or merge lines.";
        QUANTITY_NOT_POSITIVE = "quantity_not_positive": "The quantity is zero or below.",
            "Order at least one, or leave the line out.";
        QUANTITY_NOT_WHOLE = "quantity_not_whole":
            "The quantity is a fraction, and the product is sold in whole units.", "Round it.";
        QUANTITY_TOO_LARGE = "quantity_too_large": "The quantity is over the store's limit for one line.",
            "Order less.";
        INVALID_EMAIL = "invalid_email": "Not an e-mail address.", "Correct it or leave it out.";
        INVALID_PHONE = "invalid_phone": "Not a ten-digit US phone number.", "Correct it or leave it out.";
        INVALID_DATE = "invalid_date":
            "Not a date as YYYY-MM-DD or a time as RFC 3339, or not a plausible one.", "Correct it.";
        INVALID_ID = "invalid_id": "The identifier is malformed.", "Send it as it was given out.";
    }
    Customer {
        UNDERAGE = "underage": "The customer is too young.", "Nothing; the order cannot be sold.";
        BIRTH_DATE_REQUIRED = "birth_date_required": "This store takes no order without a birth date.",
            "Ask for it.";
        CARD_EXPIRED = "card_expired": "The medical card is no longer valid.",
            "Renew it, or order as an adult customer.";
        CARD_REQUIRED = "card_required": "This store takes no medical order without the card's expiry date.",
            "Ask for it.";
        GUESTS_NOT_SERVED = "guests_not_served": "This store wants to know who orders.",
            "Give a phone number, an e-mail address or a customer id.";
        CUSTOMER_TYPE_NOT_SERVED = "customer_type_not_served":
            "This store does not serve adult-use, or medical, customers.", "Order elsewhere.";
        CUSTOMER_BANNED = "customer_banned": "The store does not sell to this customer.", "See a staff member.";
    }
    Catalogue {
        UNKNOWN_PRODUCT = "unknown_product": "The store does not sell this product, or not in this size.",
            "Read the menu again.";
        NOT_FOR_SALE = "not_for_sale": "The product is not for sale now.", "Choose another.";
        RECALLED = "recalled": "The product was recalled or is on hold.", "Choose another.";
        EXPIRED = "expired": "The product is past its last day of sale.", "Choose another.";
        MEDICAL_ONLY = "medical_only": "The product is for medical customers only.", "Choose another.";
        OUT_OF_STOCK = "out_of_stock": "There is less than that.", "Order as much as the message says is left.";
        STALE_STOCK = "stale_stock": "Nobody knows how much there is: the last figure is too old.",
            "Try again in a moment, or see a staff member.";
    }
    Price {
        NEGATIVE_PRICE = "negative_price": "A price or tax rate from the catalogue is below zero.",
            "Mend the catalogue.";
        AMOUNT_TOO_LARGE = "amount_too_large": "The sum does not fit.", "Order less.";
        PRICE_CHANGED = "price_changed": "The total is no longer what the customer was shown.",
            "Show the new one, and send it as `expected_total` once they agree.";
        UNKNOWN_DISCOUNT = "unknown_discount": "There is no such discount code.", "Check it or leave it out.";
        DISCOUNT_NOT_APPLICABLE = "discount_not_applicable":
            "The discount is not good for this customer, these goods, this sum or this day.", "Leave it out.";
    }
    Time {
        STORE_CLOSED = "store_closed": "The store is closed then.", "Come or order when it is open.";
        PAST_CUT_OFF = "past_cut_off": "The last orders of the day have been taken.",
            "Choose a later day, or order tomorrow.";
        PICKUP_IN_PAST = "pickup_in_past": "The pick-up time is over.", "Choose a later one.";
        PICKUP_TOO_SOON = "pickup_too_soon": "The store needs longer to prepare the order.",
            "Choose a later time.";
        PICKUP_TOO_FAR = "pickup_too_far": "The pick-up time is too many days ahead.", "Choose an earlier one.";
        PICKUP_NOT_OFFERED = "pickup_not_offered": "The store does not offer that pick-up time.",
            "Choose the beginning of a slot, or leave the time out.";
        SLOT_FULL = "slot_full": "All places of that pick-up time are taken.", "Choose another.";
        STORE_PAUSED = "store_paused": "The store takes no orders at the moment.",
            "Try again later, or see a staff member.";
        OPEN_ORDER_EXISTS = "open_order_exists": "The customer has an open order already.",
            "Add to that order instead; the message names its code.";
        TOO_MANY_ORDERS = "too_many_orders": "Too many orders in a short time.", "Wait, or see a staff member.";
    }
    Limits {
        LIMIT_EXCEEDED = "limit_exceeded": "More than one customer may buy.",
            "Take out as much as the message says. Nobody may waive this.";
        LIMIT_EXCEEDED_SOFT = "limit_exceeded_soft": "More than the store sells to one customer.",
            "Take some out, or ask a manager to let it pass.";
        LIMIT_EXCEEDED_POS = "limit_exceeded_pos": "The POS says that this is more than one customer may buy.",
            "Take some out, or see a staff member.";
        LIMIT_CLASS_UNKNOWN = "limit_class_unknown":
            "Nobody can tell which purchase limit the product falls under.",
            "Name what the category is in the store's settings.";
        LIMIT_CONTENT_UNKNOWN = "limit_content_unknown":
            "The product's weight, volume or THC is not known, and a purchase limit counts it.",
            "Complete the product in the POS.";
        LIMIT_NOT_STATED = "limit_not_stated":
            "The limits that the store follows do not say how much of this may be sold.",
            "Find out, and say in the store's settings whether it may be sold.";
        LIMIT_OUTDATED = "limit_outdated": "No purchase limits are in force for that day.",
            "Update the rule set.";
        OVERRIDE_NEEDS_NOTE = "override_needs_note": "Passing over a limit needs a note.", "Say why.";
    }
    Staff {
        REASON_REQUIRED = "reason_required": "This action needs a reason code.", "Send one.";
        NOTE_REQUIRED = "note_required": "This action needs a note.", "Say in a few words what happened.";
        VERSION_REQUIRED = "version_required": "This action needs the order's version.",
            "Send the version you have seen.";
        NOTHING_LEFT = "nothing_left": "Nothing is left in the order.", "Cancel it instead.";
        UNKNOWN_LINE = "unknown_line": "The line is not in this order.", "Read the order again.";
        INVALID_PICK = "invalid_pick":
            "What is said about a line does not fit together, such as short without an amount.",
            "Correct it as the message says.";
    }
}

/// The table of all codes as Markdown, the same text on every call.
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let mut family = None;
    for code in ALL {
        // Writing to a String cannot fail.
        if family != Some(code.family) {
            family = Some(code.family);
            let lead = if text.is_empty() { "" } else { "\n" };
            let _ = write!(
                text,
                "{lead}## {}\n\n| code | meaning | what helps |\n|---|---|---|\n",
                code.family.as_str()
            );
        }
        let _ = writeln!(text, "| `{}` | {} | {} |", code.code, code.meaning, code.remedy);
    }
    text
}
