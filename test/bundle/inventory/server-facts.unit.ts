import { test } from '@japa/runner';

import {
  builtWith,
  readServerFacts,
  type ServerFacts,
  storageSizes,
} from '../../../harness/bundle/inventory/server-facts.ts';

function strings(...words: readonly string[]): Buffer {
  return Buffer.from(`\0${words.join('\0')}\0`);
}

const debian = strings(
  'PostgreSQL %s',
  '/storage/v17/tzdata',
  'PostgreSQL 17.11 (Debian 17.11-0+deb13u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 14.2.0-19) 14.2.0, 64-bit',
  'PG_17_202406281',
  " '--prefix=/usr' '--with-icu' '--with-lz4' '--with-system-tzdata=/usr/share/zoneinfo'",
);

function factsOf(bytes: Buffer): ServerFacts {
  const facts = readServerFacts(bytes);
  if (facts === undefined) throw new Error('no server');
  return facts;
}

test.group('readServerFacts', () => {
  test('reads version, compiler, catalog version, configuration and paths', ({ assert }) => {
    assert.deepEqual(factsOf(debian), {
      major: 17,
      version: '17.11 (Debian 17.11-0+deb13u1)',
      platform: 'x86_64-pc-linux-gnu',
      compiler: 'gcc (Debian 14.2.0-19) 14.2.0',
      catalogVersion: 202406281,
      configuration: "'--prefix=/usr' '--with-icu' '--with-lz4' '--with-system-tzdata=/usr/share/zoneinfo'",
      paths: ['/storage/v17/tzdata'],
    });
  });

  test('knows development versions, and what the build left out is unknown, not no', ({ assert }) => {
    const facts = factsOf(strings('PostgreSQL 19devel on x86_64-linux, compiled by clang-18.1.8, 64-bit'));
    assert.equal(facts.major, 19);
    assert.equal(facts.version, '19devel');
    assert.isUndefined(builtWith(facts, 'icu'));
    assert.isUndefined(storageSizes(facts));
    assert.isUndefined(facts.catalogVersion);
  });

  test('tells options and sizes of the build', ({ assert }) => {
    const facts = factsOf(debian);
    assert.deepEqual(
      ['icu', 'lz4', 'zstd'].map((option) => builtWith(facts, option)),
      [true, true, false],
    );
    assert.deepEqual(storageSizes(facts), { blockBytes: 8192, segmentBytes: 2 ** 30, walBlockBytes: 8192 });
    const odd = {
      ...facts,
      configuration: "'--with-blocksize=32' '--with-segsize=4' '--with-wal-blocksize=16'",
    };
    assert.deepEqual(storageSizes(odd), {
      blockBytes: 32_768,
      segmentBytes: 4 * 2 ** 30,
      walBlockBytes: 16_384,
    });
  });

  test('is not taken in by what merely speaks of PostgreSQL', ({ assert }) => {
    assert.isUndefined(
      readServerFacts(strings('initdb (PostgreSQL) 17.11', 'PostgreSQL 17.11', 'PG_17_202406281')),
    );
    assert.isUndefined(readServerFacts(Buffer.alloc(0)));
  });
});
