import { test } from '@japa/runner';

import type { CollationEnvironment } from '../../../harness/collation/environment.ts';
import type { EnvironmentDigests } from '../../../harness/collation/environment-digests.ts';
import { libraryDrift, type LibraryDrift } from '../../../harness/gate/order/library-drift.ts';
import type { LibraryProvider } from '../../../harness/collation/probe.ts';
import { silent } from '../../../harness/host/progress.ts';

const environment: CollationEnvironment = {
  name: 'compute',
  rootPath: '/nowhere',
  probeBuild: 'one-libc',
  localeDirectory: '/usr/lib/locale',
  icu: undefined,
  loader: undefined,
  mounts: [],
};
const digests: EnvironmentDigests = {
  libc: 'code',
  icu: 'icu',
  locales: new Map([
    ['C.UTF-8', 'bytes'],
    ['sv_SE.UTF-8', 'swedish'],
    ['de_DE', 'german'],
  ]),
};

/** Nothing can be asked in these environments: what is answered is known from the digests alone. */
function compare(
  provider: LibraryProvider,
  locales: readonly string[],
  candidate: Partial<EnvironmentDigests>,
  compute: Partial<EnvironmentDigests> = {},
): Promise<LibraryDrift> {
  const other = { ...environment, name: 'candidate' };
  return libraryDrift(
    { compute: environment, candidate: other },
    provider,
    locales,
    (each) => Promise.resolve({ ...digests, ...(each === other ? candidate : compute) }),
    silent,
  );
}

test.group('libraryDrift', () => {
  test('the same library and data need no order', async ({ assert }) => {
    assert.deepEqual(await compare('libc', ['C.UTF-8', 'de_DE.iso88591'], {}), {
      kind: 'identical',
      digest: 'code',
      missing: [],
    });
    assert.deepEqual(await compare('icu', ['und'], { libc: 'other' }), {
      kind: 'identical',
      digest: 'icu',
      missing: [],
    });
  });

  test('what a bundle leaves out of the same data is missing, and not other', async ({ assert }) => {
    const locales = new Map([['C.UTF-8', 'bytes']]);
    assert.deepEqual(await compare('libc', ['C.UTF-8', 'sv_SE.utf8', 'xx_XX.utf8'], { locales }), {
      kind: 'identical',
      digest: 'code',
      missing: [
        { locale: 'sv_SE.utf8', in: 'candidate' },
        { locale: 'xx_XX.utf8', in: 'both' },
      ],
    });
  });

  test('a folder of the same language in another encoding is no locale of that name', async ({ assert }) => {
    const locales = new Map([
      ['C.UTF-8', 'bytes'],
      ['sv_SE', 'latin'],
      ['de_DE', 'german'],
    ]);
    const answer = await compare('libc', ['sv_SE.UTF-8', 'de_DE.iso88591'], { locales });
    assert.deepEqual(answer.kind === 'identical' && answer.missing, [
      { locale: 'sv_SE.UTF-8', in: 'candidate' },
    ]);
  });

  test('says who has no libicu', async ({ assert }) => {
    assert.deepEqual(await compare('icu', ['und'], { icu: null }), {
      kind: 'library missing',
      in: 'candidate',
    });
    assert.deepEqual(await compare('icu', ['und'], {}, { icu: null }), {
      kind: 'library missing',
      in: 'compute',
    });
    assert.deepEqual(await compare('icu', ['und'], { icu: null }, { icu: null }), {
      kind: 'library missing',
      in: 'both',
    });
  });
});
