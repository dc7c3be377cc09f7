-- Read models of the desks, rebuildable from acts, and the outbox.
ALTER TABLE notice ADD COLUMN outside   bigint NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN danger    bigint NOT NULL DEFAULT 0;
ALTER TABLE notice ADD COLUMN situation text    NOT NULL DEFAULT '';
CREATE INDEX notice_outside ON notice (situation) WHERE outside = 1;

ALTER TABLE exhibit ADD COLUMN act      bytea;
ALTER TABLE exhibit ADD COLUMN media    text    NOT NULL DEFAULT '';
ALTER TABLE exhibit ADD COLUMN picture  bigint NOT NULL DEFAULT 0;
ALTER TABLE exhibit ADD COLUMN withheld bigint NOT NULL DEFAULT 0;

-- One line a file: what officers list and open.
CREATE TABLE docket (
  file     bytea    PRIMARY KEY,
  sort     text    NOT NULL,
  audience bytea    NOT NULL REFERENCES audience (id),
  act      bytea    NOT NULL, -- the first of the file
  opened   bigint NOT NULL,
  kind     text    NOT NULL, -- of the newest act that a step made
  since    bigint NOT NULL,
  code     text    NOT NULL, -- the situation, or another word that tells files of a sort apart
  platform bytea,
  open     bigint NOT NULL
);
CREATE INDEX docket_waiting ON docket (audience, sort, since, file) WHERE open = 1;
CREATE INDEX docket_platform ON docket (platform, opened) WHERE platform IS NOT NULL;

CREATE INDEX timer_audience ON timer (audience, due, file);

-- What ran out and is still to be done: a timer tells of clocks that run, and is gone once the lapse is recorded.
CREATE TABLE overdue (
  file     bytea   NOT NULL,
  run      bytea   NOT NULL,
  lapse    text    NOT NULL,
  audience bytea   NOT NULL REFERENCES audience (id),
  due      bigint  NOT NULL,
  PRIMARY KEY (file, run, lapse)
);
CREATE INDEX overdue_audience ON overdue (audience, due, file);

CREATE TABLE platform (
  file           bytea    PRIMARY KEY,
  act            bytea    NOT NULL, -- that enrolled it: its body holds names
  name           bytea    NOT NULL UNIQUE, -- SHA-256 of its name, folded: no two platforms of one name
  enrolled       bigint NOT NULL,
  users          bigint NOT NULL DEFAULT -1, -- nobody counted them
  minors         bigint,
  metric         text    NOT NULL DEFAULT '',
  age_scope      text    NOT NULL DEFAULT '',
  measured       text    NOT NULL DEFAULT '',
  measure        bytea, -- the acts that say the rest
  contest        bytea,
  representative bytea,
  agreement      bytea,
  agreed_from    text    NOT NULL DEFAULT '',
  agreed_to      text    NOT NULL DEFAULT '',
  represented    bigint NOT NULL DEFAULT 0
);
CREATE INDEX platform_users ON platform (users, file);

CREATE TABLE alert (
  file      bytea    PRIMARY KEY,
  act       bytea    NOT NULL,
  source    text    NOT NULL,
  situation text    NOT NULL,
  published text    NOT NULL, -- a day, a month, or nothing
  sum       bytea    NOT NULL, -- of its text
  imported  bigint NOT NULL,
  repeats   bytea,             -- the alert that told the same story first
  dropped   bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX alert_sum ON alert (sum); -- a text counts once
CREATE INDEX alert_published ON alert (published, file);

CREATE TABLE alert_platform (
  platform bytea NOT NULL,
  alert    bytea NOT NULL,
  act      bytea NOT NULL, -- that tied them
  PRIMARY KEY (platform, alert)
);
CREATE INDEX alert_platform_alert ON alert_platform (alert);

CREATE TABLE request (
  run       bytea    PRIMARY KEY,
  file      bytea    NOT NULL,
  audience  bytea    NOT NULL REFERENCES audience (id),
  platform  bytea,
  made      bigint NOT NULL,
  stage     text    NOT NULL,
  since     bigint NOT NULL,
  urgent    bigint NOT NULL DEFAULT 0,
  served    bigint,
  answered  bigint,
  answer    text    NOT NULL DEFAULT '',
  lapsed    bigint NOT NULL DEFAULT 0,
  failed    bigint NOT NULL DEFAULT 0
);
CREATE INDEX request_platform ON request (platform, made);
CREATE INDEX request_file ON request (file);

CREATE TABLE measure (
  act      bytea    PRIMARY KEY,
  file     bytea    NOT NULL,
  run      bytea    NOT NULL,
  audience bytea    NOT NULL REFERENCES audience (id),
  platform bytea,
  rung     text    NOT NULL,
  decided  bigint NOT NULL,
  amount   bigint,
  paid     bigint NOT NULL DEFAULT 0,
  expires  text    NOT NULL DEFAULT '',
  state    text    NOT NULL
);
CREATE INDEX measure_platform ON measure (platform, decided);
CREATE INDEX measure_run ON measure (run);

-- Versions of one entry share its root, the first; the root says how it stands now.
CREATE TABLE entry (
  act      bytea    PRIMARY KEY,
  number   bigint NOT NULL UNIQUE,
  code     text    NOT NULL,
  platform bytea,
  state    text    NOT NULL,
  decided  text    NOT NULL,
  entered  bigint NOT NULL,
  source   bytea    NOT NULL, -- the file in which it was published
  root     bytea    NOT NULL,
  amends   bytea,
  newest   bytea    NOT NULL,
  standing text    NOT NULL,
  moved    bigint NOT NULL
);
CREATE INDEX entry_list ON entry (number) WHERE amends IS NULL;
CREATE INDEX entry_platform ON entry (platform, number) WHERE amends IS NULL;
CREATE INDEX entry_root ON entry (root, number);
CREATE INDEX entry_source ON entry (source, number);

-- The register's one file, and how it was handed out.
CREATE TABLE register (
  file   bytea    PRIMARY KEY,
  opened bigint NOT NULL
);

CREATE TABLE dump (
  number  bigint PRIMARY KEY,
  act     bytea    NOT NULL,
  entries bigint NOT NULL,
  head    bytea    NOT NULL,
  sum     bytea    NOT NULL,
  made    bigint NOT NULL
);

-- Who is to be told that something is due. Nothing here says what: no file, no kind, no act.
CREATE TABLE outbox (
  id        bytea    PRIMARY KEY CHECK (length(id) = 16),
  mandate   bytea    NOT NULL REFERENCES mandate (id),
  made      bigint NOT NULL, -- process time, in microseconds, as all below
  due       bigint NOT NULL, -- when it is tried next; moved ahead by whoever leases it
  tries     bigint NOT NULL, -- also the token of a lease
  depth     bigint NOT NULL, -- how many were told before in vain
  sent      bigint,          -- NULL until the mail server took it
  seen      bigint,          -- NULL until the person opened the console
  escalated bigint           -- NULL until it was handed on to the next mandate
);
CREATE UNIQUE INDEX outbox_open ON outbox (mandate) WHERE seen IS NULL AND escalated IS NULL;
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
