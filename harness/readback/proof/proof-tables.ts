import { literal, type ProofCollation } from './proof-locale.ts';

/** Tables whose order and equality are in question; their strings are in `given.sorted`. */
export const sortedSchema = 'sorted';
/** Tables whose small and capital letters and classes of characters are; their strings are in `given.cased`. */
export const casedSchema = 'cased';

/** What all tables are made from. */
export const extensions = ['amcheck', 'btree_gin', 'btree_gist', 'citext', 'pg_trgm'];

/** How many values the list of a partition has: all of them must fit in one row of the catalog. */
const mostListed = 60;
/** How many rows a table gets of which each is compared with others. */
const mostCompared = 1500;

/**
 * Tables under the database's own collation and under a column's: every kind of index, constraint and partition whose
 * content depends on the order of strings. `pivot` parts them where something moves.
 */
export function sortedTables(pivot: string, collations: readonly ProofCollation[]): readonly string[] {
  const at = literal(pivot);
  return [
    `CREATE SCHEMA sorted`,
    `CREATE TABLE sorted.words (id int PRIMARY KEY, word text NOT NULL)`,
    `INSERT INTO sorted.words SELECT id, word FROM given.sorted`,
    `CREATE UNIQUE INDEX words_word ON sorted.words (word)`,
    `CREATE INDEX words_word_id ON sorted.words (word DESC, id)`,
    `CREATE INDEX words_lower ON sorted.words (lower(word))`,
    `CREATE INDEX words_low ON sorted.words (word) WHERE word < ${at}`,
    `CREATE INDEX words_pattern ON sorted.words (word text_pattern_ops)`,
    `CREATE INDEX words_citext ON sorted.words ((word::citext))`,
    `CREATE INDEX words_hash ON sorted.words USING hash (word)`,
    `CREATE INDEX words_gist ON sorted.words USING gist (word)`,
    `CREATE INDEX words_gin ON sorted.words USING gin (word)`,
    `CREATE INDEX words_spgist ON sorted.words USING spgist (word)`,
    `CREATE INDEX words_brin ON sorted.words USING brin (word) WITH (pages_per_range = 1)`,
    // It says what is true when the rows are written.
    `CREATE TABLE sorted.checked (word text, is_low boolean, CONSTRAINT low_words CHECK (is_low = (word < ${at})))`,
    `INSERT INTO sorted.checked SELECT word, word < ${at} FROM given.sorted`,
    `CREATE TABLE sorted.apart (word text, EXCLUDE USING gist (word WITH =))`,
    `INSERT INTO sorted.apart SELECT word FROM given.sorted ORDER BY id LIMIT ${String(mostCompared)}`,
    `CREATE TABLE sorted.ranged (word text NOT NULL) PARTITION BY RANGE (word)`,
    `CREATE TABLE sorted.ranged_low PARTITION OF sorted.ranged FOR VALUES FROM (MINVALUE) TO (${at})`,
    `CREATE TABLE sorted.ranged_high PARTITION OF sorted.ranged FOR VALUES FROM (${at}) TO (MAXVALUE)`,
    `CREATE UNIQUE INDEX ranged_word ON sorted.ranged (word)`,
    `INSERT INTO sorted.ranged SELECT word FROM given.sorted`,
    ...heldTables,
    ...collations.flatMap((collation) => (collation.isDeterministic ? named(collation) : loose(collation))),
  ];
}

/** Values that hold text, and are ordered by it: PostgreSQL records for none of them under which collation. */
const heldTables: readonly string[] = [
  `CREATE TYPE sorted.entry AS (word text, number int)`,
  `CREATE TYPE sorted.span AS RANGE (subtype = text)`,
  `CREATE TABLE sorted.held (words text[], entry sorted.entry, span sorted.span, document jsonb)`,
  `INSERT INTO sorted.held
     SELECT ARRAY[word, 'x'], ROW(word, 1)::sorted.entry, sorted.span(word, word, '[]'), jsonb_build_object('word', word)
     FROM given.sorted ORDER BY id LIMIT ${String(mostCompared)}`,
  `CREATE UNIQUE INDEX held_words ON sorted.held (words)`,
  `CREATE UNIQUE INDEX held_entry ON sorted.held (entry)`,
  `CREATE UNIQUE INDEX held_span ON sorted.held (span)`,
  `CREATE UNIQUE INDEX held_document ON sorted.held (document)`,
  `CREATE INDEX held_words_gin ON sorted.held USING gin (words)`,
  `CREATE INDEX held_span_gist ON sorted.held USING gist (span)`,
];

function named({ name }: ProofCollation): readonly string[] {
  return [
    `CREATE TABLE sorted.named (word text COLLATE ${name} PRIMARY KEY, id int)`,
    `INSERT INTO sorted.named SELECT word, id FROM given.sorted`,
    `CREATE TABLE sorted.children (word text COLLATE ${name} REFERENCES sorted.named)`,
    `INSERT INTO sorted.children SELECT word FROM given.sorted ORDER BY id LIMIT ${String(mostCompared)}`,
  ];
}

/** Equality is the collation's here, so that hashes are made of what the library makes of a string. */
function loose({ name }: ProofCollation): readonly string[] {
  const modulus = [0, 1, 2];
  return [
    `CREATE TABLE sorted.loose (id int, word text COLLATE ${name} UNIQUE)`,
    `INSERT INTO sorted.loose SELECT id, word FROM given.sorted ORDER BY id ON CONFLICT DO NOTHING`,
    `CREATE INDEX loose_hash ON sorted.loose USING hash (word)`,
    `CREATE INDEX loose_bloom ON sorted.loose USING brin (word text_bloom_ops) WITH (pages_per_range = 1)`,
    `CREATE INDEX loose_gist ON sorted.loose USING gist (word)`,
    `CREATE INDEX loose_gin ON sorted.loose USING gin (word)`,
    `CREATE TABLE sorted.loose_children (word text COLLATE ${name} REFERENCES sorted.loose (word))`,
    `INSERT INTO sorted.loose_children SELECT word FROM given.sorted ORDER BY id LIMIT ${String(mostCompared)}`,
    `CREATE TABLE sorted.loose_apart (word text COLLATE ${name}, EXCLUDE USING hash (word WITH =))`,
    `INSERT INTO sorted.loose_apart SELECT word FROM given.sorted ORDER BY id LIMIT ${String(mostCompared)} ON CONFLICT DO NOTHING`,
    `CREATE TABLE sorted.hashed (word text COLLATE ${name}) PARTITION BY HASH (word)`,
    ...modulus.map(
      (remainder) =>
        `CREATE TABLE sorted.hashed_${String(remainder)} PARTITION OF sorted.hashed FOR VALUES WITH (MODULUS ${String(modulus.length)}, REMAINDER ${String(remainder)})`,
    ),
    `INSERT INTO sorted.hashed SELECT word FROM given.sorted`,
    `CREATE TABLE sorted.listed (word text COLLATE ${name}) PARTITION BY LIST (word)`,
    `CREATE TABLE sorted.listed_rest PARTITION OF sorted.listed DEFAULT`,
    // Straight apostrophes are in the list, curly ones in the rest, as long as these are not equal.
    `DO $$ BEGIN EXECUTE 'CREATE TABLE sorted.listed_some PARTITION OF sorted.listed FOR VALUES IN (' || (
       SELECT string_agg(quote_literal(word), ', ') FROM (
         SELECT DISTINCT word COLLATE ${name} AS word FROM (
           SELECT word FROM given.sorted
           WHERE id % 50 = 0 OR word LIKE '%''%' AND replace(word, '''', '’') IN (SELECT word FROM given.sorted)
           ORDER BY (id % 50 = 0), id LIMIT ${String(mostListed)}) AS t) AS w) || ')'; END $$`,
    `INSERT INTO sorted.listed SELECT word FROM given.sorted`,
  ];
}

/** Tables whose indexes, constraints and columns are made by lower, upper, regular expressions, trigrams and text search. */
export const casedTables: readonly string[] = [
  `CREATE SCHEMA cased`,
  `CREATE TABLE cased.words (id int PRIMARY KEY, word text NOT NULL, is_word boolean NOT NULL,
     lowered text GENERATED ALWAYS AS (lower(word)) STORED, raised text GENERATED ALWAYS AS (upper(word)) STORED,
     searched tsvector GENERATED ALWAYS AS (to_tsvector('simple', word)) STORED,
     CONSTRAINT whole_words CHECK (is_word = (word ~ '^[[:alpha:]]+$')))`,
  `INSERT INTO cased.words SELECT id, word, word ~ '^[[:alpha:]]+$' FROM given.cased`,
  // What is compared bytewise breaks by its letters alone, not by their order.
  `CREATE INDEX words_lower ON cased.words (lower(word) COLLATE "C")`,
  `CREATE INDEX words_upper ON cased.words (upper(word) COLLATE "C")`,
  `CREATE INDEX words_citext ON cased.words ((word::citext))`,
  `CREATE INDEX words_alpha ON cased.words (id) WHERE word ~ '[[:alpha:]]'`,
  `CREATE INDEX words_trigram ON cased.words USING gin (word gin_trgm_ops)`,
  `CREATE INDEX words_gist_trigram ON cased.words USING gist (word gist_trgm_ops)`,
  `CREATE INDEX words_search ON cased.words USING gin (to_tsvector('simple', word))`,
  `CREATE TABLE cased.names (name citext UNIQUE)`,
  `INSERT INTO cased.names SELECT word FROM given.cased ORDER BY id ON CONFLICT DO NOTHING`,
  `CREATE TABLE cased.accounts (name text)`,
  `CREATE UNIQUE INDEX accounts_lower ON cased.accounts (lower(name) COLLATE "C")`,
  `INSERT INTO cased.accounts SELECT word FROM given.cased ORDER BY id ON CONFLICT DO NOTHING`,
  `CREATE TABLE cased.listed (word text) PARTITION BY LIST (lower(word))`,
  `CREATE TABLE cased.listed_rest PARTITION OF cased.listed DEFAULT`,
  // A list of what some of the words are in small letters.
  `DO $$ BEGIN EXECUTE 'CREATE TABLE cased.listed_some PARTITION OF cased.listed FOR VALUES IN (' || (
     SELECT string_agg(DISTINCT quote_literal(lower(word)), ', ') FROM (
       SELECT word FROM given.cased WHERE id % 7 = 0 ORDER BY id LIMIT ${String(mostListed)}) AS w) || ')'; END $$`,
  `INSERT INTO cased.listed SELECT word FROM given.cased`,
];
