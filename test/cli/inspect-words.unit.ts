import { test } from '@japa/runner';

import type { BundleDescription, MajorDescription } from '../../harness/bundle/inventory/describe-bundle.ts';
import { findWords, inspectWords } from '../../harness/cli/inspect-words.ts';

const bare: MajorDescription = {
  major: 15,
  server: {
    path: 'v15/postgres',
    version: '15.18',
    platform: 'x86_64-linux',
    compiler: 'gcc-12',
    linkage: 'static',
    catalogVersion: null,
    blockBytes: null,
    segmentBytes: null,
    walBlockBytes: null,
    options: {
      icu: null,
      lz4: true,
      zstd: false,
      libxml: null,
      openssl: null,
      llvm: null,
      'system-tzdata': null,
    },
    configuration: null,
  },
  libc: null,
  icu: null,
  collationVersions: { libc: null, icuRoot: '153.120' },
  locales: { folders: [], archives: [], names: [] },
  timeZones: null,
  libraries: [],
  openedByName: [],
  missingLibraries: [],
  packages: [],
  composition: null,
  compilers: [],
  kernelFloor: null,
};

function bundle(major: MajorDescription): BundleDescription {
  return { source: 'b.tar', digest: 'ab'.repeat(32), layout: 'static', fileCount: 2, majors: [major] };
}

test.group('inspectWords', () => {
  test('says what is unknown, and does not take what is linked in for missing', ({ assert }) => {
    const words = inspectWords(bundle(bare)).join('\n');
    assert.match(words, /^b\.tar \(static, sha256 abababababab\): 2 files$/m);
    assert.match(words, /^ {2}catalog +unknown$/m);
    assert.match(words, /^ {2}built with +icu unknown, lz4 yes, zstd no,/m);
    assert.match(words, /^ {2}libc +inside the program, which does not tell its version$/m);
    assert.match(words, /^ {2}libicu +inside the program, which does not tell its version$/m);
    const dynamic = inspectWords(bundle({ ...bare, server: { ...bare.server, linkage: 'dynamic' } }));
    assert.match(dynamic.join('\n'), /^ {2}libc +none of its own$/m);
  });
});

test.group('findWords', () => {
  test('says so when nothing was found', ({ assert }) => {
    assert.deepEqual(findWords('libx', [], 3), ['libx: in none of 3 bundles']);
  });
});
