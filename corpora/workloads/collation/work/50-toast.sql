-- Long values: stored outside in pieces, replaced, kept, deleted.
INSERT INTO corpus.document (id, title, body, raw)
SELECT 100000 + i, p.phrase, corpus.filler('B' || i, 60 + i % 150), corpus.filler('R' || i, 80)
FROM generate_series(1, current_setting('redoubt.rows')::int / 20) AS i
JOIN corpus.phrase AS p ON p.id = 4095 - i % 4096
ORDER BY i;

UPDATE corpus.document SET raw = corpus.filler('n' || id, 90) WHERE id % 3 = 0;
UPDATE corpus.document SET title = 'kept ' || title WHERE id % 3 = 1;
DELETE FROM corpus.document WHERE id % 5 = 2;
VACUUM (INDEX_CLEANUP ON) corpus.document;
INSERT INTO corpus.document (id, title, body, raw)
SELECT 200000 + i, p.phrase, repeat(p.phrase, 400), 'short'
FROM generate_series(1, 50) AS i
JOIN corpus.phrase AS p ON p.id = i;
