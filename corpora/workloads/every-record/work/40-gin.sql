-- Entries split, a posting list grows into a tree, the tree's leaves are split.
INSERT INTO every.listed SELECT i, ARRAY[1, 10 + i % 200, 1000 + i] FROM generate_series(10001, 10000 + every.many(18000)) AS i;

INSERT INTO every.listed SELECT i, ARRAY[77777] FROM generate_series(29001, 29000 + every.many(4000)) AS i;

-- Vacuum thins out entries and leaves of the tree, and deletes leaves that became empty.
DELETE FROM every.listed WHERE id BETWEEN 12000 AND 25000 OR id % 5 = 0;
VACUUM (INDEX_CLEANUP ON) every.listed;
SELECT pg_current_xact_id();
VACUUM (INDEX_CLEANUP ON) every.listed;
INSERT INTO every.listed SELECT i, ARRAY[1, i % 10] FROM generate_series(34001, 34000 + every.many(3000)) AS i;

-- The pending list: rows of a few words, and one that fills pages by itself; then it is worked off.
INSERT INTO every.pending SELECT i, ARRAY[i, i + 1, i % 7] FROM generate_series(1001, 1000 + every.many(200)) AS i;
INSERT INTO every.pending SELECT 2000, array_agg(i) FROM generate_series(1, every.many(3000)) AS i;
INSERT INTO every.pending SELECT 2001, array_agg(i) FROM generate_series(2000, 1999 + every.many(2001)) AS i;
SELECT gin_clean_pending_list('every.pending_tags') > 0;
INSERT INTO every.pending SELECT i, ARRAY[i, i % 7] FROM generate_series(3001, 3000 + every.many(300)) AS i;
DELETE FROM every.pending WHERE id % 2 = 0;
VACUUM (INDEX_CLEANUP ON) every.pending;
INSERT INTO every.pending SELECT i, ARRAY[i] FROM generate_series(4001, 4020) AS i;
