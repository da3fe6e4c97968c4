-- Ranges of keys: whole leaf pages of every index that begins with the word become empty and are unlinked.
DO $do$
DECLARE
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    EXECUTE format($sql$DELETE FROM corpus.text_%s WHERE word >= 'b' AND word < 'd'$sql$, c.name);
    COMMIT;
  END LOOP;
END
$do$;

VACUUM (INDEX_CLEANUP ON);

-- The free line pointers and pages of the text tables are used again.
DO $do$
DECLARE
  rows int := current_setting('redoubt.rows')::int;
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    CALL corpus.add_rows(c.name, 2 * rows + 1, 2 * rows + rows / 4);
    COMMIT;
  END LOOP;
END
$do$;
