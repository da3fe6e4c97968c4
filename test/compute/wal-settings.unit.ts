import { test } from '@japa/runner';

import { recordsOnly, walServerSettings } from '../../harness/compute/wal-settings.ts';

test.group('walServerSettings', () => {
  test('name the method of compression, which 14 does not know', ({ assert }) => {
    const wal = { ...recordsOnly, fullPageWrites: true, compression: 'zstd' } as const;
    assert.containSubset(walServerSettings(wal, 15), { full_page_writes: 'on', wal_compression: 'zstd' });
    assert.containSubset(walServerSettings(wal, 14), { full_page_writes: 'on', wal_compression: 'on' });
    assert.equal(walServerSettings(recordsOnly, 14)['wal_compression'], 'off');
  });

  test('turn everything off that is not asked for', ({ assert }) => {
    assert.deepEqual(walServerSettings(recordsOnly, 17), {
      full_page_writes: 'off',
      wal_compression: 'off',
      wal_log_hints: 'off',
      wal_consistency_checking: '',
    });
  });

  test('ask for images of hints, and of every page after every record', ({ assert }) => {
    const wal = { ...recordsOnly, hintImages: true, consistencyImages: true };
    assert.containSubset(walServerSettings(wal, 17), {
      wal_log_hints: 'on',
      wal_consistency_checking: 'all',
    });
  });
});
