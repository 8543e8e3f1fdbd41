-- Version 1. Never edited once released: a change is a new file beside it.
-- Moments are milliseconds since the Unix epoch.

-- "Hook" in ASCII: tells our file from any other program's SQLite file.
PRAGMA application_id = 0x486f6f6b;

CREATE TABLE store (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE site (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE,
    tick INTEGER NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

-- The journal. A row is open until it has a closing.
CREATE TABLE intent (
    seq       INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL REFERENCES site (id),
    key       TEXT    NOT NULL,
    tick      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    profile   TEXT,
    action    TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    vm        TEXT,   -- from the action; of a launch, from its outcome
    closed_at INTEGER,
    closing   TEXT,
    UNIQUE (site, key),
    CHECK ((closed_at IS NULL) = (closing IS NULL))
) STRICT;
CREATE INDEX intent_open ON intent (site, seq) WHERE closed_at IS NULL;
CREATE INDEX intent_closed ON intent (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX intent_vm ON intent (site, vm, seq) WHERE vm IS NOT NULL;

-- One row for each run of ticks that decided the same, with the chain of the
-- first of them. The run that still goes on has no end here: its end and its
-- length stand in decision_latest, which is rewritten at every tick anyway.
CREATE TABLE decision_history (
    seq         INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL REFERENCES site (id),
    profile     TEXT    NOT NULL,
    tick        INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    seen_until  INTEGER,
    times       INTEGER,
    verdict     TEXT    NOT NULL CHECK (verdict IN ('scale-out', 'hold', 'scale-in')),
    fingerprint INTEGER NOT NULL,
    headline    TEXT    NOT NULL,
    chain       TEXT    NOT NULL,
    CHECK ((seen_until IS NULL) = (times IS NULL))
) STRICT;
CREATE INDEX decision_history_profile ON decision_history (site, profile, since, seq);
CREATE INDEX decision_history_ended ON decision_history (seen_until)
    WHERE seen_until IS NOT NULL;

-- The newest decision of each profile, with its whole chain.
CREATE TABLE decision_latest (
    id          INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL REFERENCES site (id),
    profile     TEXT    NOT NULL,
    history     INTEGER NOT NULL UNIQUE REFERENCES decision_history (seq),
    tick        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    times       INTEGER NOT NULL,
    verdict     TEXT    NOT NULL CHECK (verdict IN ('scale-out', 'hold', 'scale-in')),
    fingerprint INTEGER NOT NULL,
    headline    TEXT    NOT NULL,
    chain       TEXT    NOT NULL,
    UNIQUE (site, profile)
) STRICT;

-- Which decisions asked for which intents: a machine may serve many profiles.
CREATE TABLE decision_intent (
    decision INTEGER NOT NULL REFERENCES decision_history (seq) ON DELETE CASCADE,
    intent   INTEGER NOT NULL REFERENCES intent (seq) ON DELETE CASCADE,
    PRIMARY KEY (decision, intent)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_intent_intent ON decision_intent (intent);

CREATE TABLE policy_memory (
    site    INTEGER NOT NULL REFERENCES site (id),
    profile TEXT    NOT NULL,
    policy  TEXT    NOT NULL,
    bytes   BLOB    NOT NULL,
    PRIMARY KEY (site, profile, policy)
) STRICT;
