-- Read models of the desks, rebuildable from acts, and the outbox.
ALTER TABLE notice ADD COLUMN outside   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN danger    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN situation TEXT    NOT NULL DEFAULT '';
CREATE INDEX notice_outside ON notice (situation) WHERE outside = 1;

ALTER TABLE exhibit ADD COLUMN act      BLOB;
ALTER TABLE exhibit ADD COLUMN media    TEXT    NOT NULL DEFAULT '';
ALTER TABLE exhibit ADD COLUMN picture  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exhibit ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;

-- One line a file: what officers list and open.
CREATE TABLE docket (
  file     BLOB    PRIMARY KEY,
  sort     TEXT    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id),
  act      BLOB    NOT NULL, -- the first of the file
  opened   INTEGER NOT NULL,
  kind     TEXT    NOT NULL, -- of the newest act that a step made
  since    INTEGER NOT NULL,
  code     TEXT    NOT NULL, -- the situation, or another word that tells files of a sort apart
  platform BLOB,
  open     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX docket_waiting ON docket (audience, sort, since, file) WHERE open = 1;
CREATE INDEX docket_platform ON docket (platform, opened) WHERE platform IS NOT NULL;

CREATE INDEX timer_audience ON timer (audience, due, file);

-- What ran out and is still to be done: a timer tells of clocks that run, and is gone once the lapse is recorded.
CREATE TABLE overdue (
  file     BLOB    NOT NULL,
  run      BLOB    NOT NULL,
  lapse    TEXT    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id),
  due      INTEGER NOT NULL,
  PRIMARY KEY (file, run, lapse)
) STRICT, WITHOUT ROWID;
CREATE INDEX overdue_audience ON overdue (audience, due, file);

CREATE TABLE platform (
  file           BLOB    PRIMARY KEY,
  act            BLOB    NOT NULL, -- that enrolled it: its body holds names
  name           BLOB    NOT NULL UNIQUE, -- SHA-256 of its name, folded: no two platforms of one name
  enrolled       INTEGER NOT NULL,
  users          INTEGER NOT NULL DEFAULT -1, -- nobody counted them
  minors         INTEGER,
  metric         TEXT    NOT NULL DEFAULT '',
  age_scope      TEXT    NOT NULL DEFAULT '',
  measured       TEXT    NOT NULL DEFAULT '',
  measure        BLOB, -- the acts that say the rest
  contest        BLOB,
  representative BLOB,
  agreement      BLOB,
  agreed_from    TEXT    NOT NULL DEFAULT '',
  agreed_to      TEXT    NOT NULL DEFAULT '',
  represented    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX platform_users ON platform (users, file);

CREATE TABLE alert (
  file      BLOB    PRIMARY KEY,
  act       BLOB    NOT NULL,
  source    TEXT    NOT NULL,
  situation TEXT    NOT NULL,
  published TEXT    NOT NULL, -- a day, a month, or nothing
  sum       BLOB    NOT NULL, -- of its text
  imported  INTEGER NOT NULL,
  repeats   BLOB,             -- the alert that told the same story first
  dropped   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alert_sum ON alert (sum); -- a text counts once
CREATE INDEX alert_published ON alert (published, file);

CREATE TABLE alert_platform (
  platform BLOB NOT NULL,
  alert    BLOB NOT NULL,
  act      BLOB NOT NULL, -- that tied them
  PRIMARY KEY (platform, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_platform_alert ON alert_platform (alert);

CREATE TABLE request (
  run       BLOB    PRIMARY KEY,
  file      BLOB    NOT NULL,
  audience  BLOB    NOT NULL REFERENCES audience (id),
  platform  BLOB,
  made      INTEGER NOT NULL,
  stage     TEXT    NOT NULL,
  since     INTEGER NOT NULL,
  urgent    INTEGER NOT NULL DEFAULT 0,
  served    INTEGER,
  answered  INTEGER,
  answer    TEXT    NOT NULL DEFAULT '',
  lapsed    INTEGER NOT NULL DEFAULT 0,
  failed    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX request_platform ON request (platform, made);
CREATE INDEX request_file ON request (file);

CREATE TABLE measure (
  act      BLOB    PRIMARY KEY,
  file     BLOB    NOT NULL,
  run      BLOB    NOT NULL,
  audience BLOB    NOT NULL REFERENCES audience (id),
  platform BLOB,
  rung     TEXT    NOT NULL,
  decided  INTEGER NOT NULL,
  amount   INTEGER,
  paid     INTEGER NOT NULL DEFAULT 0,
  expires  TEXT    NOT NULL DEFAULT '',
  state    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX measure_platform ON measure (platform, decided);
CREATE INDEX measure_run ON measure (run);

-- Versions of one entry share its root, the first; the root says how it stands now.
CREATE TABLE entry (
  act      BLOB    PRIMARY KEY,
  number   INTEGER NOT NULL UNIQUE,
  code     TEXT    NOT NULL,
  platform BLOB,
  state    TEXT    NOT NULL,
  decided  TEXT    NOT NULL,
  entered  INTEGER NOT NULL,
  source   BLOB    NOT NULL, -- the file in which it was published
  root     BLOB    NOT NULL,
  amends   BLOB,
  newest   BLOB    NOT NULL,
  standing TEXT    NOT NULL,
  moved    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_list ON entry (number) WHERE amends IS NULL;
CREATE INDEX entry_platform ON entry (platform, number) WHERE amends IS NULL;
CREATE INDEX entry_root ON entry (root, number);
CREATE INDEX entry_source ON entry (source, number);

-- The register's one file, and how it was handed out.
CREATE TABLE register (
  file   BLOB    PRIMARY KEY,
  opened INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dump (
  number  INTEGER PRIMARY KEY,
  act     BLOB    NOT NULL,
  entries INTEGER NOT NULL,
  head    BLOB    NOT NULL,
  sum     BLOB    NOT NULL,
  made    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who is to be told that something is due. Nothing here says what: no file, no kind, no act.
CREATE TABLE outbox (
  id        BLOB    PRIMARY KEY CHECK (length(id) = 16),
  mandate   BLOB    NOT NULL REFERENCES mandate (id),
  made      INTEGER NOT NULL, -- process time, in microseconds, as all below
  due       INTEGER NOT NULL, -- when it is tried next; moved ahead by whoever leases it
  tries     INTEGER NOT NULL, -- also the token of a lease
  depth     INTEGER NOT NULL, -- how many were told before in vain
  sent      INTEGER,          -- NULL until the mail server took it
  seen      INTEGER,          -- NULL until the person opened the console
  escalated INTEGER           -- NULL until it was handed on to the next mandate
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_open ON outbox (mandate) WHERE seen IS NULL AND escalated IS NULL;
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
