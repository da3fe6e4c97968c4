-- Updates that touch no index (HOT), and updates that go through all of them.
DO $do$
DECLARE
  rows int := current_setting('redoubt.rows')::int;
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    EXECUTE format($sql$UPDATE corpus.text_%s SET note = 'hot ' || id WHERE id %% 16 = 2$sql$, c.name);
    COMMIT;
    EXECUTE format(
      $sql$UPDATE corpus.text_%s SET label = reverse(word) || ' ' || label, qty = qty + 1 WHERE id %% 5 = 2$sql$,
      c.name
    );
    COMMIT;
    -- The chains of the first update are pruned on the way.
    EXECUTE format($sql$UPDATE corpus.text_%s SET note = 'hotter ' || id WHERE id %% 16 = 2$sql$, c.name);
    COMMIT;
    EXECUTE format(
      $sql$
        UPDATE corpus.text_%s AS t SET word = p.word
        FROM corpus.phrase AS p
        WHERE t.id %% 7 = 3 AND p.id = corpus.pick('w' || t.id, 4096)
      $sql$,
      c.name
    );
    COMMIT;
  END LOOP;
END
$do$;

-- Row locks of every strength; a stronger one in a subtransaction makes a multixact.
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM corpus.text_icu_sv WHERE id % 9 = 0 FOR UPDATE) AS locked;
SELECT count(*) FROM (SELECT 1 FROM corpus.text_icu_sv WHERE id % 9 = 1 FOR NO KEY UPDATE) AS locked;
SELECT count(*) FROM (SELECT 1 FROM corpus.text_icu_sv WHERE id % 9 = 2 FOR SHARE) AS locked;
SELECT count(*) FROM (SELECT 1 FROM corpus.text_icu_sv WHERE id % 9 = 3 FOR KEY SHARE) AS locked;
SAVEPOINT one;
UPDATE corpus.text_icu_sv SET note = 'locked' WHERE id % 18 = 2;
SELECT count(*) FROM (SELECT 1 FROM corpus.text_icu_sv WHERE id % 18 = 3 FOR UPDATE) AS locked;
RELEASE SAVEPOINT one;
COMMIT;

-- Foreign keys, a sequence, a cascade.
INSERT INTO corpus.entry (account_id, remark)
SELECT 1 + corpus.pick('e' || i, current_setting('redoubt.rows')::int / 4), p.phrase
FROM generate_series(1, current_setting('redoubt.rows')::int) AS i
JOIN corpus.phrase AS p ON p.id = corpus.pick('f' || i, 4096)
ORDER BY i;

UPDATE corpus.account SET balance = entries.total
FROM (SELECT account_id, count(*) AS total FROM corpus.entry GROUP BY account_id) AS entries
WHERE id = entries.account_id;

DELETE FROM corpus.account WHERE id % 10 = 0;
