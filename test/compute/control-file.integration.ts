import { join } from 'node:path';

import { test } from '@japa/runner';

import { readDataDirectoryState } from '../../harness/compute/data-directory-state.ts';
import { formatLsn } from '../../harness/compute/lsn.ts';
import { findServerProgram } from '../../harness/compute/server-program.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';

test.group('parseControlFile on real files', () => {
  test('agrees with pg_controldata of {major} with {flags}')
    .with([
      { major: 15, flags: ['--wal-segsize=16'], checksums: 0 },
      { major: 15, flags: ['--data-checksums', '--wal-segsize=4'], checksums: 1 },
      { major: 17, flags: ['--data-checksums', '--wal-segsize=64'], checksums: 1 },
    ])
    .run(async ({ assert }, { major, flags, checksums }) => {
      await using host = await openComputeImage(major);
      await using directory = await temporaryDirectory('a test');
      const data = join(directory.path, 'data');
      await ownInitdb(host, major, data, flags);
      const { control } = await readDataDirectoryState(data);
      const { directory: programs } = await findServerProgram(host, major);
      const { stdout } = await host.run({
        argv: [`${programs}/pg_controldata`, '/data'],
        env: { LC_ALL: 'C' },
        mounts: [{ source: data, target: '/data', readOnly: true }],
      });
      const expected = new Map(
        stdout
          .toString('utf8')
          .split('\n')
          .map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]),
      );
      assert.deepEqual(
        {
          'pg_control version number': String(control.controlVersion),
          'Catalog version number': String(control.catalogVersion),
          'Database system identifier': String(control.systemIdentifier),
          'Database cluster state': control.state,
          'Latest checkpoint location': formatLsn(control.checkpointLsn),
          "Latest checkpoint's REDO location": formatLsn(control.redoLsn),
          "Latest checkpoint's TimeLineID": String(control.timeline),
          "Latest checkpoint's full_page_writes": control.fullPageWrites ? 'on' : 'off',
          'Minimum recovery ending location': formatLsn(control.minRecoveryLsn),
          'wal_log_hints setting': control.walLogHints ? 'on' : 'off',
          'Database block size': String(control.blockSizeBytes),
          'Blocks per segment of large relation': String(control.relationSegmentBlocks),
          'Bytes per WAL segment': String(control.walSegmentSizeBytes),
          'Data page checksum version': String(control.dataChecksumVersion),
        },
        Object.fromEntries(
          [
            'pg_control version number',
            'Catalog version number',
            'Database system identifier',
            'Database cluster state',
            'Latest checkpoint location',
            "Latest checkpoint's REDO location",
            "Latest checkpoint's TimeLineID",
            "Latest checkpoint's full_page_writes",
            'Minimum recovery ending location',
            'wal_log_hints setting',
            'Database block size',
            'Blocks per segment of large relation',
            'Bytes per WAL segment',
            'Data page checksum version',
          ].map((name) => [name, expected.get(name)]),
        ),
      );
      assert.equal(control.dataChecksumVersion, checksums);
    });
});
