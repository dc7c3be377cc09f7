-- Files that are kept for the sake of another, with the retention class of what that one cites: a notice lasts as long as the case
-- that was made of it.
CREATE TABLE kept (
  file  bytea NOT NULL,
  class text NOT NULL,
  sake  bytea NOT NULL,
  PRIMARY KEY (file, class, sake)
);
-- A row of nothing: what older acts cite is not listed yet. Retention does it before it erases anything.
INSERT INTO kept (file, class, sake) SELECT ''::bytea, '', ''::bytea WHERE EXISTS (SELECT 1 FROM state);
