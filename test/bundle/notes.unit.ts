import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { bundleNotes } from '../../harness/bundle/reference/notes.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

const note = '"note": "16: built from 15\'s headers, self-tested"';

function bundle(directory: string, layout: Bundle['layout'] = 'chroot'): Bundle {
  return { source: directory, digest: '', layout, directory };
}

test.group('bundleNotes', () => {
  test('names the majors whose headers are another’s, and passes on nothing else', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a notes test');
    await mkdir(join(scratch.path, 'storage'));
    const path = join(scratch.path, 'storage/manifest.json');
    await writeFile(path, `{ ${note}, "note": "\u001b[31mall is well" }`);
    assert.deepEqual(await bundleNotes(bundle(scratch.path)), ["16: built from 15's headers, self-tested"]);
    assert.isEmpty(await bundleNotes(bundle(scratch.path, 'static')));
    await writeFile(path, '{}');
    assert.isEmpty(await bundleNotes(bundle(scratch.path)));
  });

  test('says nothing of a bundle without a manifest, and follows no link out of it', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a notes test');
    const directory = join(scratch.path, 'bundle');
    await mkdir(join(directory, 'storage'), { recursive: true });
    assert.isEmpty(await bundleNotes(bundle(directory)));
    await writeFile(join(scratch.path, 'manifest.json'), note);
    await symlink(join(scratch.path, 'manifest.json'), join(directory, 'storage/manifest.json'));
    assert.isEmpty(await bundleNotes(bundle(directory)));
  });
});
