-- The collations by which text columns and their indexes are ordered. They are made here, under names of our own, so
-- that every compute image has the same set, whatever its initdb found. All of the image's locales must be installed.
CREATE SCHEMA corpus;

CREATE COLLATION corpus.libc_en_us (provider = libc, locale = 'en_US.UTF-8');
CREATE COLLATION corpus.libc_c (provider = libc, locale = 'C.UTF-8');
CREATE COLLATION corpus.libc_de_de (provider = libc, locale = 'de_DE.UTF-8');
CREATE COLLATION corpus.libc_sv_se (provider = libc, locale = 'sv_SE.UTF-8');
CREATE COLLATION corpus.libc_zh_cn (provider = libc, locale = 'zh_CN.UTF-8');

CREATE COLLATION corpus.icu_und (provider = icu, locale = 'und');
CREATE COLLATION corpus.icu_en (provider = icu, locale = 'en');
CREATE COLLATION corpus.icu_de (provider = icu, locale = 'de');
CREATE COLLATION corpus.icu_sv (provider = icu, locale = 'sv');
CREATE COLLATION corpus.icu_zh (provider = icu, locale = 'zh');

-- Strings that differ in case alone are equal: no deduplication in its indexes.
CREATE COLLATION corpus.icu_level2 (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- One table of text for each, and one for the database's own collation.
CREATE TABLE corpus.case_table (name text PRIMARY KEY, collation_clause text NOT NULL);

INSERT INTO corpus.case_table (name, collation_clause)
SELECT collname, 'COLLATE corpus.' || collname
FROM pg_collation
WHERE collnamespace = 'corpus'::regnamespace
UNION ALL
SELECT 'database_default', '';
