-- More subtransactions than a backend announces at once, some of them given up.
DO $do$
BEGIN
  FOR i IN 1..200 LOOP
    BEGIN
      INSERT INTO every.heap VALUES (300000 + i, 0, 'subtransaction');
      IF i % 5 = 0 THEN
        RAISE EXCEPTION 'given up';
      END IF;
    EXCEPTION
      WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END
$do$;
BEGIN;
INSERT INTO every.heap VALUES (310001, 0, 'kept');
SAVEPOINT one;
INSERT INTO every.heap VALUES (310002, 0, 'given up');
ROLLBACK TO SAVEPOINT one;
INSERT INTO every.heap VALUES (310003, 0, 'kept');
COMMIT;
BEGIN;
INSERT INTO every.heap SELECT i, 0, 'rolled back' FROM generate_series(320001, 320000 + every.many(200)) AS i;
ROLLBACK;

-- Two phases, with storage that comes and goes at the second.
BEGIN;
CREATE TABLE every.prepared AS SELECT i AS id FROM generate_series(1, every.many(500)) AS i;
DROP TABLE every.copied_frozen;
PREPARE TRANSACTION 'kept';
COMMIT PREPARED 'kept';
BEGIN;
CREATE TABLE every.never AS SELECT i AS id FROM generate_series(1, every.many(500)) AS i;
PREPARE TRANSACTION 'given up';
ROLLBACK PREPARED 'given up';

-- More multixacts than one page of either of their files holds: a lock and, in a subtransaction of its own, an update.
CREATE TABLE every.shared (id int PRIMARY KEY, value int NOT NULL);
INSERT INTO every.shared SELECT i, 0 FROM generate_series(1, every.many(2200)) AS i;
DO $do$
DECLARE
  found every.shared;
BEGIN
  FOR i IN 1..every.many(2200) LOOP
    SELECT * INTO found FROM every.shared WHERE id = i FOR KEY SHARE;
    BEGIN
      UPDATE every.shared SET value = 1 WHERE id = i;
    EXCEPTION
      WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END
$do$;
VACUUM (FREEZE) every.shared;

-- Messages, origins, what a catalog's readers must forget.
SELECT pg_logical_emit_message(true, 'redoubt', 'transactional');
SELECT pg_logical_emit_message(false, 'redoubt', 'at once');
SELECT pg_replication_origin_create('elsewhere');
SELECT pg_replication_origin_advance('elsewhere', '0/1234');
SELECT pg_replication_origin_session_setup('elsewhere');
BEGIN;
SELECT pg_replication_origin_xact_setup('0/5678', '2020-01-01 00:00:00+00');
INSERT INTO every.heap VALUES (330001, 0, 'from elsewhere');
COMMIT;
SELECT pg_replication_origin_session_reset();
SELECT pg_replication_origin_drop('elsewhere');
