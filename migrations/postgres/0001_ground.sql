-- The log. One row of hash a commit; head is locked by whoever appends.
CREATE TABLE head (
  id       bigint PRIMARY KEY CHECK (id = 1),
  origin   text    NOT NULL,
  size     bigint NOT NULL CHECK (size >= 0),
  root     bytea    NOT NULL,
  edge     bytea    NOT NULL,
  recorded bigint NOT NULL,
  access   bigint NOT NULL
);

CREATE TABLE audience (
  id   bytea    PRIMARY KEY CHECK (length(id) = 16),
  name bytea    NOT NULL UNIQUE,
  size bigint NOT NULL CHECK (size >= 1)
);

CREATE TABLE act (
  seq      bigint PRIMARY KEY CHECK (seq >= 0),
  id       bytea    NOT NULL CHECK (length(id) = 16),
  file     bytea    NOT NULL,
  audience bytea    NOT NULL REFERENCES audience (id),
  prior    bigint NOT NULL, -- number of the act before in the same file, plus one; 0 for a file's first
  recorded bigint NOT NULL,
  kind     text    NOT NULL,
  envelope bytea    NOT NULL,
  salt     bytea    NOT NULL CHECK (length(salt) = 32),
  body_sum bytea    NOT NULL CHECK (length(body_sum) = 32),
  link     bytea    NOT NULL CHECK (length(link) = 32),
  body     bytea    NOT NULL
);
-- No index over random names: docs/decisions/0007-names.md. This one holds the few acts that every start looks for.
CREATE INDEX act_destroyed ON act (seq) WHERE kind = 'key.destroyed';

CREATE TABLE hash (
  first  bigint PRIMARY KEY,
  hashes bytea    NOT NULL
);

CREATE TABLE checkpoint (
  size bigint PRIMARY KEY,
  note bytea    NOT NULL,
  made bigint NOT NULL
);

-- A file's folded state: rebuildable from its acts.
CREATE TABLE state (
  file bytea    PRIMARY KEY,
  seq  bigint NOT NULL,
  data bytea    NOT NULL
);

-- When the next clock runs out in a file as one audience sees it: a list of what is due joins may, too.
CREATE TABLE timer (
  file     bytea NOT NULL,
  audience bytea NOT NULL REFERENCES audience (id),
  due      bigint NOT NULL,
  PRIMARY KEY (file, audience)
);
CREATE INDEX timer_due ON timer (due);

-- Who may read what. Names are sealed; ids are random.
CREATE TABLE compartment (
  id   bytea PRIMARY KEY CHECK (length(id) = 16),
  code bytea NOT NULL UNIQUE,
  name bytea NOT NULL
);

CREATE TABLE audience_part (
  audience    bytea NOT NULL REFERENCES audience (id),
  compartment bytea NOT NULL REFERENCES compartment (id),
  PRIMARY KEY (audience, compartment)
);

CREATE TABLE mandate (
  id          bytea    PRIMARY KEY CHECK (length(id) = 16),
  person      bytea    NOT NULL,
  role        text    NOT NULL,
  institution text    NOT NULL,
  seat        text    NOT NULL,
  starts      bigint NOT NULL,
  ends        bigint NOT NULL
);

CREATE TABLE mandate_part (
  mandate     bytea NOT NULL REFERENCES mandate (id),
  compartment bytea NOT NULL REFERENCES compartment (id),
  PRIMARY KEY (mandate, compartment)
);

CREATE TABLE may (
  mandate  bytea NOT NULL REFERENCES mandate (id),
  audience bytea NOT NULL REFERENCES audience (id),
  PRIMARY KEY (mandate, audience)
);
CREATE INDEX may_audience ON may (audience);

-- Doors to the console: codes and sessions are kept as keyed hashes only.
CREATE TABLE invite (
  code    bytea    PRIMARY KEY,
  mandate bytea    NOT NULL REFERENCES mandate (id),
  expires bigint NOT NULL
);

CREATE TABLE session (
  token   bytea    PRIMARY KEY,
  mandate bytea    NOT NULL REFERENCES mandate (id),
  expires bigint NOT NULL
);

-- Read models of the desks; rebuildable from acts.
CREATE TABLE notice (
  file     bytea    PRIMARY KEY,
  act      bytea    NOT NULL,
  audience bytea    NOT NULL REFERENCES audience (id),
  received bigint NOT NULL,
  stage    text    NOT NULL,
  since    bigint NOT NULL,
  code     bytea    NOT NULL UNIQUE
);

CREATE TABLE exhibit (
  id       bytea    PRIMARY KEY,
  file     bytea    NOT NULL,
  audience bytea    NOT NULL REFERENCES audience (id),
  key      bytea    NOT NULL,
  sealed   bytea    NOT NULL
);
CREATE INDEX exhibit_file ON exhibit (file);
