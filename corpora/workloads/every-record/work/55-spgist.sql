-- Growth: leaves are added, moved and split; words share prefixes, break them, and add letters to inner tuples.
INSERT INTO every.spaced
SELECT i, point(every.pick('x' || i, 1000000), every.pick('y' || i, 1000000)), md5(i::text)
FROM generate_series(1001, 1000 + every.many(3000)) AS i;
INSERT INTO every.spaced
SELECT i, point(1, i), repeat('prefix', 20) || chr(97 + i % 26) || md5(i::text)
FROM generate_series(4001, 4000 + every.many(1500)) AS i;
INSERT INTO every.spaced
SELECT i, point(i, -i), repeat('prefix', i % 20) || chr(65 + i % 26) || md5(i::text)
FROM generate_series(5501, 5500 + every.many(1000)) AS i;
INSERT INTO every.spaced SELECT i, point(-i, i), chr(200 + i % 600) || i FROM generate_series(7001, 7000 + every.many(1500)) AS i;

-- What moved away left redirections; vacuum turns them into free room.
DELETE FROM every.spaced WHERE id % 3 = 0;
VACUUM (INDEX_CLEANUP ON) every.spaced;
SELECT pg_current_xact_id();
DELETE FROM every.spaced WHERE id % 3 = 1;
VACUUM (INDEX_CLEANUP ON) every.spaced;
INSERT INTO every.spaced
SELECT i, point(every.pick('X' || i, 1000000), every.pick('Y' || i, 1000000)), md5('again' || i)
FROM generate_series(9001, 9000 + every.many(1500)) AS i;

-- A tree whose root is a leaf.
CREATE TABLE every.sapling (id int, place point NOT NULL);
CREATE INDEX sapling_place ON every.sapling USING spgist (place);
INSERT INTO every.sapling SELECT i, point(i, i) FROM generate_series(1, 40) AS i;
DELETE FROM every.sapling WHERE id % 2 = 0;
VACUUM (INDEX_CLEANUP ON) every.sapling;
