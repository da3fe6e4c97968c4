import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { initdbCases } from '../../../harness/gate/initdb/initdb-cases.ts';
import type { InitdbFindingCode } from '../../../harness/verdict/finding-code.ts';
import type { Promised } from '../../../suites/promise.ts';
import { makesDataDirectory } from '../../../suites/initdb/data-directory.ts';
import { obeys } from '../../../suites/initdb/options.ts';
import { sameAsVanilla, sameInTwoRuns } from '../../../suites/initdb/same-trees.ts';
import { startsInCompute } from '../../../suites/initdb/start-in-compute.ts';
import { referenceBundle } from '../../support/small-tape.ts';
import { breakInitdb, type InitdbFault } from '../support/broken-initdb.ts';
import { openInitdbGate } from '../support/initdb-gate.ts';

/* Each way of being wrong is caught by its check, in words that name it. 15 has the libc provider and ICU, 17 the builtin one. */

interface Expectation {
  readonly name: string;
  readonly major: number;
  readonly fault: InitdbFault;
  readonly promised: Promised;
  readonly code: InitdbFindingCode;
  readonly words: RegExp;
}

const expectations: readonly Expectation[] = [
  {
    name: 'no passwd entry',
    major: 17,
    fault: { kind: 'lacks', path: 'etc/passwd' },
    promised: makesDataDirectory(),
    code: 'initdb-no-passwd-entry',
    words: /no passwd entry for uid 65534.*could not look up effective user ID/s,
  },
  {
    name: 'no shell',
    major: 17,
    fault: { kind: 'lacks', path: 'bin/sh' },
    promised: makesDataDirectory(),
    code: 'initdb-command-failed',
    words: /needs \/bin\/sh/,
  },
  {
    name: 'no program `locale`, so that nothing is imported',
    major: 17,
    fault: { kind: 'lacks', path: 'storage/v%/bin/locale' },
    promised: makesDataDirectory(),
    code: 'initdb-no-system-locales',
    words: /`locale -a` is missing in the bundle/,
  },
  {
    name: "the pageserver's locale is missing",
    major: 15,
    fault: { kind: 'lacks', path: 'storage/v%/lc/C.utf8' },
    promised: makesDataDirectory(),
    code: 'initdb-locale-missing',
    words: /the locale C\.UTF-8 is missing/,
  },
  {
    name: 'a locale of another is missing',
    major: 15,
    fault: { kind: 'lacks', path: 'storage/v%/lc/sv_SE.utf8' },
    promised: sameAsVanilla(),
    code: 'initdb-collations-differ',
    words: /lacks \d collations? that vanilla initdb 15\S* of debian:12 has: libc sv_SE\.utf8/,
  },
  {
    name: 'a locale of another is missing, and is asked for',
    major: 15,
    fault: { kind: 'lacks', path: 'storage/v%/lc/sv_SE.utf8' },
    promised: obeys(caseOf(15, 'libc-mixed')),
    code: 'initdb-locale-missing',
    words: /--lc-collate=sv_SE\.UTF-8.*the locale sv_SE\.UTF-8 is missing/,
  },
  {
    name: 'falls back to C without a word',
    major: 15,
    fault: script('sound $(echo "$@" | tool sed "s/--locale C.UTF-8//")'),
    promised: makesDataDirectory(),
    code: 'initdb-locale-fallback',
    words: /database postgres fell back silently to collate C, asked was C\.UTF-8/,
  },
  {
    name: 'takes another locale than it is told',
    major: 15,
    fault: script('sound "$@" --locale=sv_SE.UTF-8'),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-locale',
    words: /database postgres has collate sv_SE\.UTF-8, asked was C\.UTF-8/,
  },
  {
    name: 'takes another provider than it is told',
    major: 15,
    fault: script('sound "$@" --locale-provider=icu --icu-locale=und'),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-locale',
    words: /database postgres has provider icu, asked was libc/,
  },
  {
    name: 'takes another encoding than it is told',
    major: 15,
    fault: script('sound "$@" --encoding=SQL_ASCII'),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-encoding',
    words: /database postgres has encoding SQL_ASCII, asked was UTF8/,
  },
  {
    name: 'turns checksums on',
    major: 17,
    fault: script('sound "$@" --data-checksums'),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-checksums',
    words: /data checksums are on, asked was off/,
  },
  {
    name: 'makes larger WAL segments',
    major: 17,
    fault: script('sound "$@" --wal-segsize=32'),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-segment-size',
    words: /33554432 bytes, asked was 16777216/,
  },
  {
    name: 'lets a time zone in',
    major: 17,
    fault: script('export TZ=Asia/Tokyo', 'sound "$@"'),
    promised: makesDataDirectory(),
    code: 'initdb-time-zone-leak',
    words: /postgresql\.conf has timezone Asia\/Tokyo, though nobody asked/,
  },
  {
    name: 'a second run writes another byte into a page',
    major: 17,
    fault: script(
      'sound "$@"',
      'tool dd if=/dev/urandom of=$data/base/5/1255 bs=1 count=8 seek=16000 conv=notrunc 2>&1',
    ),
    promised: sameInTwoRuns(),
    code: 'initdb-pages-differ',
    words:
      /1 page of 1 relation file differs from the first run; postgres pg_catalog\.pg_proc \(base\/5\/1255\) block 1: content, byte \d+, .+: [0-9a-f]+.* expected, [0-9a-f]+.* found/,
  },
  {
    name: 'one other byte in one relation file',
    major: 17,
    fault: script('sound "$@"', 'printf X | tool dd of=$data/base/1/2617 bs=1 seek=8100 conv=notrunc 2>&1'),
    promised: sameAsVanilla(),
    code: 'initdb-pages-differ',
    words:
      /^1 page of 1 relation file differs from vanilla initdb .*template1 pg_catalog\.pg_operator \(base\/1\/2617\) block 0: content, byte 8100, data of item \d+: /,
  },
  {
    name: 'a table more in template1',
    major: 17,
    fault: script('sound "$@"', 'statement "CREATE TABLE guest (a int)"'),
    promised: sameAsVanilla(),
    code: 'initdb-pages-differ',
    words: /template1 pg_catalog\.pg_class/,
  },
  {
    name: 'one row of pg_collation less',
    major: 17,
    fault: script('sound "$@"', 'statement "DELETE FROM pg_collation WHERE collname = \'de-AT-x-icu\'"'),
    promised: sameAsVanilla(),
    code: 'initdb-collations-differ',
    words: /pg_collation lacks 1 collation that vanilla initdb \S+ of debian:13 has: ICU de-AT-x-icu/,
  },
  {
    name: 'one other setting',
    major: 17,
    fault: script(
      'sound "$@"',
      'tool sed -i "s/^max_connections = 100/max_connections = 20/" $data/postgresql.conf',
    ),
    promised: sameAsVanilla(),
    code: 'initdb-settings-differ',
    words:
      /postgresql\.conf: max_connections is 20 instead of 100, against vanilla initdb .*\(initdb tries how many the kernel allows\)/,
  },
  {
    name: 'another mode',
    major: 17,
    fault: script('sound "$@"', 'tool chmod 0640 $data/pg_hba.conf'),
    promised: sameAsVanilla(),
    code: 'initdb-files-differ',
    words: /pg_hba\.conf has mode 0640 instead of 0600/,
  },
  {
    name: 'a link instead of a folder',
    major: 17,
    fault: script('sound "$@"', 'tool rm -r $data/pg_notify', 'tool ln -s /inout $data/pg_notify'),
    promised: sameAsVanilla(),
    code: 'initdb-files-differ',
    words: /pg_notify is a link instead of a folder/,
  },
  {
    name: 'a warning of its own',
    major: 17,
    fault: script('sound "$@"', 'echo "initdb: warning: trust nobody" >&2'),
    promised: sameAsVanilla(),
    code: 'initdb-output-differs',
    words: /initdb says "initdb: warning: trust nobody"/,
  },
  {
    name: 'a control file that is damaged',
    major: 17,
    fault: script(
      'sound "$@"',
      'printf X | tool dd of=$data/global/pg_control bs=1 seek=100 conv=notrunc 2>&1',
    ),
    promised: makesDataDirectory(),
    code: 'initdb-wrong-settings',
    words: /CRC/,
  },
  {
    name: 'collation versions of another ICU',
    major: 17,
    fault: script(
      'sound "$@"',
      "statement \"UPDATE pg_collation SET collversion = '153.14' WHERE collprovider = 'i'\"",
    ),
    promised: startsInCompute(),
    code: 'collation-version-mismatch',
    words:
      /icu collations recorded with version 153\.14 have version 153\.128\S* in debian:13: .*its server says: .* has version mismatch; The collation in the database was created using version 153\.14/,
  },
  {
    name: 'the same, beside vanilla',
    major: 17,
    fault: script(
      'sound "$@"',
      "statement \"UPDATE pg_collation SET collversion = '153.14' WHERE collprovider = 'i'\"",
    ),
    promised: sameAsVanilla(),
    code: 'initdb-collation-versions-differ',
    words: /\d+ collations of ICU bear version 153\.14 instead of 153\.128/,
  },
  {
    name: 'settings that the compute image refuses',
    major: 17,
    fault: script('sound "$@"', 'echo "wal_level = total" >> $data/postgresql.conf'),
    promised: startsInCompute(),
    code: 'compute-start-failed',
    words: /debian:13 starts on its own data directory, but not on the bundle's: .*wal_level/s,
  },
];

test.group('broken initdb', (group) => {
  let reference: string;
  group.setup(async () => {
    reference = (await referenceBundle()).directory;
  });

  for (const { name, major, fault, promised, code, words } of expectations) {
    test(`catch: ${name}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a broken initdb');
      const candidate = await breakInitdb(reference, major, fault, join(scratch.path, 'bundle'));
      await using gate = await openInitdbGate({ candidate, major, hosts: ['debian:12'] }, scratch.path);
      const { findings, notJudged } = await gate.examine(promised);
      assert.isUndefined(notJudged, String(notJudged));
      const [first] = findings;
      assert.equal(first?.code, code, findings.map(({ message }) => message).join('\n'));
      assert.match(first?.message ?? '', words);
    });
  }

  test('what failed is not compared, and says so', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken initdb');
    const fault: InitdbFault = { kind: 'lacks', path: 'etc/passwd' };
    const candidate = await breakInitdb(reference, 17, fault, join(scratch.path, 'bundle'));
    await using gate = await openInitdbGate({ candidate, major: 17, hosts: ['debian:12'] }, scratch.path);
    for (const promised of [sameInTwoRuns(), sameAsVanilla(), startsInCompute()]) {
      const { findings, notJudged } = await gate.examine(promised);
      assert.isEmpty(findings);
      assert.match(String(notJudged), /nothing to compare.*no passwd entry/s);
    }
  });

  for (const major of [15, 17]) {
    test(`pass: the reference bundle, ${String(major)}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a sound initdb');
      await using gate = await openInitdbGate(
        { candidate: reference, major, hosts: ['debian:12'] },
        scratch.path,
      );
      const options = initdbCases(major).slice(0, 1).map(obeys);
      for (const promised of [
        makesDataDirectory(),
        sameInTwoRuns(),
        sameAsVanilla(),
        startsInCompute(),
        ...options,
      ])
        assert.deepInclude(await gate.examine(promised), { findings: [], notJudged: undefined }, promised.id);
    });
  }
});

function script(...lines: readonly string[]): InitdbFault {
  return { kind: 'script', lines };
}

function caseOf(major: number, id: string): ReturnType<typeof initdbCases>[number] {
  const found = initdbCases(major).find((each) => each.id === id);
  if (found === undefined) throw new TypeError(`there is no case ${id}`);
  return found;
}
