-- Makes the server write records of every resource manager that unmodified SQL reaches; for comparing readers, not for
-- judging bundles. Deterministic, a few seconds.

CREATE TABLE plain (id int PRIMARY KEY, body text);
INSERT INTO plain SELECT n, md5(n::text) FROM generate_series(1, 8000) n;
CREATE INDEX plain_body ON plain (body);
CREATE INDEX plain_duplicates ON plain ((id % 5));
CREATE INDEX plain_hash ON plain USING hash (body);
CREATE INDEX plain_brin ON plain USING brin (id) WITH (pages_per_range = 4);
CREATE TABLE rich (id serial, list int[], place point, word text, span int4range);
CREATE INDEX rich_gin ON rich USING gin (list);
CREATE INDEX rich_gist ON rich USING gist (place);
CREATE INDEX rich_spgist ON rich USING spgist (word);
INSERT INTO rich (list, place, word, span)
  SELECT ARRAY[n % 100, n % 7], point(n % 333, n % 77), md5((n * 7)::text), int4range(n, n + 10)
  FROM generate_series(1, 4000) n;
UPDATE plain SET body = body || 'x' WHERE id % 5 = 0;
UPDATE plain SET body = body WHERE id % 7 = 0;
DELETE FROM plain WHERE id BETWEEN 1000 AND 5000;
DELETE FROM rich WHERE id % 3 = 0;
VACUUM plain;
VACUUM rich;
INSERT INTO plain SELECT n, md5(n::text) FROM generate_series(1000, 4000) n;
SELECT count(*) FROM (SELECT * FROM plain WHERE id < 100 FOR UPDATE) locked;
CREATE TABLE posted (list int[]);
CREATE INDEX posted_gin ON posted USING gin (list);
INSERT INTO posted SELECT ARRAY[1, n % 3] FROM generate_series(1, 20000) n;
DELETE FROM posted WHERE list[2] = 0;
VACUUM posted;
SELECT brin_summarize_new_values('plain_brin');
SELECT brin_desummarize_range('plain_brin', 0);

BEGIN;
INSERT INTO plain VALUES (-1, 'kept');
SAVEPOINT one;
INSERT INTO plain VALUES (-2, 'lost');
ROLLBACK TO one;
COMMIT;

BEGIN;
CREATE TABLE prepared (x int);
INSERT INTO prepared VALUES (1);
PREPARE TRANSACTION 'kept';
COMMIT PREPARED 'kept';
BEGIN;
CREATE TABLE never (x int);
INSERT INTO never VALUES (1);
PREPARE TRANSACTION 'lost';
ROLLBACK PREPARED 'lost';

CREATE TABLE dropped AS SELECT n FROM generate_series(1, 1000) n;
DROP TABLE dropped;
CREATE TABLE shrunk AS SELECT n FROM generate_series(1, 10000) n;
DELETE FROM shrunk WHERE n > 5000;
VACUUM shrunk;
TRUNCATE shrunk;
CREATE TABLE toasted (id int, body text);
ALTER TABLE toasted ALTER body SET STORAGE external;
INSERT INTO toasted SELECT n, repeat(md5(n::text), 300) FROM generate_series(1, 60) n;
CREATE UNLOGGED TABLE unlogged (x int PRIMARY KEY);
INSERT INTO unlogged SELECT generate_series(1, 100);
CREATE SEQUENCE counter;
SELECT count(nextval('counter')) FROM generate_series(1, 100);
SELECT pg_logical_emit_message(true, 'prefix', 'a message');
VACUUM FREEZE rich;
CLUSTER plain USING plain_pkey;
CREATE DATABASE other;
DROP DATABASE other;
CREATE TABLE moved (id int);
INSERT INTO moved SELECT generate_series(1, 500);
SELECT pg_switch_wal();
CHECKPOINT;
INSERT INTO plain SELECT n, repeat(md5(n::text), 40) FROM generate_series(20000, 22000) n;
VACUUM plain;
CHECKPOINT;
UPDATE plain SET body = 'after a checkpoint' WHERE id % 50 = 0;
DELETE FROM rich WHERE id % 5 = 0;
VACUUM rich;
INSERT INTO rich (list, place, word) SELECT ARRAY[n], point(n, n), n::text FROM generate_series(1, 50) n;
