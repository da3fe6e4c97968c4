-- Storage that goes away or is made anew: none of the old pages may be judged.
TRUNCATE corpus.staging;
INSERT INTO corpus.staging (id, word)
SELECT id, 'new ' || phrase FROM corpus.phrase WHERE id % 2 = 0 ORDER BY id;

DROP TABLE corpus.obsolete;

BEGIN;
CREATE TABLE corpus.never (id int PRIMARY KEY, word text COLLATE corpus.icu_en);
INSERT INTO corpus.never SELECT id, phrase FROM corpus.phrase WHERE id < 100;
ROLLBACK;

REINDEX INDEX corpus.text_icu_zh_word;
VACUUM FULL corpus.account;
CLUSTER corpus.entry USING entry_remark;
ALTER TABLE corpus.imported ALTER COLUMN id TYPE bigint;

-- The tail of the queue is emptied and cut off, then grown again.
DELETE FROM corpus.queue WHERE id > current_setting('redoubt.rows')::int;
VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) corpus.queue;
INSERT INTO corpus.queue (id, payload)
SELECT 500000 + i, p.phrase || ' ' || i
FROM generate_series(1, current_setting('redoubt.rows')::int) AS i
JOIN corpus.phrase AS p ON p.id = corpus.pick('t' || i, 4096)
ORDER BY i;
