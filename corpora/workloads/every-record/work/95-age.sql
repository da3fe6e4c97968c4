-- Transactions enough for another page of their status and another file of their times; then all that is old goes.
SET synchronous_commit = off;
DO $do$
BEGIN
  WHILE pg_current_xact_id()::text::bigint < every.many(33000) LOOP
    COMMIT;
  END LOOP;
END
$do$;
RESET synchronous_commit;
CHECKPOINT;
-- The templates have nothing that could be frozen, and nobody can vacuum them from here.
UPDATE pg_database SET
  datfrozenxid = pg_snapshot_xmin(pg_current_snapshot())::text::xid,
  datminmxid = (SELECT next_multixact_id FROM pg_control_checkpoint())
WHERE datname <> current_database();
VACUUM (FREEZE, INDEX_CLEANUP ON);
INSERT INTO every.heap SELECT i, i % 50, md5(i::text) FROM generate_series(400001, 400000 + every.many(500)) AS i;
DELETE FROM every.heap WHERE id % 23 = 5;
