-- Every version of a protocol that a run was ever under, so that a start need not read all states to know what the law must hold.
CREATE TABLE version (
  protocol text   NOT NULL,
  version  bigint NOT NULL,
  PRIMARY KEY (protocol, version)
);
-- Version 0 of nothing: the files that were there before are not listed yet. The next start does it.
INSERT INTO version (protocol, version) SELECT '', 0 WHERE EXISTS (SELECT 1 FROM state);
