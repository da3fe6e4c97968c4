import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { makeFolder } from '../../harness/host/make-folder.ts';

test.group('makeFolder', (group) => {
  let place: string;
  group.each.setup(() => {
    place = mkdtempSync(join(tmpdir(), 'make-folder-'));
    return () => rmSync(place, { recursive: true });
  });

  test('makes what is missing, and is content with what is there', ({ assert }) => {
    const path = join(place, 'a/b/c');
    makeFolder(path);
    makeFolder(path);
    assert.isTrue(statSync(path).isDirectory());
  });

  test('of a file says that it is none', ({ assert }) => {
    const file = join(place, 'file');
    writeFileSync(file, '');
    assert.throws(() => makeFolder(file), /ENOTDIR: not a directory, .*\/file'/);
    assert.throws(() => makeFolder(join(file, 'a')), /ENOTDIR: not a directory, .*\/file'/);
  });

  test('where nothing can be made is an error, at once', ({ assert }) => {
    assert.throws(
      () => makeFolder('/proc/none/a'),
      /ENOENT: no such file or directory, mkdir '\/proc\/none'/,
    );
  });
});
