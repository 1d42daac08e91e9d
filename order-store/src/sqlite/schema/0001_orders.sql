-- Orders, their log, the outbox, idempotency keys and stock holds.
-- Ids are the 16 bytes of a UUIDv7, so keys grow at their end; moments are microseconds since 1970.

CREATE TABLE orders (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    code       TEXT    NOT NULL UNIQUE,
    store      TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    pos        INTEGER NOT NULL,
    attention  INTEGER NOT NULL CHECK (attention IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    search     TEXT    NOT NULL,
    snapshot   TEXT    NOT NULL
) STRICT;

-- A list is the merge of a few runs of one of these, one run for each status and attention.
CREATE INDEX orders_placed ON orders (store, status, attention, created_at, id, pos);
CREATE INDEX orders_changed ON orders (store, status, attention, updated_at, id, pos);

-- How many orders of a store are in each status: a board asks with every refresh.
CREATE TABLE status_counts (
    store  TEXT    NOT NULL,
    status INTEGER NOT NULL,
    orders INTEGER NOT NULL CHECK (orders >= 0),
    PRIMARY KEY (store, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    store    TEXT    NOT NULL,
    order_id BLOB    NOT NULL REFERENCES orders (id),
    revision INTEGER NOT NULL CHECK (revision > 0),
    payload  TEXT    NOT NULL,
    UNIQUE (order_id, revision)
) STRICT;

CREATE INDEX events_of_store ON events (store);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- `blocked` is 1 while an earlier change of the same order in the POS is unsettled.
CREATE TABLE outbox (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    store        TEXT    NOT NULL,
    order_id     BLOB    NOT NULL REFERENCES orders (id),
    lane         TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    first_due    INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    leased_until INTEGER,
    token        INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    blocked      INTEGER NOT NULL CHECK (blocked IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_ready ON outbox (due, id, leased_until, store) WHERE blocked = 0;
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE blocked = 0 AND leased_until IS NOT NULL;
CREATE INDEX outbox_of_order ON outbox (order_id, id) WHERE lane = 'pos';

CREATE TABLE submissions (
    store       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    order_id    BLOB NOT NULL REFERENCES orders (id),
    PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;

-- A product without sizes has the empty variant, which no catalogue can use.
CREATE TABLE holds (
    store          TEXT NOT NULL,
    product        TEXT NOT NULL,
    variant        TEXT NOT NULL,
    order_id       BLOB NOT NULL REFERENCES orders (id),
    quantity       TEXT NOT NULL,
    handed_over_at INTEGER,
    PRIMARY KEY (store, product, variant, order_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX holds_of_order ON holds (order_id);
