-- An access method that is no part of the server: its pages go through generic records.
INSERT INTO every.bloomed SELECT i, i % 100, md5(i::text) FROM generate_series(1001, 1000 + every.many(3000)) AS i;
DELETE FROM every.bloomed WHERE id % 3 = 0;
VACUUM (INDEX_CLEANUP ON) every.bloomed;
INSERT INTO every.bloomed SELECT i, i % 100, md5(i::text) FROM generate_series(5001, 5000 + every.many(500)) AS i;

-- Sequences.
SELECT count(nextval('every.counter')) FROM generate_series(1, every.many(200));
SELECT setval('every.counter', 5000);
CREATE SEQUENCE every.stepping INCREMENT 7 CACHE 5;
SELECT count(nextval('every.stepping')) FROM generate_series(1, 100);
ALTER SEQUENCE every.stepping RESTART WITH 11;

-- Relations without WAL: only their init forks are in it, one for each access method.
CREATE UNLOGGED TABLE every.unlogged (
  id int PRIMARY KEY,
  tags int[],
  place point,
  word text
);
CREATE INDEX unlogged_hash ON every.unlogged USING hash (id);
CREATE INDEX unlogged_gin ON every.unlogged USING gin (tags);
CREATE INDEX unlogged_gist ON every.unlogged USING gist (place);
CREATE INDEX unlogged_spgist ON every.unlogged USING spgist (word);
CREATE INDEX unlogged_brin ON every.unlogged USING brin (id);
CREATE INDEX unlogged_bloom ON every.unlogged USING bloom (id, word);
INSERT INTO every.unlogged SELECT i, ARRAY[i], point(i, i), i::text FROM generate_series(1, every.many(500)) AS i;
CREATE UNLOGGED TABLE every.turned AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, every.many(2000)) AS i;
CREATE INDEX turned_body ON every.turned (body);
ALTER TABLE every.turned SET LOGGED;
UPDATE every.turned SET body = 'logged' WHERE id % 10 = 0;
ALTER TABLE every.hash_dead SET UNLOGGED;
