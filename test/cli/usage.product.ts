import { randomBytes } from 'node:crypto';
import { copyFile, rm, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';

/* What a user can type wrongly ends with exit 2 and one error that says what, where and what to do about it. */

interface Mistake {
  readonly name: string;
  /** `SCRATCH` stands for the test's own folder. */
  readonly command: string;
  readonly code: string;
  readonly says: RegExp;
  readonly remedy: RegExp;
  /** Makes in SCRATCH what the command names. */
  readonly prepare?: (scratch: string) => Promise<void>;
}

const report = '--report SCRATCH/report';

const mistakes: readonly Mistake[] = [
  ...['gate', 'matrix'].map((command) => ({
    name: `a list of ${command} for a major of which there is no tape`,
    command: `${command} --list --pg 15 --tape ${join(import.meta.dirname, '../../corpora/tapes/pg17')}`,
    code: 'no-tape',
    says: /no tape of PostgreSQL 15 was given, only of 17/,
    remedy: /--tape/,
  })),
  {
    name: 'no such bundle',
    command: `gate --candidate SCRATCH/none ${report}`,
    code: 'no-such-bundle',
    says: /\/none: there is no such file/,
    remedy: /a folder or a tarball/,
  },
  {
    name: 'a bundle of random bytes',
    command: `gate --candidate SCRATCH/noise ${report}`,
    code: 'not-a-tarball',
    says: /\/noise cannot be read as a tarball/,
    remedy: /Give a bundle/,
    prepare: (scratch) => writeFile(join(scratch, 'noise'), randomBytes(5000)),
  },
  {
    name: 'an empty file for a bundle',
    command: `gate --candidate SCRATCH/empty.tar.zst ${report}`,
    code: 'not-a-tarball',
    says: /it is empty/,
    remedy: /Give a bundle/,
    prepare: (scratch) => writeFile(join(scratch, 'empty.tar.zst'), ''),
  },
  {
    name: 'a tarball that is cut off',
    command: `gate --candidate SCRATCH/cut.tar.zst ${report}`,
    code: 'not-a-tarball',
    says: /it ends in the middle/,
    remedy: /a whole tar file/,
    prepare: async (scratch) => {
      const { source } = await referenceBundle();
      await copyFile(source, join(scratch, 'cut.tar.zst'));
      await truncate(join(scratch, 'cut.tar.zst'), 1_000_000);
    },
  },
  {
    name: 'a folder that is no bundle',
    command: `gate --candidate SCRATCH ${report}`,
    code: 'unknown-layout',
    says: /is no bundle: it has neither LAUNCHER/,
    remedy: /folder/,
  },
  {
    name: 'a bundle without the major that is asked for',
    command: `gate --pg 15 --hosts debian:12 --candidate SCRATCH/bundle ${report}`,
    code: 'bundle-lacks-major',
    says: /has no PostgreSQL 15, only (\d+, )*17/,
    remedy: /--pg, or another bundle/,
    prepare: async (scratch) => {
      const { directory } = await referenceBundle();
      await execa('cp', ['-al', directory, join(scratch, 'bundle')]);
      await rm(join(scratch, 'bundle/storage/v15'), { recursive: true });
    },
  },
  {
    name: 'a major of which there is no compute image',
    command: 'gate --pg 99',
    code: 'no-compute-image',
    says: /--pg 99/,
    remedy: /15.*17/,
  },
  {
    name: 'a compute image to capture on that is not there',
    command: 'capture --compute mine=SCRATCH/none --out SCRATCH/tape',
    code: 'no-such-archive',
    says: /\/none: there is no such file/,
    remedy: /docker save/,
  },
  {
    name: 'a report that is not there',
    command: 'report SCRATCH/none',
    code: 'no-report',
    says: /cannot read .*\/none/,
    remedy: /events\.ndjson/,
  },
  {
    name: 'a form of a report that there is not',
    command: 'report SCRATCH --format pdf',
    code: 'unknown-name',
    says: /--format pdf/,
    remedy: /markdown, junit/,
  },
  {
    name: 'a pattern that is none',
    command: 'gate --grep [',
    code: 'invalid-pattern',
    says: /--grep \[: no regular expression/,
    remedy: /--list/,
  },
  {
    name: 'a word for a major',
    command: 'gate --pg abc',
    code: 'invalid-major',
    says: /"abc" is not a PostgreSQL major/,
    remedy: /--pg 15,17/,
  },
  {
    name: 'an unknown host',
    command: 'gate --hosts debian:12,debian:9',
    code: 'unknown-name',
    says: /--hosts debian:9/,
    remedy: /debian:11, debian:12/,
  },
  {
    name: 'an unknown suite',
    command: 'gate --suites redo',
    code: 'unknown-name',
    says: /--suites redo/,
    remedy: /contract, initdb, walredo/,
  },
  {
    name: 'an unknown engine',
    command: 'gate --engine podman',
    code: 'unknown-engine',
    says: /--engine podman/,
    remedy: /auto, chroot/,
  },
  {
    name: 'a time that is no number',
    command: 'gate --answer-timeout soon',
    code: 'invalid-number',
    says: /--answer-timeout soon/,
    remedy: /--answer-timeout 60/,
  },
  {
    name: 'an unknown option',
    command: 'gate --candidat x',
    code: 'arguments',
    says: /unknown option '--candidat'/,
    remedy: /redoubt gate --help/,
  },
  {
    name: 'an option without its value',
    command: 'gate --pg',
    code: 'arguments',
    says: /--pg <majors>.* missing/,
    remedy: /redoubt gate --help/,
  },
  {
    name: 'a command that does not exist',
    command: 'gat',
    code: 'arguments',
    says: /unknown command 'gat' \(Did you mean gate\?\)/,
    remedy: /redoubt --help/,
  },
  {
    name: 'a tape that is none',
    command: `gate --tape SCRATCH ${report}`,
    code: 'tape-missing',
    says: /no tape at /,
    remedy: /redoubt capture/,
  },
  {
    name: 'replay without a tape',
    command: 'replay',
    code: 'arguments',
    says: /missing required argument 'tape'/,
    remedy: /redoubt replay --help/,
  },
  {
    name: 'a report folder that holds a report',
    command: 'gate --report SCRATCH',
    code: 'report-directory',
    says: /it already holds one/,
    remedy: /another folder with --report/,
    prepare: (scratch) => writeFile(join(scratch, 'events.ndjson'), ''),
  },
  {
    name: 'a capture to where something is',
    command: 'capture --pg 17 --out SCRATCH',
    code: 'out-exists',
    says: /exists already/,
    remedy: /--out/,
  },
  {
    name: 'a capture of two majors',
    command: 'capture --pg 15,17 --out SCRATCH/tape',
    code: 'one-major',
    says: /--pg takes one major/,
    remedy: /each major into a folder of its own/,
  },
];

test.group('usage errors', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a usage error');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  for (const { name, command, code, says, remedy, prepare } of mistakes) {
    test(name, async ({ assert }) => {
      await prepare?.(scratch.path);
      const [verb = '', ...words] = command.replaceAll('SCRATCH', scratch.path).split(' ');
      const { exitCode, stdout, stderr } = await redoubt([verb, '--json', ...words]);
      const said = JSON.parse(stdout) as {
        readonly exitCode: number;
        readonly verdict: string;
        readonly error: { readonly code: string; readonly message: string; readonly remedy: string | null };
      };
      assert.equal(exitCode, 2, stderr);
      assert.equal(said.exitCode, 2);
      assert.equal(said.verdict, 'not judged');
      assert.equal(said.error.code, code);
      assert.match(said.error.message, says);
      assert.match(said.error.remedy ?? '', remedy);
      const lines = stderr.split('\n');
      assert.lengthOf(
        lines.filter((line) => line.startsWith('redoubt: ')),
        1,
        stderr,
      );
      assert.include(stderr, `redoubt: ${said.error.message}\n         ${said.error.remedy ?? ''}`);
    });
  }

  test('without --json standard output stays empty', async ({ assert }) => {
    for (const words of [['gate', '--nonsense'], ['gate', '--candidate', join(scratch.path, 'none')], []]) {
      const { exitCode, stdout, stderr } = await redoubt(words);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^redoubt: .+\n {9}.+$/m);
    }
  });

  test('leave no report, so that the same folder serves once the mistake is mended', async ({ assert }) => {
    const directory = join(scratch.path, 'report');
    const { exitCode } = await redoubt(['gate', '--candidate', '/none', '--report', directory]);
    assert.equal(exitCode, 2);
    assert.isFalse(existsSync(directory));
  });
});
