-- Tables in a tablespace of their own, inside of the data directory, and back. Early minors of 14 cannot do that.
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE elsewhere LOCATION '';
CREATE TABLE every.away (id int PRIMARY KEY, body text) TABLESPACE elsewhere;
INSERT INTO every.away SELECT i, md5(i::text) FROM generate_series(1, every.many(1000)) AS i;
ALTER TABLE every.emptied SET TABLESPACE elsewhere;
UPDATE every.emptied SET id = -id WHERE id % 4 = 0;
VACUUM every.emptied;
ALTER TABLE every.emptied SET TABLESPACE pg_default;
DROP TABLE every.away;
DROP TABLESPACE elsewhere;
RESET allow_in_place_tablespaces;
