-- Growth by splits.
INSERT INTO every.placed
SELECT i, every.place(i) FROM generate_series(1001, 1000 + every.many(4000)) AS i;

-- Entries that a scan found dead make room in a full page.
CREATE TABLE every.place_dead (id int, place point NOT NULL);
CREATE INDEX place_dead_place ON every.place_dead USING gist (place);
INSERT INTO every.place_dead SELECT i, every.place(i) FROM generate_series(1, every.many(2000)) AS i;
DELETE FROM every.place_dead WHERE id % 2 = 0;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT id FROM every.place_dead WHERE place <@ box '((-1,-1),(200000,200000))' OFFSET 0) AS scanned;
DO $do$
BEGIN
  -- Redo of this notes on the page that entries went, the primary does not: recovery would stop at the server's own check.
  IF current_setting('wal_consistency_checking') = '' THEN
    INSERT INTO every.place_dead
    SELECT i, every.place(i) FROM generate_series(3001, 3000 + every.many(1500)) AS i;
  END IF;
END
$do$;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Empty leaves are deleted and, later, used again.
DELETE FROM every.placed WHERE place[0] < 90000;
VACUUM (INDEX_CLEANUP ON) every.placed;
SELECT pg_current_xact_id();
SELECT pg_current_xact_id();
VACUUM (INDEX_CLEANUP ON) every.placed;
INSERT INTO every.placed
SELECT i, every.place(i) FROM generate_series(6001, 6000 + every.many(3000)) AS i;
