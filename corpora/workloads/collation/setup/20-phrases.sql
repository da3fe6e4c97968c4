-- Strings made of the word list alone, by hashes of running numbers: the same on every run and every image.
CREATE TABLE corpus.word (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  language text NOT NULL,
  word text NOT NULL
);

COPY corpus.word (language, word) FROM '/redoubt/workload/data/words.csv' (FORMAT csv, HEADER);

-- A number from 0 to n - 1 that looks random and depends on nothing but the seed.
CREATE FUNCTION corpus.pick(seed text, n bigint) RETURNS int
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT (('x' || substr(md5(seed), 1, 7))::bit(28)::int % n)::int $$;

CREATE TABLE corpus.phrase (
  id int PRIMARY KEY,
  word text NOT NULL,
  phrase text NOT NULL
);

INSERT INTO corpus.phrase (id, word, phrase)
SELECT i, a.word, a.word || ' ' || b.word || CASE WHEN i % 3 = 0 THEN ' ' || c.word ELSE '' END
FROM (SELECT count(*) AS words FROM corpus.word) AS counted,
  generate_series(0, 4095) AS i,
  LATERAL (SELECT word FROM corpus.word WHERE id = 1 + corpus.pick('a' || i, words)) AS a,
  LATERAL (SELECT word FROM corpus.word WHERE id = 1 + corpus.pick('b' || i, words)) AS b,
  LATERAL (SELECT word FROM corpus.word WHERE id = 1 + corpus.pick('c' || i, words)) AS c;
