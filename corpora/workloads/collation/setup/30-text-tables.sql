-- The tables of text: for each collation one table with every kind of btree index that orders by it.
DO $do$
DECLARE
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    EXECUTE format(
      $sql$
        CREATE TABLE corpus.text_%1$s (
          id int PRIMARY KEY,
          word text %2$s NOT NULL,
          label text %2$s NOT NULL,
          qty int NOT NULL,
          note text
        ) WITH (fillfactor = 85)
      $sql$,
      c.name, c.collation_clause
    );
  END LOOP;
END
$do$;

-- Writes the rows with every second id from first to last. Words repeat, so that posting lists form; labels do not.
CREATE PROCEDURE corpus.add_rows(name text, first int, last int)
LANGUAGE plpgsql
AS $do$
BEGIN
  EXECUTE format(
    $sql$
      INSERT INTO corpus.text_%s (id, word, label, qty, note)
      SELECT i, p.word, p.phrase || ' #' || i, corpus.pick('q' || i, 1000), repeat('n', i %% 40)
      FROM generate_series($1, $2, 2) AS i
      JOIN corpus.phrase AS p ON p.id = corpus.pick('p' || i, 4096)
      ORDER BY i
    $sql$,
    name
  ) USING first, last;
END
$do$;

-- The base has even ids, so that the odd ones of the work go between them.
DO $do$
DECLARE
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    CALL corpus.add_rows(c.name, 2, 2 * current_setting('redoubt.rows')::int);
  END LOOP;
END
$do$;

DO $do$
DECLARE
  c corpus.case_table;
BEGIN
  FOR c IN SELECT * FROM corpus.case_table ORDER BY name COLLATE "C" LOOP
    EXECUTE format('CREATE INDEX text_%1$s_word ON corpus.text_%1$s (word)', c.name);
    EXECUTE format('CREATE UNIQUE INDEX text_%1$s_label ON corpus.text_%1$s (label)', c.name);
    EXECUTE format('CREATE INDEX text_%1$s_pair ON corpus.text_%1$s (word DESC, qty, label)', c.name);
    EXECUTE format('CREATE INDEX text_%1$s_lower ON corpus.text_%1$s (lower(label))', c.name);
    EXECUTE format('CREATE INDEX text_%1$s_partial ON corpus.text_%1$s (label) WHERE qty %% 3 = 0', c.name);
    EXECUTE format('CREATE INDEX text_%1$s_include ON corpus.text_%1$s (word, id) INCLUDE (qty)', c.name);
  END LOOP;
END
$do$;
