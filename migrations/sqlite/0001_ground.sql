-- The log. One row of hash a commit; head is locked by whoever appends.
CREATE TABLE head (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  origin   TEXT    NOT NULL,
  size     INTEGER NOT NULL CHECK (size >= 0),
  root     BLOB    NOT NULL,
  edge     BLOB    NOT NULL,
  recorded INTEGER NOT NULL,
  access   INTEGER NOT NULL
) STRICT;

CREATE TABLE audience (
  id   BLOB    PRIMARY KEY CHECK (length(id) = 16),
  name BLOB    NOT NULL UNIQUE,
  size INTEGER NOT NULL CHECK (size >= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE act (
  seq      INTEGER PRIMARY KEY CHECK (seq >= 0),
  id       BLOB    NOT NULL CHECK (length(id) = 16),
  file     BLOB    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id) DEFERRABLE INITIALLY DEFERRED,
  prior    INTEGER NOT NULL, -- number of the act before in the same file, plus one; 0 for a file's first
  recorded INTEGER NOT NULL,
  kind     TEXT    NOT NULL,
  envelope BLOB    NOT NULL,
  salt     BLOB    NOT NULL CHECK (length(salt) = 32),
  body_sum BLOB    NOT NULL CHECK (length(body_sum) = 32),
  link     BLOB    NOT NULL CHECK (length(link) = 32),
  body     BLOB    NOT NULL
) STRICT;
-- No index over random names: docs/decisions/0007-names.md. This one holds the few acts that every start looks for.
CREATE INDEX act_destroyed ON act (seq) WHERE kind = 'key.destroyed';

CREATE TABLE hash (
  first  INTEGER PRIMARY KEY,
  hashes BLOB    NOT NULL
) STRICT;

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  note BLOB    NOT NULL,
  made INTEGER NOT NULL
) STRICT;

-- A file's folded state: rebuildable from its acts.
CREATE TABLE state (
  file BLOB    PRIMARY KEY,
  seq  INTEGER NOT NULL,
  data BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- When the next clock runs out in a file as one audience sees it: a list of what is due joins may, too.
CREATE TABLE timer (
  file     BLOB NOT NULL,
  audience BLOB NOT NULL REFERENCES audience (id),
  due      INTEGER NOT NULL,
  PRIMARY KEY (file, audience)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

-- Who may read what. Names are sealed; ids are random.
CREATE TABLE compartment (
  id   BLOB PRIMARY KEY CHECK (length(id) = 16),
  code BLOB NOT NULL UNIQUE,
  name BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audience_part (
  audience    BLOB NOT NULL REFERENCES audience (id),
  compartment BLOB NOT NULL REFERENCES compartment (id),
  PRIMARY KEY (audience, compartment)
) STRICT, WITHOUT ROWID;

CREATE TABLE mandate (
  id          BLOB    PRIMARY KEY CHECK (length(id) = 16),
  person      BLOB    NOT NULL,
  role        TEXT    NOT NULL,
  institution TEXT    NOT NULL,
  seat        TEXT    NOT NULL,
  starts      INTEGER NOT NULL,
  ends        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mandate_part (
  mandate     BLOB NOT NULL REFERENCES mandate (id),
  compartment BLOB NOT NULL REFERENCES compartment (id),
  PRIMARY KEY (mandate, compartment)
) STRICT, WITHOUT ROWID;

CREATE TABLE may (
  mandate  BLOB NOT NULL REFERENCES mandate (id),
  audience BLOB NOT NULL REFERENCES audience (id),
  PRIMARY KEY (mandate, audience)
) STRICT, WITHOUT ROWID;
CREATE INDEX may_audience ON may (audience);

-- Doors to the console: codes and sessions are kept as keyed hashes only.
CREATE TABLE invite (
  code    BLOB    PRIMARY KEY,
  mandate BLOB    NOT NULL REFERENCES mandate (id),
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  token   BLOB    PRIMARY KEY,
  mandate BLOB    NOT NULL REFERENCES mandate (id),
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Read models of the desks; rebuildable from acts.
CREATE TABLE notice (
  file     BLOB    PRIMARY KEY,
  act      BLOB    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id),
  received INTEGER NOT NULL,
  stage    TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  code     BLOB    NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE exhibit (
  id       BLOB    PRIMARY KEY,
  file     BLOB    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id),
  key      BLOB    NOT NULL,
  sealed   BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exhibit_file ON exhibit (file);
