-- Version 2: what guards remember.

-- Wishes and changes of each profile, as JSON; `row` says in which form.
CREATE TABLE guard_memory (
    site    INTEGER NOT NULL REFERENCES site (id),
    profile TEXT    NOT NULL,
    memory  TEXT    NOT NULL,
    PRIMARY KEY (site, profile)
) STRICT;
