-- A catalog of the user's own, rewritten while a logical slot wants to know where its rows went.
SELECT pg_create_logical_replication_slot('every', 'pgoutput');
CREATE TABLE every.catalog (id int PRIMARY KEY, body text) WITH (user_catalog_table = true);
INSERT INTO every.catalog SELECT i, md5(i::text) FROM generate_series(1, every.many(300)) AS i;
UPDATE every.catalog SET body = body || ' changed' WHERE id % 3 = 0;
DELETE FROM every.catalog WHERE id % 10 = 0;
VACUUM FULL every.catalog;
TRUNCATE every.catalog;
SELECT pg_drop_replication_slot('every');

-- Whole old rows in the WAL.
ALTER TABLE every.shared REPLICA IDENTITY FULL;
UPDATE every.shared SET value = 2 WHERE id % 20 = 0;
DELETE FROM every.shared WHERE id % 20 = 1;
