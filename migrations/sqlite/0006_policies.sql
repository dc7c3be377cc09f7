-- Under which policies `may` was decided: where a server comes with others, it decides anew.
CREATE TABLE policies (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  digest BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;
