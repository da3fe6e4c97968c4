-- Empty relations: their first pages stand in the base, or are initialised by a record.
CREATE SCHEMA known;
CREATE TABLE known.heap (a int, b text) WITH (autovacuum_enabled = off);
CREATE TABLE known.copied (a int, b text) WITH (autovacuum_enabled = off);
CREATE SEQUENCE known.sequence;
CREATE TABLE known.indexed (a int, b int[], c point, d text) WITH (autovacuum_enabled = off);
CREATE INDEX btree ON known.indexed USING btree (a);
CREATE INDEX hash ON known.indexed USING hash (a);
CREATE INDEX gin ON known.indexed USING gin (b) WITH (fastupdate = off);
CREATE INDEX gin_pending ON known.indexed USING gin (b);
CREATE INDEX gist ON known.indexed USING gist (c);
CREATE INDEX spgist ON known.indexed USING spgist (d);
CREATE INDEX brin ON known.indexed USING brin (a);
