-- Leaves that hold the same key many times: posting lists form, are split and are vacuumed.
CREATE TABLE every.dup (id int, key int NOT NULL);
CREATE INDEX dup_key ON every.dup (key);
INSERT INTO every.dup SELECT i, i % 10 FROM generate_series(1, every.many(8000)) AS i;
DELETE FROM every.dup WHERE id % 4 = 1;
VACUUM (INDEX_CLEANUP ON) every.dup;
INSERT INTO every.dup SELECT i, i % 10 FROM generate_series(8001, 8000 + every.many(4000)) AS i;

-- Splits on both sides: descending, then in the middle.
CREATE TABLE every.split (key text PRIMARY KEY);
INSERT INTO every.split SELECT lpad(i::text, 60, '0') FROM generate_series(every.many(4000), 1, -2) AS i;
INSERT INTO every.split SELECT lpad(i::text, 60, '0') FROM generate_series(1, every.many(4000), 2) AS i;

-- Entries that a scan found dead go when their page is full; so do old versions, bottom up.
CREATE TABLE every.dead (id int PRIMARY KEY, value int NOT NULL, note text);
CREATE INDEX dead_value ON every.dead (value);
INSERT INTO every.dead SELECT i, i, repeat('d', 20) FROM generate_series(1, 600) AS i;
DELETE FROM every.dead WHERE id BETWEEN 100 AND 300;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT note FROM every.dead WHERE id BETWEEN 90 AND 310 OFFSET 0) AS scanned;
INSERT INTO every.dead SELECT i, i, 'again' FROM generate_series(100, 300) AS i;
DO $do$
BEGIN
  FOR round IN 1..every.many(30) LOOP
    UPDATE every.dead SET value = value + 1000 WHERE id BETWEEN 400 AND 500;
    COMMIT;
  END LOOP;
END
$do$;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- A high tree loses all but its last leaf, and the fast root with it; then that leaf is split.
INSERT INTO every.tall SELECT lpad(i::text, 2400, '0') FROM generate_series(1, 250) AS i;
DELETE FROM every.tall WHERE key < lpad('249', 2400, '0');
VACUUM (INDEX_CLEANUP ON) every.tall;
SELECT pg_current_xact_id();
INSERT INTO every.tall SELECT lpad((1000 + i)::text, 2400, '0') FROM generate_series(1, 10) AS i;

-- Pages emptied in the middle are unlinked, and used again once no one can be on the way to them.
CREATE TABLE every.emptied (id int PRIMARY KEY);
INSERT INTO every.emptied SELECT generate_series(1, 1000 + every.many(5000));
DELETE FROM every.emptied WHERE id BETWEEN 450 AND every.many(5000) + 450;
VACUUM (INDEX_CLEANUP ON) every.emptied;
SELECT pg_current_xact_id();
SELECT pg_current_xact_id();
VACUUM (INDEX_CLEANUP ON) every.emptied;
INSERT INTO every.emptied SELECT generate_series(10000, 9999 + every.many(3001));
