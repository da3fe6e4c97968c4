-- Tables for what the text tables do not show. Sizes follow redoubt.rows.

-- TOAST: compressed, stored outside without compression, and both.
CREATE TABLE corpus.document (
  id int PRIMARY KEY,
  title text COLLATE corpus.icu_und NOT NULL,
  body text NOT NULL,
  raw text NOT NULL
);
ALTER TABLE corpus.document ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE INDEX document_title ON corpus.document (title);

CREATE FUNCTION corpus.filler(seed text, pieces int) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT string_agg(md5(seed || i), ' ' ORDER BY i) FROM generate_series(1, pieces) AS i $$;

INSERT INTO corpus.document (id, title, body, raw)
SELECT i, p.phrase, corpus.filler('b' || i, 20 + i % 150), corpus.filler('r' || i, 40 + i % 100)
FROM generate_series(1, current_setting('redoubt.rows')::int / 20) AS i
JOIN corpus.phrase AS p ON p.id = i % 4096
ORDER BY i;

-- Foreign keys lock the rows that they refer to.
CREATE TABLE corpus.account (
  id int PRIMARY KEY,
  owner text COLLATE corpus.libc_en_us NOT NULL UNIQUE,
  balance int NOT NULL DEFAULT 0
);
CREATE SEQUENCE corpus.entry_number;
CREATE TABLE corpus.entry (
  id bigint PRIMARY KEY DEFAULT nextval('corpus.entry_number'),
  account_id int NOT NULL REFERENCES corpus.account ON DELETE CASCADE,
  remark text COLLATE corpus.icu_de NOT NULL
);
CREATE INDEX entry_account ON corpus.entry (account_id);
CREATE INDEX entry_remark ON corpus.entry (remark);

INSERT INTO corpus.account (id, owner)
SELECT i, p.phrase || ' ' || i
FROM generate_series(1, current_setting('redoubt.rows')::int / 4) AS i
JOIN corpus.phrase AS p ON p.id = i % 4096
ORDER BY i;

-- A queue: whole leaf pages of its indexes are emptied, deleted and used again; its tail is cut off.
CREATE TABLE corpus.queue (
  id int PRIMARY KEY,
  payload text COLLATE corpus.libc_sv_se NOT NULL
);
CREATE INDEX queue_payload ON corpus.queue (payload);

INSERT INTO corpus.queue (id, payload)
SELECT i, lpad(i::text, 8, '0') || ' ' || p.phrase
FROM generate_series(1, current_setting('redoubt.rows')::int * 4) AS i
JOIN corpus.phrase AS p ON p.id = corpus.pick('u' || i, 4096)
ORDER BY i;

-- Relations whose storage goes away during the work.
CREATE TABLE corpus.staging (id int PRIMARY KEY, word text COLLATE corpus.icu_sv NOT NULL);
CREATE INDEX staging_word ON corpus.staging (word);
CREATE TABLE corpus.obsolete (LIKE corpus.staging INCLUDING ALL);

INSERT INTO corpus.staging (id, word)
SELECT id, phrase FROM corpus.phrase WHERE id < current_setting('redoubt.rows')::int ORDER BY id;
INSERT INTO corpus.obsolete (id, word)
SELECT id, phrase FROM corpus.phrase WHERE id < current_setting('redoubt.rows')::int ORDER BY id;

CREATE MATERIALIZED VIEW corpus.word_count AS
SELECT word COLLATE corpus.icu_zh AS word, count(*) AS uses FROM corpus.phrase GROUP BY 1;
CREATE UNIQUE INDEX word_count_word ON corpus.word_count (word);

-- Statistics, free space and visibility as a used database has them.
VACUUM ANALYZE;
