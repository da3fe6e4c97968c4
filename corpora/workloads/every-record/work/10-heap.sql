-- Rows: inserted, changed in place and elsewhere, locked, removed, copied in by many.
INSERT INTO every.heap SELECT i, i % 50, md5(i::text) FROM generate_series(100001, 100000 + every.many(2000)) AS i;
UPDATE every.heap SET body = body || ' moved to another page' WHERE id % 9 = 1;
DELETE FROM every.heap WHERE id % 11 = 2;

-- Updates that touch no index; the chains are pruned by who comes by.
CREATE TABLE every.hot (id int PRIMARY KEY, value int NOT NULL, note text) WITH (fillfactor = 50);
INSERT INTO every.hot SELECT i, 0, repeat('h', 50) FROM generate_series(1, every.many(500)) AS i;
DO $do$
BEGIN
  FOR round IN 1..12 LOOP
    UPDATE every.hot SET value = value + 1 WHERE id % 3 = round % 3;
    COMMIT;
  END LOOP;
END
$do$;

-- Inserted speculatively, then confirmed or given up.
INSERT INTO every.heap SELECT i, 0, 'upsert ' || i FROM generate_series(200001, 200100) AS i ON CONFLICT (id) DO NOTHING;
INSERT INTO every.heap SELECT i, 0, 'upsert ' || i FROM generate_series(200051, 200150) AS i
ON CONFLICT (id) DO UPDATE SET body = excluded.body || ' again';

-- Many rows by one record, into old pages and into new ones.
COPY (SELECT id, grp, body FROM every.heap ORDER BY id LIMIT 3000) TO '/tmp/rows.txt';
CREATE TABLE every.copied (id int, grp int, body text);
COPY every.copied FROM '/tmp/rows.txt';
COPY every.copied FROM '/tmp/rows.txt';
BEGIN;
CREATE TABLE every.copied_frozen (id int, grp int, body text);
COPY every.copied_frozen FROM '/tmp/rows.txt' (FREEZE);
COMMIT;
INSERT INTO every.copied (id) VALUES (1), (2), (3);

-- Row locks, and those on rows that somebody not yet done has changed.
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM every.heap WHERE id % 13 = 0 FOR UPDATE) AS locked;
SELECT count(*) FROM (SELECT 1 FROM every.heap WHERE id % 13 = 1 FOR KEY SHARE) AS locked;
COMMIT;
BEGIN;
UPDATE every.hot SET note = 'in doubt' WHERE id <= 40;
UPDATE every.heap SET body = 'in doubt ' || id WHERE id <= 40;
PREPARE TRANSACTION 'in doubt';
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM every.hot WHERE id <= 40 FOR KEY SHARE) AS locked;
SELECT count(*) FROM (SELECT 1 FROM every.heap WHERE id <= 40 FOR KEY SHARE) AS locked;
COMMIT;
COMMIT PREPARED 'in doubt';

-- TOAST.
CREATE TABLE every.document (id int PRIMARY KEY, body text, raw text);
ALTER TABLE every.document ALTER COLUMN raw SET STORAGE EXTERNAL;
INSERT INTO every.document
SELECT i, (SELECT string_agg(md5(i || '/' || j), ' ') FROM generate_series(1, 100) AS j), repeat(md5(i::text), 200)
FROM generate_series(1, 60) AS i;
UPDATE every.document SET raw = repeat(md5('new' || id), 150) WHERE id % 2 = 0;
DELETE FROM every.document WHERE id % 3 = 0;

-- Vacuum: line pointers, visibility, freezing, and a tail that is cut off.
VACUUM every.heap;
VACUUM (FREEZE) every.hot;
VACUUM every.document;
UPDATE every.hot SET note = 'thawed' WHERE id % 20 = 0;
DELETE FROM every.copied WHERE id IS NOT NULL AND ctid >= '(20,1)';
VACUUM (TRUNCATE ON) every.copied;
INSERT INTO every.copied SELECT i, 0, 'grown again' FROM generate_series(1, every.many(2000)) AS i;

-- Partitions: rows move between them.
CREATE TABLE every.parted (id int NOT NULL, body text) PARTITION BY RANGE (id);
CREATE TABLE every.parted_low PARTITION OF every.parted FOR VALUES FROM (0) TO (1000);
CREATE TABLE every.parted_high PARTITION OF every.parted FOR VALUES FROM (1000) TO (2000);
CREATE INDEX parted_id ON every.parted (id);
INSERT INTO every.parted SELECT i, md5(i::text) FROM generate_series(0, -1 + every.many(2000)) AS i;
UPDATE every.parted SET id = (id + 1000) % 2000 WHERE id % 5 = 0;
ALTER TABLE every.parted DETACH PARTITION every.parted_low;
