-- By which act a failure to answer was told to whoever may lead a proceeding on it, and who reads that act.
ALTER TABLE request ADD COLUMN report_act bytea;
ALTER TABLE request ADD COLUMN told bytea REFERENCES audience (id);
