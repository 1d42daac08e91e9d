-- What ties orders to one another: their customer, their kiosk, their slot; and whether a store takes orders at all.

-- `position` is the mark: the place of the last event that was decided by looking at the customer's other orders.
-- `placed` is when the order was placed and `day` its day since 1970 in UTC.
CREATE TABLE order_ties (
    seq      INTEGER PRIMARY KEY REFERENCES orders (seq) ON DELETE CASCADE,
    store    TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    placed   INTEGER NOT NULL,
    slot     INTEGER,
    position INTEGER NOT NULL
) STRICT;

CREATE INDEX order_ties_slot ON order_ties (store, slot) WHERE slot IS NOT NULL;

-- Keys are digests and fall anywhere. Filed by day they fall among those of one day, so that the table grows at its
-- end, and what is looked for within some days is looked up once for each of them.
CREATE TABLE order_keys (
    store  TEXT    NOT NULL,
    day    INTEGER NOT NULL,
    key    BLOB    NOT NULL CHECK (length(key) = 16),
    placed INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (store, day, key, placed, seq)
) STRICT, WITHOUT ROWID;

-- An order that is erased leaves no key behind. One day of one store is looked through for that; an index by order
-- would cost every new order more than the rare erasure saves.
CREATE TRIGGER keys_go_with_their_order AFTER DELETE ON order_ties
BEGIN DELETE FROM order_keys WHERE store = OLD.store AND day = OLD.day AND seq = OLD.seq; END;

CREATE TABLE pauses (
    store TEXT    NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT, WITHOUT ROWID;
