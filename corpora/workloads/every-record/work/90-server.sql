-- What the server itself has to say in the WAL.
CHECKPOINT;
SELECT pg_create_restore_point('here');
SELECT pg_switch_wal();

-- While a backup is taken every page's first change is an image, compressed as this session asks for.
CREATE PROCEDURE every.compress(method text)
LANGUAGE plpgsql
AS $do$
BEGIN
  -- 14 knows on and off alone, and a server can be built without lz4 and zstd.
  IF EXISTS (SELECT FROM pg_settings WHERE name = 'wal_compression' AND method = ANY (enumvals)) THEN
    PERFORM set_config('wal_compression', method, false);
  ELSE
    PERFORM set_config('wal_compression', 'on', false);
  END IF;
END
$do$;
DO $do$
BEGIN
  IF current_setting('server_version_num')::int >= 150000 THEN
    PERFORM pg_backup_start('backup', true);
  ELSE
    PERFORM pg_start_backup('backup', true, false);
  END IF;
END
$do$;
UPDATE every.heap SET body = 'during a backup ' || id WHERE id % 40 = 0;
CALL every.compress('pglz');
UPDATE every.hot SET note = 'during a backup' WHERE id % 40 = 1;
INSERT INTO every.listed SELECT i, ARRAY[1, i % 10] FROM generate_series(40001, 40000 + every.many(200)) AS i;
INSERT INTO every.placed SELECT i, every.place(i) FROM generate_series(40001, 40000 + every.many(200)) AS i;
CALL every.compress('lz4');
UPDATE every.shared SET value = 3 WHERE id % 50 = 0;
INSERT INTO every.spaced SELECT i, every.place(i), md5(i::text) FROM generate_series(40001, 40000 + every.many(200)) AS i;
INSERT INTO every.hashed SELECT i, i FROM generate_series(40001, 40000 + every.many(200)) AS i;
CALL every.compress('zstd');
UPDATE every.dup SET key = -key WHERE id % 50 = 0;
INSERT INTO every.bloomed SELECT i, i % 100, md5(i::text) FROM generate_series(40001, 40000 + every.many(200)) AS i;
INSERT INTO every.ranged SELECT i, i, 'backup' FROM generate_series(40001, 40040) AS i;
DO $do$
BEGIN
  IF current_setting('server_version_num')::int >= 150000 THEN
    PERFORM pg_backup_stop(false);
  ELSE
    PERFORM pg_stop_backup(false, false);
  END IF;
END
$do$;
RESET wal_compression;

-- Hints on pages that no record has touched since the checkpoint.
CHECKPOINT;
SELECT count(*) FROM every.parted_high;
SELECT count(*) FROM every.turned;
