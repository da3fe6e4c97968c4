import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import type { BundleLock } from '../../harness/pin/bundle-lock.ts';
import type { Report } from '../../harness/report/report.ts';
import { redoubt, redoubtLauncher } from '../support/redoubt-command.ts';
import { approvedRun, leaveReport } from '../pin/approved-run.ts';
import { checks, ended, found } from '../verdict/run-events.ts';
import { bundleOfImage, smallTape } from '../support/small-tape.ts';

interface Said {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

const acceptance = {
  code: 'initdb-failed',
  check: 'pg17/debian:12/initdb/*',
  reason: 'known',
  owner: 'storage',
  expires: '2999-12-31',
};

/** A policy as a project writes it, in TypeScript. */
function policyText(accepted: readonly object[]): string {
  const policy = {
    majors: [17],
    hosts: ['debian:12'],
    suites: ['initdb'],
    locales: ['und'],
    reviewers: ['@storage'],
    accepted,
  };
  return `import type { RedoubtPolicy } from 'redoubt/policy';\nexport const policy = ${JSON.stringify(policy)} satisfies RedoubtPolicy;\n`;
}

/* The folder of a project: a policy, reports, a lock file, a history. Commands are typed in it. */
test.group('redoubt pin, under a policy', (group) => {
  let scratch: TemporaryDirectory;
  let directory: string;
  let passing: Report;
  let pinned: string;
  group.setup(async () => {
    scratch = await temporaryDirectory('a project with a pin');
    directory = scratch.path;
    writeFileSync(join(directory, 'redoubt.config.ts'), policyText([]));
    passing = await answered<Report>('gate --report passing');
    pinned = (await typed('pin --report passing')).stdout;
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function typed(
    command: string,
  ): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }> {
    const { exitCode, stdout } = await execa(redoubtLauncher, [...command.split(' '), '--quiet'], {
      cwd: directory,
      reject: false,
      stdin: 'ignore',
    });
    return { exitCode, stdout };
  }

  async function answered<T>(command: string): Promise<T & { readonly ended: number | undefined }> {
    const { exitCode, stdout } = await typed(`${command} --json`);
    return { ...(JSON.parse(stdout) as T), ended: exitCode };
  }

  test('an acceptance that nothing needs fails the gate, and such a report pins nothing', async ({
    assert,
  }) => {
    writeFileSync(join(directory, 'unused.ts'), policyText([acceptance]));
    const report = await answered<Report>('gate --report unused --policy unused.ts');
    assert.equal(report.ended, 1);
    assert.match(
      report.sentence,
      /^incompatible \(policy\): the accepted finding initdb-failed .* is not found any more/,
    );
    assert.equal(report.inputs.policy?.path, 'unused.ts');
    assert.deepEqual([report.suites, report.majors, report.hosts], [['initdb'], [17], ['debian:12']]);
    const { ended, error } = await answered<Said>('pin --report unused --out unused.lock.json');
    assert.deepEqual([ended, error.code], [1, 'report-failed']);
    assert.include(error.message, 'does not approve the bundle: incompatible (policy)');
    assert.isFalse(existsSync(join(directory, 'unused.lock.json')));
  });

  test('a complete, passing report pins its bundle', ({ assert }) => {
    assert.deepEqual(
      [passing.sentence, passing.inputs.policy?.path],
      ['compatible (initdb)', 'redoubt.config.ts'],
    );
    assert.match(
      pinned,
      /^pinned {3}reference\.tar\.zst \(chroot, sha256 [0-9a-f]{12}\) in bundle\.lock\.json$/m,
    );
    assert.match(
      pinned,
      /^v17 {6}PostgreSQL 17\.\d+ .*; libicu 76\.1, collversion 153\.128; libc 2\.41; order of 1 /m,
    );
    assert.match(pinned, /^review {3}a change of bundle\.lock\.json is reviewed by @storage$/m);
    const lock = JSON.parse(readFileSync(join(directory, 'bundle.lock.json'), 'utf8')) as BundleLock;
    assert.equal(lock.bundle.digest, passing.inputs.bundles[0]?.digest);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith('.')),
      [],
    );
  });

  test('refuses a report that is {what}')
    .with([
      {
        what: 'not complete',
        options: '--policy all.ts',
        code: 'report-incomplete',
        exitCode: 2,
        says: /does not judge suite contract.*; PostgreSQL 14, 15, 16, 18; host debian:11/,
      },
      {
        what: 'of another bundle',
        options: '--candidate OTHER',
        code: 'report-of-other-bundle',
        exitCode: 2,
        says: /is of another bundle: it judged .*reference\.tar\.zst/,
      },
      {
        what: 'edited',
        options: '',
        code: 'report-edited',
        exitCode: 2,
        says: /report\.json does not say what/,
        edit: 'report.json',
      },
      {
        what: 'edited in its events',
        options: '',
        code: 'report-edited',
        exitCode: 2,
        says: /other events than those/,
        edit: 'events.ndjson',
      },
      {
        what: 'cut off',
        options: '',
        code: 'report-cut',
        exitCode: 3,
        says: /did not come to its end/,
        edit: 'cut',
      },
    ])
    .run(async ({ assert }, { options, code, exitCode, says, edit }) => {
      const before = readFileSync(join(directory, 'bundle.lock.json'));
      writeFileSync(join(directory, 'all.ts'), 'export const policy = {};\n');
      const report = join(directory, `copy-${code}-${edit ?? ''}`);
      cpSync(join(directory, 'passing'), report, { recursive: true });
      if (edit === 'cut') truncateSync(join(report, 'events.ndjson'), 2000);
      else if (edit !== undefined) {
        const text = readFileSync(join(report, edit), 'utf8');
        writeFileSync(join(report, edit), text.replace('pg17/debian:12', 'pg17/debian:13'));
      }
      const other = options.includes('OTHER') ? await bundleOfImage('npm:17.10') : '';
      const command = `pin --report ${report} ${options.replace('OTHER', other)}`.trim();
      const { ended, error } = await answered<Said>(command);
      assert.deepEqual([ended, error.code], [exitCode, code], error.message);
      assert.match(error.message, says);
      assert.deepEqual(readFileSync(join(directory, 'bundle.lock.json')), before);
    });

  test('a report over a tape of the user approves nothing, unless the policy names the tape', async ({
    assert,
  }) => {
    const tape = (await smallTape(17)).directory;
    const policy = { majors: [17], hosts: ['debian:12'], suites: ['walredo'] };
    const write = (name: string, tapes: object): void => {
      writeFileSync(
        join(directory, name),
        `export const policy = ${JSON.stringify({ ...policy, ...tapes })};\n`,
      );
    };
    write('captured.ts', {});
    write('named.ts', { tapes: [tape] });
    const report = await answered<Report>(`gate --policy captured.ts --tape ${tape} --report over-tape`);
    assert.equal(report.ended, 0, report.sentence);
    const { ended, error } = await answered<Said>('pin --report over-tape --policy captured.ts --out t.json');
    assert.deepEqual([ended, error.code], [2, 'report-incomplete']);
    assert.include(error.message, 'it replays only what it was given (');
    assert.include(error.remedy, 'Run the gate without --tape.');
    assert.isFalse(existsSync(join(directory, 't.json')));
    const pinning = await answered<BundleLock>('pin --report over-tape --policy named.ts --out t.json');
    assert.equal(pinning.ended, 0);
    assert.deepEqual(pinning.approved.computeImages, []);
  });

  test('the gate refuses a lock file that was edited by hand, and runs nothing', async ({ assert }) => {
    const text = readFileSync(join(directory, 'bundle.lock.json'), 'utf8');
    writeFileSync(join(directory, 'edited.json'), text.replace('"76.1"', '"72.1"'));
    const { ended, error } = await answered<Said>('gate --lock edited.json --report never');
    assert.deepEqual([ended, error.code], [2, 'lock-edited']);
    assert.match(
      error.message,
      /^edited\.json cannot be relied on: it was edited after redoubt pin wrote it/,
    );
    assert.isFalse(existsSync(join(directory, 'never')));
    // As CI asks whether a change of the lock file is one of redoubt pin's.
    const listed = await answered<Said>('gate --lock edited.json --list');
    assert.deepEqual([listed.ended, listed.error.code], [2, 'lock-edited']);
  });

  test('the gate refuses another libicu, in words for a reviewer', async ({ assert }) => {
    const candidate = await bundleOfImage('npm:17.10');
    const report = await answered<Report>(`gate --suites contract --candidate ${candidate} --report changed`);
    assert.equal(report.ended, 1);
    const refusal = report.findings.find(({ code }) => code === 'pin-libicu-changed');
    assert.match(
      refusal?.message ?? '',
      /^libicu 76\.1 to 60\.2: order changes for und \(.*\), asked of both bundles; libc 2\.41 to 2\.36; initdb differs in /,
    );
    assert.include(report.sentence, refusal?.message ?? '');
    const [compared] = report.inputs.pin?.comparisons ?? [];
    assert.equal(compared?.evidence, 'both bundles');
    assert.deepEqual(
      compared?.statements.map(({ subject, isSame }) => `${subject}${isSame ? ' same' : ''}`),
      ['libicu', 'libc', 'locales', 'initdb', 'server', 'libraries'],
    );
  });

  test('so does every matrix, as that of a night', async ({ assert }) => {
    const candidate = await bundleOfImage('npm:17.10');
    const { exitCode, stdout } = await typed(
      `nightly --suites contract --candidate new=${candidate} --report night --history nights`,
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /^new\n {2}pin-libicu-changed pg17\/debian:12\/contract\/pin\n/m);
    const { findings, inputs } = JSON.parse(
      readFileSync(join(directory, 'night/report.json'), 'utf8'),
    ) as Report;
    assert.match(
      findings.find(({ code }) => code === 'pin-libicu-changed')?.message ?? '',
      /^libicu 76\.1 to 60\.2: order changes for und /,
    );
    assert.deepEqual(
      inputs.pin?.comparisons.map(({ major, evidence }) => [major, evidence]),
      [[17, 'both bundles']],
    );
  });

  test('nightly keeps these runs, and says what is new since the one before', async ({ assert }) => {
    const first = await typed('nightly --from-report passing');
    assert.equal(first.exitCode, 0);
    assert.match(first.stdout, /^nightly {2}.*, the first run of this history$/m);
    const { id } = checks[0] ?? { id: '' };
    leaveReport(
      join(directory, 'other'),
      approvedRun().flatMap((event) =>
        event.type === 'check-ended' && event.check === id ? [found(id), ended(id, 'failed')] : [event],
      ),
    );
    const second = await typed('nightly --from-report other');
    assert.equal(second.exitCode, 1);
    assert.match(second.stdout, /^nightly {2}.*: 1 new, 0 gone, 0 still there$/m);
    assert.match(second.stdout, /^verdict {2}was compatible, is incompatible$/m);
    assert.include(second.stdout, `\nnew\n  page-content ${id}\n`);
    assert.lengthOf(readdirSync(join(directory, 'redoubt-history/runs')), 2);
    const { exitCode, stderr } = await redoubt([
      'nightly',
      ...`--from-report ${directory}/none --history ${directory}/redoubt-history`.split(' '),
    ]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /none/);
  });
});
