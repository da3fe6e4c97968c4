import { test } from '@japa/runner';

import { type ArchiveHeader, ArchiveTree } from '../../../harness/host/archive/archive-tree.ts';
import { codeOf } from '../../support/error-code.ts';

const limits = { entries: 100, totalBytes: 1000, depth: 8 };

function file(name: string, more: Partial<ArchiveHeader> = {}): ArchiveHeader {
  return { name, type: 'file', mode: 0o644, sizeBytes: 1, linkName: null, attributes: [], ...more };
}

function folder(name: string): ArchiveHeader {
  return file(name, { type: 'directory', mode: 0o755, sizeBytes: 0 });
}

function symlink(name: string, target: string): ArchiveHeader {
  return file(name, { type: 'symlink', sizeBytes: 0, linkName: target });
}

function hardLink(name: string, target: string): ArchiveHeader {
  return file(name, { type: 'link', sizeBytes: 0, linkName: target });
}

/** Accepts all entries, then checks the links, as unpacking does. */
function build(...headers: readonly ArchiveHeader[]): ArchiveTree {
  const tree = new ArchiveTree('bundle.tar', limits);
  for (const header of headers) tree.accept(header);
  tree.checkLinks();
  return tree;
}

interface Hostile {
  readonly what: string;
  readonly code: string;
  readonly headers: readonly ArchiveHeader[];
}

const hostile: readonly Hostile[] = [
  { what: 'an absolute name', code: 'absolute-name', headers: [file('/etc/passwd')] },
  { what: 'two slashes before a name', code: 'absolute-name', headers: [file('//x')] },
  { what: '.. before a name', code: 'parent-reference', headers: [file('../x')] },
  { what: '.. inside a name', code: 'parent-reference', headers: [file('a/../../x')] },
  { what: '.. that stays inside', code: 'parent-reference', headers: [file('a/../x')] },
  { what: 'a folder named ..', code: 'parent-reference', headers: [folder('..')] },
  { what: 'a newline in a name', code: 'control-character', headers: [file('a\nb')] },
  { what: 'an escape in a name', code: 'control-character', headers: [file('\u001b[2J')] },
  { what: 'a C1 control in a name', code: 'control-character', headers: [file('a\u009bb')] },
  { what: 'a name that is not UTF-8', code: 'name-not-utf8', headers: [file('a\ufffd')] },
  { what: 'no name', code: 'empty-name', headers: [file('')] },
  { what: 'a file named .', code: 'empty-name', headers: [file('./')] },
  { what: 'a block device', code: 'special-file', headers: [file('d', { type: 'block-device' })] },
  { what: 'a character device', code: 'special-file', headers: [file('d', { type: 'character-device' })] },
  { what: 'a fifo', code: 'special-file', headers: [file('d', { type: 'fifo' })] },
  { what: 'an unknown type', code: 'special-file', headers: [file('d', { type: null })] },
  { what: 'a setuid file', code: 'set-user-id', headers: [file('s', { mode: 0o4755 })] },
  { what: 'a setgid file', code: 'set-user-id', headers: [file('s', { mode: 0o2755 })] },
  { what: 'a setgid folder', code: 'set-user-id', headers: [file('d', { type: 'directory', mode: 0o2755 })] },
  { what: 'a sticky file', code: 'set-user-id', headers: [file('s', { mode: 0o1755 })] },
  {
    what: 'file capabilities',
    code: 'file-capabilities',
    headers: [file('s', { attributes: ['mtime', 'SCHILY.xattr.security.capability'] })],
  },
  { what: "a file with a folder's name", code: 'empty-name', headers: [file('d/')] },
  { what: 'a name longer than Linux has', code: 'name-too-long', headers: [file('a'.repeat(256))] },
  {
    what: 'a path longer than Linux has',
    code: 'name-too-long',
    headers: [file(`${'a'.repeat(255)}/`.repeat(7) + 'ü'.repeat(128))],
  },
  { what: 'a mark of direction in a name', code: 'control-character', headers: [file('gpj\u202e.sh')] },
  { what: 'a line separator in a name', code: 'control-character', headers: [file('a\u2028b')] },
  { what: 'a name twice', code: 'duplicate-name', headers: [file('a'), file('a')] },
  { what: 'a name twice, spelt differently', code: 'duplicate-name', headers: [file('a/b'), file('./a//b')] },
  { what: 'a folder in place of a file', code: 'duplicate-name', headers: [file('a'), folder('a')] },
  { what: 'a file in place of a folder', code: 'duplicate-name', headers: [file('a/b'), file('a')] },
  { what: 'a file in place of a link', code: 'duplicate-name', headers: [symlink('a', 'b'), file('a')] },
  {
    what: 'a file below a link',
    code: 'parent-not-a-folder',
    headers: [symlink('a', '/etc'), file('a/passwd')],
  },
  {
    what: 'a file below a link that stays inside',
    code: 'parent-not-a-folder',
    headers: [folder('b'), symlink('a', 'b'), file('a/c')],
  },
  { what: 'a file below a file', code: 'parent-not-a-folder', headers: [file('a'), file('a/b')] },
  { what: 'a link above the root', code: 'link-out', headers: [symlink('a', '../etc/passwd')] },
  { what: 'a deep link above the root', code: 'link-out', headers: [symlink('a/b/c', '../../../etc')] },
  {
    what: 'a link out through another link',
    code: 'link-out',
    headers: [folder('x/y'), symlink('d', 'x/y'), symlink('e', 'd/../../../etc')],
  },
  {
    what: 'a link out through a link made later',
    code: 'link-out',
    headers: [symlink('e', 'd/../..'), symlink('d', '.')],
  },
  { what: 'a link up and down again', code: 'link-out', headers: [symlink('a', '../bundle/a')] },
  { what: 'an absolute link to what is not there', code: 'link-out', headers: [symlink('a', '/etc/passwd')] },
  { what: 'an absolute link with ..', code: 'link-out', headers: [symlink('a', '/../etc/passwd')] },
  { what: 'an empty link', code: 'link-out', headers: [symlink('a', '')] },
  { what: 'a control character in a link', code: 'link-out', headers: [symlink('a', 'b\n')] },
  { what: 'a link that is not UTF-8', code: 'link-out', headers: [symlink('a', 'b\ufffd')] },
  { what: 'a link that is too long', code: 'link-out', headers: [symlink('a', 'b/'.repeat(1100))] },
  { what: 'a hard link out', code: 'hard-link-out', headers: [hardLink('a', '../etc/passwd')] },
  { what: 'an absolute hard link', code: 'hard-link-out', headers: [hardLink('a', '/etc/passwd')] },
  { what: 'a hard link to nothing', code: 'hard-link-out', headers: [hardLink('a', 'b')] },
  { what: 'a hard link to a later file', code: 'hard-link-out', headers: [hardLink('a', 'b'), file('b')] },
  {
    what: 'a hard link to a link',
    code: 'hard-link-out',
    headers: [symlink('b', '/etc/passwd'), hardLink('a', 'b')],
  },
  { what: 'a hard link to a folder', code: 'hard-link-out', headers: [folder('b'), hardLink('a', 'b')] },
  {
    what: 'a hard link through a link',
    code: 'hard-link-out',
    headers: [symlink('b', '.'), file('f'), hardLink('a', 'b/f')],
  },
  { what: 'too many folders', code: 'too-deep', headers: [file('a/b/c/d/e/f/g/h/i')] },
  { what: 'too many bytes in one file', code: 'too-large', headers: [file('a', { sizeBytes: 1001 })] },
  {
    what: 'too many bytes in all',
    code: 'too-large',
    headers: [file('a', { sizeBytes: 600 }), file('b', { sizeBytes: 600 })],
  },
  {
    what: 'too many entries',
    code: 'too-many-entries',
    headers: Array.from({ length: 101 }, (_, index) => file(`f${index}`)),
  },
];

test.group('ArchiveTree', () => {
  test('refuses {what}, by its name')
    .with([...hostile])
    .run(({ assert }, { code, headers }) => {
      assert.equal(
        codeOf(() => build(...headers)),
        `archive-${code}`,
      );
    });

  test('names the entry, with control characters made visible', ({ assert }) => {
    assert.throws(
      () => build(file('good'), file('bad\u001b[2J')),
      /^bundle\.tar is refused: entry "bad\\u001b\[2J" has a control character/,
    );
    assert.throws(() => build(file('good\u202ehs')), /entry "good\\u202ehs"/);
  });

  test('accepts what a bundle is made of', ({ assert }) => {
    const tree = build(
      folder('./'),
      folder('bin/'),
      folder('bin/'),
      file('storage/v15/bin/postgres', { mode: 0o755 }),
      symlink('bin/sh', '../storage/v15/bin/postgres'),
      hardLink('storage/v15/bin/postmaster', './storage/v15/bin/postgres'),
      hardLink('storage/third-name', 'storage/v15/bin/postmaster'),
      symlink('storage/loop', 'loop'),
      symlink('storage/dangling', 'nowhere'),
      symlink('lib', '/storage/v15'),
      symlink('null', '/dev/null'),
    );
    assert.deepEqual(tree.absoluteLinks, ['lib', 'null']);
  });

  test('gives normal paths and plain modes', ({ assert }) => {
    const tree = new ArchiveTree('bundle.tar', limits);
    assert.isUndefined(tree.accept(folder('.')));
    assert.deepEqual(tree.accept(folder('a//b/')), { kind: 'directory', path: 'a/b', mode: 0o755 });
    assert.deepEqual(tree.accept(file('./a/b/c', { mode: 0o100711, sizeBytes: 3 })), {
      kind: 'file',
      path: 'a/b/c',
      mode: 0o711,
      sizeBytes: 3,
    });
  });
});
