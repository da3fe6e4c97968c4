import { test } from '@japa/runner';

import { findServerProgram } from '../../harness/compute/server-program.ts';
import { computeMajors } from '../../harness/host/compute-images.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';

test.group('findServerProgram', () => {
  test('finds the server of each image', async ({ assert }) => {
    for (const major of computeMajors()) {
      await using host = await openComputeImage(major);
      const program = await findServerProgram(host, major);
      assert.equal(program.directory, `/usr/lib/postgresql/${String(major)}/bin`);
      assert.match(program.version, new RegExp(`^${String(major)}\\.\\d+$`));
    }
  });

  test('says so when the image lacks the major', async ({ assert }) => {
    await using host = await openComputeImage(15);
    const error = await rejectionOf(findServerProgram(host, 16));
    assert.equal(error.code, 'no-server-program');
    assert.include(error.message, 'PostgreSQL 16');
  });
});
