-- COPY writes many rows with one record; a copy into a table of its own transaction is frozen at once.
COPY (SELECT id, phrase FROM corpus.phrase ORDER BY id) TO '/tmp/phrases.txt';

COPY corpus.queue (id, payload) FROM '/tmp/phrases.txt' WHERE id < 0;

CREATE TABLE corpus.imported (id int PRIMARY KEY, phrase text COLLATE corpus.libc_de_de NOT NULL);
CREATE INDEX imported_phrase ON corpus.imported (phrase);
COPY corpus.imported FROM '/tmp/phrases.txt';

BEGIN;
CREATE TABLE corpus.imported_frozen (id int, phrase text COLLATE corpus.libc_zh_cn);
COPY corpus.imported_frozen FROM '/tmp/phrases.txt' (FREEZE);
COMMIT;

CREATE TABLE corpus.summary AS
SELECT word COLLATE corpus.icu_level2 AS word, min(label) AS least, count(*) AS uses
FROM corpus.text_icu_und
GROUP BY 1;

REFRESH MATERIALIZED VIEW corpus.word_count;
CREATE INDEX summary_word ON corpus.summary (word);
