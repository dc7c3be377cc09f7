-- Under which policies `may` was decided: where a server comes with others, it decides anew.
CREATE TABLE policies (
  id     bigint PRIMARY KEY CHECK (id = 1),
  digest bytea  NOT NULL CHECK (length(digest) = 32)
);
