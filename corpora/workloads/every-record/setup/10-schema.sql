-- Tables with one index of each access method, filled: the pages on which the work begins. Sizes follow redoubt.percent.
CREATE SCHEMA every;
CREATE EXTENSION bloom;

-- Digits of a hash: the same for the same words, everywhere.
CREATE FUNCTION every.pick(seed text, choices int) RETURNS int
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT ('x' || substr(md5(seed), 1, 7))::bit(28)::int % choices $$;

-- How many to take of what the full scale has.
CREATE FUNCTION every.many(count int) RETURNS int
LANGUAGE sql STABLE STRICT
AS $$ SELECT count * current_setting('redoubt.percent')::int / 100 $$;

-- No two places are equal or equally near to a box of others: between equals, GiST and SP-GiST throw a coin.
CREATE FUNCTION every.place(number int) RETURNS point
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT point(number * 7919::bigint % 100003, number * 7919::bigint % 100003) $$;

CREATE TABLE every.heap (
  id int PRIMARY KEY,
  grp int NOT NULL,
  body text NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX heap_grp ON every.heap (grp);
CREATE INDEX heap_body ON every.heap (body);
INSERT INTO every.heap SELECT i, i % 50, md5(i::text) FROM generate_series(1, every.many(2000)) AS i;

CREATE TABLE every.hashed (id int, key int NOT NULL);
CREATE INDEX hashed_key ON every.hashed USING hash (key);
INSERT INTO every.hashed SELECT i, i FROM generate_series(1, every.many(500)) AS i;

CREATE TABLE every.listed (id int, tags int[] NOT NULL);
CREATE INDEX listed_tags ON every.listed USING gin (tags) WITH (fastupdate = off);
INSERT INTO every.listed SELECT i, ARRAY[1, 10 + i % 200] FROM generate_series(1, every.many(3000)) AS i;

CREATE TABLE every.pending (id int, tags int[] NOT NULL);
CREATE INDEX pending_tags ON every.pending USING gin (tags) WITH (fastupdate = on);
INSERT INTO every.pending SELECT i, ARRAY[i, i + 1, i % 7] FROM generate_series(1, every.many(200)) AS i;

CREATE TABLE every.placed (id int, place point NOT NULL);
CREATE INDEX placed_place ON every.placed USING gist (place);
INSERT INTO every.placed
SELECT i, every.place(i) FROM generate_series(1, every.many(500)) AS i;

CREATE TABLE every.spaced (id int, place point NOT NULL, word text NOT NULL);
CREATE INDEX spaced_quad ON every.spaced USING spgist (place);
CREATE INDEX spaced_kd ON every.spaced USING spgist (place kd_point_ops);
CREATE INDEX spaced_word ON every.spaced USING spgist (word);
INSERT INTO every.spaced
SELECT i, point(every.pick('x' || i, 1000000), every.pick('y' || i, 1000000)), 'base ' || md5(i::text)
FROM generate_series(1, every.many(500)) AS i;

CREATE TABLE every.ranged (id int, at int NOT NULL, note text NOT NULL) WITH (fillfactor = 10);
ALTER TABLE every.ranged ALTER COLUMN note SET STORAGE PLAIN;
CREATE INDEX ranged_at ON every.ranged USING brin (at) WITH (pages_per_range = 1);
CREATE INDEX ranged_note ON every.ranged USING brin (note) WITH (pages_per_range = 1);
INSERT INTO every.ranged SELECT i, i, repeat('n', 100) FROM generate_series(1, every.many(200)) AS i;
SELECT brin_summarize_new_values('every.ranged_at'), brin_summarize_new_values('every.ranged_note');

CREATE TABLE every.bloomed (id int, a int NOT NULL, b text NOT NULL);
CREATE INDEX bloomed_ab ON every.bloomed USING bloom (a, b);
INSERT INTO every.bloomed SELECT i, i % 100, md5(i::text) FROM generate_series(1, every.many(500)) AS i;

-- Three keys a page: a high tree of few rows.
CREATE TABLE every.tall (key text NOT NULL);
ALTER TABLE every.tall ALTER COLUMN key SET STORAGE PLAIN;
CREATE INDEX tall_key ON every.tall (key);

CREATE SEQUENCE every.counter;
SELECT nextval('every.counter');

-- What is frozen already needs no record when the work freezes all.
VACUUM (FREEZE, ANALYZE);
