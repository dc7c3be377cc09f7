-- Every version of a protocol that a run was ever under, so that a start need not read all states to know what the law must hold.
CREATE TABLE version (
  protocol TEXT    NOT NULL,
  version  INTEGER NOT NULL,
  PRIMARY KEY (protocol, version)
) STRICT, WITHOUT ROWID;
-- Version 0 of nothing: the files that were there before are not listed yet. The next start does it.
INSERT INTO version (protocol, version) SELECT '', 0 WHERE EXISTS (SELECT 1 FROM state);
