-- Growth: buckets are split, overflow pages are added, the old halves cleaned up.
INSERT INTO every.hashed SELECT i, i FROM generate_series(501, 500 + every.many(5500)) AS i;
INSERT INTO every.hashed SELECT i, 7 FROM generate_series(10001, 10000 + every.many(2500)) AS i;
INSERT INTO every.hashed SELECT i, i % 3 FROM generate_series(20001, 20000 + every.many(3000)) AS i;
INSERT INTO every.hashed SELECT i, i FROM generate_series(30001, 30000 + every.many(8000)) AS i;

-- Overflow chains thinned out are squeezed together, page by page.
DELETE FROM every.hashed WHERE id % 3 <> 0;
VACUUM (INDEX_CLEANUP ON) every.hashed;
DELETE FROM every.hashed WHERE key IN (0, 1, 7);
VACUUM (INDEX_CLEANUP ON) every.hashed;

-- Entries that a scan found dead make room in a full page.
CREATE TABLE every.hash_dead (id int, key int NOT NULL);
CREATE INDEX hash_dead_key ON every.hash_dead USING hash (key);
INSERT INTO every.hash_dead SELECT i, 5 FROM generate_series(1, 700) AS i;
DELETE FROM every.hash_dead WHERE id <= 500;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT id FROM every.hash_dead WHERE key = 5 OFFSET 0) AS scanned;
INSERT INTO every.hash_dead SELECT i, 5 FROM generate_series(1001, 1100) AS i;
RESET enable_seqscan;
RESET enable_bitmapscan;
