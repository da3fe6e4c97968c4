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
CREATE TABLE every.short_lived AS SELECT i AS id FROM generate_series(1, every.many(2000)) AS i;
TRUNCATE every.short_lived;
INSERT INTO every.short_lived VALUES (1);
COMMIT;

DROP DATABASE obsolete;
