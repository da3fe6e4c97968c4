-- Summaries grow where they are, move to other pages, and go.
INSERT INTO every.ranged SELECT i, i, repeat('a', 3000) FROM generate_series(1001, 1000 + every.many(1500)) AS i;
SELECT brin_summarize_new_values('every.ranged_at'), brin_summarize_new_values('every.ranged_note');
UPDATE every.ranged SET at = -at WHERE id % 7 = 0;
INSERT INTO every.ranged SELECT i, -i, repeat('z', 10 + i % 90) FROM generate_series(5001, 5000 + every.many(300)) AS i;
UPDATE every.ranged SET note = repeat('b', 20 + id % 1000) WHERE id <= 1100;
UPDATE every.ranged SET note = repeat('c', 1500 + id % 400) WHERE id BETWEEN 1001 AND 1200;
SELECT brin_summarize_new_values('every.ranged_note');
SELECT brin_desummarize_range('every.ranged_at', n) FROM generate_series(3, 9) AS n;
SELECT brin_desummarize_range('every.ranged_note', n) FROM generate_series(3, 90) AS n;
SELECT brin_summarize_range('every.ranged_note', 5);
VACUUM (INDEX_CLEANUP ON) every.ranged;
CREATE INDEX ranged_again ON every.ranged USING brin (at, note) WITH (pages_per_range = 8, autosummarize = off);
