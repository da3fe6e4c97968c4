import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { captureWork, type Capture } from '../../harness/compute/capture.ts';
import { regressionWork, type RegressionWork } from '../../harness/compute/regression-run.ts';
import type { RegressionSuite } from '../../harness/compute/regression-suite.ts';
import { recordsOnly } from '../../harness/compute/wal-settings.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { tapeOfCapture } from '../../harness/gate/capture/capture-tape.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';

const major = 17;

interface Script {
  readonly sql: string;
  /** `expected/NAME.out` and its variants, by what stands behind NAME; none by default. */
  readonly expected?: Readonly<Record<string, string>>;
}

/* A suite of the tests' own: the real one takes minutes, and a whole source package (test/cli/regress.product.ts). */
const scripts: Readonly<Record<string, Script>> = {
  first: {
    sql: 'CREATE TABLE kept (number int);\nINSERT INTO kept VALUES (1), (2);\n',
    expected: { '': 'CREATE TABLE kept (number int);\nINSERT INTO kept VALUES (1), (2);\n' },
  },
  variant: {
    sql: 'SELECT 1 / 0;\n',
    expected: { '': 'another\n', _1: 'SELECT 1 / 0;\nERROR:  division by zero\n' },
  },
  otherwise: { sql: 'SELECT 3;\n', expected: { '': 'SELECT 3;\n four\n' } },
  surroundings: {
    sql: [
      '\\getenv srcdir PG_ABS_SRCDIR',
      '\\getenv builddir PG_ABS_BUILDDIR',
      "\\set data :srcdir '/data/numbers.data'",
      "\\set target :builddir '/results/numbers.data'",
      "CREATE TABLESPACE refused LOCATION '';",
      'SET allow_in_place_tablespaces = on;',
      "CREATE TABLESPACE here LOCATION '';",
      'CREATE TABLE placed (number int) TABLESPACE here;',
      "COPY placed FROM :'data';",
      "COPY placed TO :'target';",
      "SELECT current_database(), current_setting('DateStyle'), current_setting('intervalstyle');",
      "BEGIN; INSERT INTO placed VALUES (9); PREPARE TRANSACTION 'first'; COMMIT PREPARED 'first';",
      '',
    ].join('\n'),
  },
};

async function makeSuite(directory: string, own: Readonly<Record<string, Script>>): Promise<RegressionSuite> {
  for (const folder of ['sql', 'expected', 'data', 'lib']) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  await writeFile(join(directory, 'data/numbers.data'), '5\n6\n');
  for (const [name, { sql, expected = {} }] of Object.entries(own)) {
    await writeFile(join(directory, 'sql', `${name}.sql`), sql);
    for (const [variant, text] of Object.entries(expected)) {
      await writeFile(join(directory, 'expected', `${name}${variant}.out`), text);
    }
  }
  const names = Object.keys(own);
  return { major, origin: 'a suite of its own', directory, scripts: names, unscheduled: [], digest: '00' };
}

test.group('regressionWork', (group) => {
  let host: Host;
  let directory: TemporaryDirectory;
  let work: RegressionWork;
  let capture: Capture;

  async function run(name: string, own: Readonly<Record<string, Script>>): Promise<Capture> {
    const place = join(directory.path, name);
    const scratch = join(place, 'scratch');
    await mkdir(scratch, { recursive: true });
    work = regressionWork(await makeSuite(join(place, 'suite'), own), host, scratch, silent);
    const makeDataDirectory = (target: string): Promise<void> => ownInitdb(host, major, target);
    const target = join(place, 'capture');
    return captureWork(
      { host, major, makeDataDirectory, wal: recordsOnly, directory: target, progress: silent },
      work,
    );
  }

  group.setup(async () => {
    directory = await temporaryDirectory('a regression suite');
    host = await openComputeImage(major);
    capture = await run('sound', scripts);
    return async () => {
      await host[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    };
  });

  test('tells the scripts whose output is expected, in any variant, from the others', ({ assert }) => {
    assert.deepEqual(work.outcome, {
      asExpected: ['first', 'variant'],
      otherwise: ['otherwise', 'surroundings'],
    });
  });

  test('gives the scripts what pg_regress gives them', async ({ assert }) => {
    const results = join(directory.path, 'sound/scratch/results');
    const output = await readFile(join(results, 'surroundings.out'), 'utf8');
    assert.match(output, /^ regression +\| Postgres, MDY +\| postgres_verbose$/m);
    // The one statement that must fail: tablespaces in place are for those who turn them on.
    assert.lengthOf(output.match(/^ERROR: /gm) ?? [], 1, output);
    assert.include(output, 'ERROR:  tablespace location must be an absolute path');
    assert.equal(await readFile(join(results, 'numbers.data'), 'utf8'), '5\n6\n');
  });

  test('captures what they did, tablespaces in the data directory too', async ({ assert }) => {
    const named = (name: string): Capture['relations'][number] | undefined =>
      capture.relations.find((relation) => relation.name === name);
    assert.equal(named('kept')?.spcOid, 1663);
    assert.isAbove(named('placed')?.spcOid ?? 0, 16_383);
    const { counts } = await tapeOfCapture(capture, join(directory.path, 'tape'));
    assert.isAbove(counts.requests, 0);
    const spaces = [...Tape.open(join(directory.path, 'tape')).index].map(({ key }) => key.spcOid);
    assert.isTrue(spaces.some((spcOid) => spcOid === named('placed')?.spcOid));
  });

  test('says in which script the server was lost, and what its log says', async ({ assert }) => {
    const deadly = { deadly: { sql: "COPY (SELECT 1) TO PROGRAM 'kill -SEGV $PPID';\n" } };
    const error = await rejectionOf(run('deadly', { first: { sql: 'SELECT 1;\n' }, ...deadly }));
    assert.equal(error.code, 'server-lost');
    assert.equal(error.kind, 'infrastructure');
    assert.include(error.message, 'deadly.sql');
    assert.include(error.message, 'terminated by signal 11');
  });
});
