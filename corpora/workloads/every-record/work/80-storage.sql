-- Storage that goes away, is made anew, or is moved.
TRUNCATE every.prepared;
INSERT INTO every.prepared SELECT generate_series(1, 100);
DROP TABLE every.copied;
REINDEX TABLE every.heap;
CLUSTER every.heap USING heap_body;
VACUUM FULL pg_class;
VACUUM FULL every.dup;
ALTER TABLE every.split ADD COLUMN more int DEFAULT 1 + every.pick('more', 5);
BEGIN;
CREATE TABLE every.short_lived AS SELECT i AS id FROM generate_series(1, 2000) AS i;
TRUNCATE every.short_lived;
INSERT INTO every.short_lived VALUES (1);
COMMIT;

CREATE TABLESPACE elsewhere LOCATION '';
CREATE TABLE every.away (id int PRIMARY KEY, body text) TABLESPACE elsewhere;
INSERT INTO every.away SELECT i, md5(i::text) FROM generate_series(1, 1000) AS i;
ALTER TABLE every.emptied SET TABLESPACE elsewhere;
UPDATE every.emptied SET id = -id WHERE id % 4 = 0;
VACUUM every.emptied;
ALTER TABLE every.emptied SET TABLESPACE pg_default;
DROP TABLE every.away;
DROP TABLESPACE elsewhere;
