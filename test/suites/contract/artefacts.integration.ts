import { join } from 'node:path';

import { test } from '@japa/runner';

import { openBundle } from '../../../harness/bundle/open.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { agreesWithCompute } from '../../../suites/contract/artefacts.ts';
import { sameAsVanilla } from '../../../suites/initdb/same-trees.ts';
import { startsInCompute } from '../../../suites/initdb/start-in-compute.ts';
import { bundleOfImage, referenceBundle } from '../../support/small-tape.ts';
import { breakInitdb } from '../support/broken-initdb.ts';
import { type Examined, type InitdbGateOptions, openInitdbGate } from '../support/initdb-gate.ts';

/** For sed: a server tells in hexadecimal how it was built. */
function inHex(words: string, others: string): string {
  return ['s', ...[words, others].map((each) => Buffer.from(each).toString('hex')), ''].join('/');
}

/* Bundle and compute image of one build agree; of another build they do not, and of another minor they need not. */

test.group('the artefacts of one build', (group) => {
  let reference: string;
  group.setup(async () => {
    reference = (await referenceBundle()).directory;
  });

  async function examined(
    options: Partial<InitdbGateOptions> & Pick<InitdbGateOptions, 'major'>,
    ...promises: readonly Parameters<Awaited<ReturnType<typeof openInitdbGate>>['examine']>[0][]
  ): Promise<readonly Examined[]> {
    await using scratch = await temporaryDirectory('artefacts');
    await using gate = await openInitdbGate(
      { candidate: reference, hosts: ['debian:12'], ...options },
      scratch.path,
    );
    const all: Examined[] = [];
    for (const promised of promises) all.push(await gate.examine(promised));
    return all;
  }

  test('the reference bundle and the compute image that it is made of agree', async ({ assert }) => {
    const [result] = await examined({ major: 17 }, agreesWithCompute());
    assert.deepInclude(result, { findings: [], notJudged: undefined });
    assert.match(
      result?.notes.join() ?? '',
      /^3\d\d facts of version, catalog, build options and libraries agree/,
    );
  });

  test('a compute image with the same minor of another build is found: version, options, libicu', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('another build');
    // Debian's minors move on: one of npm's, which says in what it is another, stands for another build of itself.
    const { directory } = await openBundle(await bundleOfImage('npm:17.10'), silent);
    const otherWords = `${inHex('compiled by gcc', 'compiled by clang')}; ${inHex('--with-libxml', '--without-libxml')}`;
    const candidate = await breakInitdb(
      directory,
      17,
      {
        kind: 'script',
        program: 'postgres',
        lines: [`sound "$@"; case "$2" in -D) tool sed -i "${otherWords}" /inout/facts;; esac`],
      },
      join(scratch.path, 'bundle'),
    );
    const compute = 'pg=npm:17,libc=debian:12,icu=debian:13';
    const [result] = await examined({ candidate, major: 17, compute }, agreesWithCompute());
    assert.isUndefined(result?.notJudged);
    const told = new Map(result?.findings.map(({ code, message }) => [code, message]));
    assert.sameMembers([...told.keys()], ['artefact-version', 'artefact-build-options', 'artefact-libicu']);
    assert.match(
      told.get('artefact-version') ?? '',
      /version\(\) is PostgreSQL 17\.10 on .* compiled by clang.* instead of .* compiled by gcc/,
    );
    assert.match(
      told.get('artefact-libicu') ?? '',
      /libicu \(versions of ICU collations\) is .*153\.80.* instead of .*153\.128/,
    );
  });

  test('of another minor, the disagreement is noted, and the warning of the server is found all the same', async ({
    assert,
  }) => {
    const [build, tree, start] = await examined(
      { major: 17, compute: 'npm:17.0' },
      agreesWithCompute(),
      sameAsVanilla(),
      startsInCompute(),
    );
    for (const result of [build, tree]) {
      assert.deepInclude(result, { findings: [], notJudged: undefined });
      assert.match(result?.notes[0] ?? '', /^minor skew: .*17\.\d+ against 17\.0 of /);
      assert.isAbove(result?.notes.length ?? 0, 2);
    }
    assert.isTrue(start?.findings.every(({ code }) => code === 'collation-version-mismatch'));
    assert.match(
      start?.findings[0]?.message ?? '',
      /recorded with version \S+ have version \S+ in npm:17\.0/,
    );
  });

  test('a server that does not tell its build is compared in what its clusters tell', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a silent server');
    const candidate = await breakInitdb(
      reference,
      17,
      {
        kind: 'script',
        program: 'postgres',
        lines: ['case "$2" in -D) echo "not for you" >&2; exit 1;; esac', 'sound "$@"'],
      },
      join(scratch.path, 'bundle'),
    );
    await using gate = await openInitdbGate({ candidate, major: 17, hosts: ['debian:12'] }, scratch.path);
    const { findings, notes, notJudged } = await gate.examine(agreesWithCompute());
    assert.isUndefined(notJudged);
    assert.isEmpty(findings);
    assert.match(notes[0] ?? '', /^build options not compared: postgres --single .*not for you/s);
    assert.match(notes[1] ?? '', /^6 facts /);
  });
});
