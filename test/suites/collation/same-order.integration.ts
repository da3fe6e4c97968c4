import { rm } from 'node:fs/promises';

import { test } from '@japa/runner';

import { openBundle } from '../../../harness/bundle/open.ts';
import { parseLocalesInUse } from '../../../harness/collation/locale-in-use.ts';
import type { LibraryProvider } from '../../../harness/collation/probe.ts';
import { buildPgInstall } from '../../../harness/bundle/pg-install/build.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { copyBundle } from '../../support/broken-bundle.ts';
import { referenceBundle } from '../../support/small-tape.ts';
import { ordersAsCompute } from '../../../suites/collation/same-order.ts';
import { type Examined, type InitdbGate, openInitdbGate } from '../support/initdb-gate.ts';

/* A bundle that brings its libicu and leans on its host for the rest: npm's server, as in the compute image npm:18.4. */
const major = 18;

test.group('order under the libraries of a bundle', (group) => {
  let scratch: TemporaryDirectory;
  let candidate: string;
  const gates = new AsyncDisposableStack();

  group.setup(async () => {
    scratch = await temporaryDirectory('a pg-install bundle');
    const { path } = await buildPgInstall({
      majors: [major],
      out: `${scratch.path}/bundle.tar`,
      progress: silent,
    });
    candidate = (await openBundle(path, silent)).directory;
    return async () => {
      await gates.disposeAsync();
      await scratch[Symbol.asyncDispose]();
    };
  });
  async function examine(
    provider: LibraryProvider,
    host: string,
    locales: string,
    compute = 'npm:18.4',
  ): Promise<Examined> {
    const gate: InitdbGate = gates.use(
      await openInitdbGate(
        { candidate, major, hosts: [host], compute, locales: parseLocalesInUse('--locales', locales) },
        scratch.path,
      ),
    );
    return gate.examine(ordersAsCompute(provider), host, 'collation');
  }

  test('nothing is put in order where library and data are the same, byte for byte', async ({ assert }) => {
    const { findings, notes, notJudged } = await examine('libc', 'debian:12', 'C.UTF-8,sv_SE.UTF-8,C');
    assert.deepEqual([findings, notJudged], [[], undefined]);
    assert.lengthOf(notes, 1);
    assert.match(
      notes[0] ?? '',
      /^C library and LC_COLLATE of every locale equal the compute image's byte for byte \(sha256 [0-9a-f]{16}\): no order to compare, for C\.UTF-8, sv_SE\.UTF-8 and/,
    );
    const icu = await examine('icu', 'debian:11', 'und');
    assert.deepEqual([icu.findings, icu.notJudged], [[], undefined]);
    assert.match(icu.notes[0] ?? '', /^libicu, code and data, equal the compute image's byte for byte/);
  });

  test('drift of the C library in a locale in use is a finding, in others a note', async ({ assert }) => {
    const { findings, notes, notJudged } = await examine('libc', 'debian:11', 'C.UTF-8,en_US.UTF-8');
    assert.isUndefined(notJudged);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['collation-order-drift'],
    );
    assert.match(
      findings[0]?.message ?? '',
      /^libc \(glibc 2\.31\) of the bundle on debian:11 orders strings otherwise than libc \(glibc 2\.36\) of npm:18\.4 in C\.UTF-8, in use: 56,\d{3} code points move .*; "0" < "😀" \(U\+1F600\) in npm:18\.4, > in the bundle on debian:11; .*; PostgreSQL would NOT warn$/,
    );
    assert.containSubset(findings[0]?.details, {
      library: 'libc',
      locales: ['C.UTF-8'],
      warned: 'no',
      computeCollversion: 'none',
    });
    const words = notes.join('\n');
    assert.match(words, /strings in one order in en_US\.UTF-8; .*2\.36 against 2\.31\): a false alarm$/m);
    assert.match(words, /^not in use, but order changes in: .*sv_FI/m);
  });

  test('another libicu is named, with pairs that change places', async ({ assert }) => {
    const { findings, notJudged } = await examine('icu', 'debian:12', 'und,sv,zh', 'debian:14');
    assert.isUndefined(notJudged);
    assert.isNotEmpty(findings);
    for (const { code, message, details } of findings) {
      assert.equal(code, 'collation-order-drift');
      assert.match(
        message,
        /^libicu 60\.2 of the bundle on debian:12 orders strings otherwise than libicu \d+\.\d/,
      );
      assert.match(message, /PostgreSQL would warn \(collversion 153\.\S+ against 153\.80/);
      const examples = (details?.['examples'] ?? []) as readonly string[];
      assert.isTrue(examples.some((each) => /U\+0027.* in debian:14, [<>=] in the bundle/.test(each)));
    }
    assert.sameMembers(
      findings.flatMap(({ details }) => details?.['locales'] as readonly string[]),
      ['und', 'sv', 'zh'],
    );
  });

  test('another libicu of which no locale is in use is a note', async ({ assert }) => {
    const { findings, notes, notJudged } = await examine('icu', 'debian:12', 'C.UTF-8', 'debian:14');
    assert.deepEqual([findings, notJudged], [[], undefined]);
    assert.lengthOf(notes, 2);
    assert.equal(notes[0], 'no locale of the libicu is in use');
    assert.match(notes[1] ?? '', /^not in use, but order changes in: und, .* and [\d,]+ more$/);
    // Where the library is the same there is no more to say.
    const same = await examine('icu', 'debian:12', 'C.UTF-8');
    assert.deepEqual([same.findings, same.notes], [[], ['no locale of the libicu is in use']]);
  });

  test('a locale that nobody has proves nothing', async ({ assert }) => {
    const { findings, notJudged } = await examine('libc', 'debian:12', 'xx_XX.UTF-8');
    assert.isEmpty(findings);
    assert.match(String(notJudged), /neither bundle nor compute image has the locale xx_XX\.UTF-8/);
  });
});

/* The reference bundle's 17 has libc and libicu of Debian 13. */
test.group('order under the libicu of a bundle that brings its own', () => {
  for (const { compute, outcome, expected } of [
    {
      compute: 'pg=npm:17,libc=debian:13,icu=debian:12',
      outcome: 'fails',
      expected:
        /^libicu 76\.1 of the bundle orders strings otherwise than libicu 72\.1 of pg=npm:17\.10,libc=debian:13,icu=debian:12 in und, in use: 4,2\d\d code points move \(Han .*"D'Angelo.*PostgreSQL would warn \(collversion 153\.120 against 153\.128\)$/,
    },
    { compute: 'pg=npm:17,libc=debian:13,icu=debian:13', outcome: 'passes', expected: undefined },
  ])
    test(`against a compute image with ${compute} it ${outcome}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a bundle of one major');
      const candidate = `${scratch.path}/bundle`;
      await copyBundle((await referenceBundle()).directory, candidate, [17]);
      await using gate = await openInitdbGate(
        {
          candidate,
          major: 17,
          hosts: ['debian:12'],
          compute,
          locales: parseLocalesInUse('--locales', 'und,C.UTF-8'),
        },
        scratch.path,
      );
      const libc = await gate.examine(ordersAsCompute('libc'), 'debian:12', 'collation');
      assert.deepEqual([libc.findings, libc.notJudged], [[], undefined]);
      const icu = await gate.examine(ordersAsCompute('icu'), 'debian:12', 'collation');
      assert.isUndefined(icu.notJudged);
      assert.lengthOf(icu.findings, expected === undefined ? 0 : 1);
      for (const { message } of icu.findings) assert.match(message, expected ?? /^$/);
      if (expected === undefined) assert.match(icu.notes[0] ?? '', /^libicu, code and data, equal/);
    });

  test('it fails without a locale that is said to be in use, and is told of others', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle without a locale');
    const candidate = `${scratch.path}/bundle`;
    await copyBundle((await referenceBundle()).directory, candidate, [17]);
    await rm(`${candidate}/storage/v17/lc/sv_SE.utf8`, { recursive: true });
    for (const [locales, codes] of [
      [parseLocalesInUse('--locales', 'C.UTF-8,sv_SE.UTF-8'), ['collation-locale-missing']],
      [undefined, []],
    ] as const) {
      await using gate = await openInitdbGate(
        { candidate, major: 17, hosts: ['debian:12'], ...(locales === undefined ? {} : { locales }) },
        scratch.path,
      );
      const { findings, notes } = await gate.examine(ordersAsCompute('libc'), 'debian:12', 'collation');
      assert.deepEqual(
        findings.map(({ code }) => code),
        codes,
      );
      assert.match(
        [...notes, ...findings.map(({ message }) => message)].join('\n'),
        /lacks the locale sv_SE\.UTF-8/,
      );
    }
  });
});
