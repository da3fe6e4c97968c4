-- Insertion into the middle of every index: leaf and inner pages split, posting lists form and are split.
DO $do$
DECLARE
  rows int := current_setting('redoubt.rows')::int;
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    CALL corpus.add_rows(c.name, 1, rows / 2);
    COMMIT;
    CALL corpus.add_rows(c.name, rows + 1, rows + rows / 4);
    COMMIT;
  END LOOP;
END
$do$;

-- A transaction that is rolled back leaves its rows in the pages.
BEGIN;
CALL corpus.add_rows('icu_und', 900001, 900200);
SAVEPOINT one;
CALL corpus.add_rows('libc_c', 900001, 900200);
ROLLBACK TO SAVEPOINT one;
CALL corpus.add_rows('icu_level2', 900001, 900100);
ROLLBACK;

-- Speculative insertion, confirmed, and turned into an update.
INSERT INTO corpus.text_icu_en (id, word, label, qty)
SELECT i, 'speculative', 'speculative ' || i, i
FROM generate_series(800001, 800200) AS i
ON CONFLICT (id) DO NOTHING;

INSERT INTO corpus.text_icu_en (id, word, label, qty)
SELECT i, 'speculative', 'speculative ' || i, i
FROM generate_series(800101, 800300) AS i
ON CONFLICT (id) DO UPDATE SET qty = excluded.qty + 1, word = 'again';

-- Leaf pages that vacuum has emptied are used again: a later transaction exists by now, and vacuum comes by.
VACUUM (INDEX_CLEANUP ON) corpus.queue;
INSERT INTO corpus.queue (id, payload)
SELECT i, lpad(i::text, 8, '0') || ' ' || p.phrase
FROM generate_series(1, current_setting('redoubt.rows')::int * 2) AS i
JOIN corpus.phrase AS p ON p.id = corpus.pick('v' || i, 4096)
ORDER BY i;
