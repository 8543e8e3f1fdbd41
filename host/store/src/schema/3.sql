-- Version 3. Never edited once released: a change is a new file beside it.

-- What each tick read, in the history's own form. A frame that is whole needs
-- none before it; any other needs all since the last whole one. No safety rests
-- on it: what is damaged here is a gap.
CREATE TABLE history_frame (
    seq   INTEGER PRIMARY KEY,
    site  INTEGER NOT NULL REFERENCES site (id),
    tick  INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
    bytes BLOB    NOT NULL,
    UNIQUE (site, tick)
) STRICT;
CREATE INDEX history_frame_whole ON history_frame (site, tick, at) WHERE whole = 1;
