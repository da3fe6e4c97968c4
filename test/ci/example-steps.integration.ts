import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { exampleDocuments, findUnder } from './support/example-file.ts';

/* The shell in the files for CI runs for real; in place of Redoubt stands a program that writes down how it was called. */

const recorder = '#!/bin/sh\nfor word; do printf "%s\\n" "$word" >> "$CALLS"; done\nexit "${CODE:-0}"\n';

interface Script {
  readonly text: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly exitCode: number | undefined;
  readonly words: readonly string[];
  readonly output: string;
}

function isScript(value: unknown): boolean {
  return typeof value === 'string' && /redoubt|REDOUBT/i.test(value) && !value.startsWith('apt-get');
}

test.group('the steps for CI', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('steps of CI');
    // Where a checkout of its own would put it.
    mkdirSync(join(scratch.path, 'redoubt'));
    writeFileSync(join(scratch.path, 'redoubt/redoubt'), recorder);
    chmodSync(join(scratch.path, 'redoubt/redoubt'), 0o755);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function run({ text, env = {} }: Script): Promise<Outcome> {
    const calls = join(scratch.path, 'calls');
    const output = join(scratch.path, 'output');
    for (const path of [calls, output]) writeFileSync(path, '');
    const { exitCode } = await execa('sh', ['-ec', text], {
      cwd: scratch.path,
      env: { ...env, CALLS: calls, GITHUB_OUTPUT: output },
      reject: false,
    });
    return {
      exitCode,
      words: readFileSync(calls, 'utf8').trimEnd().split('\n'),
      output: readFileSync(output, 'utf8'),
    };
  }

  test('the action hands over what was given, word by word, and the verdict', async ({ assert }) => {
    const text = findUnder(exampleDocuments('action.yml'), 'run', isScript) as string;
    const empty = { CANDIDATE: '', BASELINE: '', PG: '', HOSTS: '', SUITES: '', ARGUMENTS: '' };
    const env = { ...empty, REDOUBT: join(scratch.path, 'redoubt/redoubt'), REPORT: 'out dir' };
    const views = ['--report', 'out dir', '--junit', 'out dir/junit.xml', '--markdown', 'out dir/summary.md'];
    const plain = await run({ text, env });
    assert.deepEqual([plain.exitCode, plain.words], [0, ['gate', ...views]]);
    const full = await run({
      text,
      env: {
        ...env,
        CANDIDATE: 'a b.tar; echo $(id) "\'',
        PG: '15,17',
        HOSTS: 'debian:11',
        ARGUMENTS: '--host\nmine=my root.tar\n\n--kernel-floor\n',
        CODE: '1',
      },
    });
    assert.deepEqual(full.words, [
      'gate',
      ...views,
      '--candidate',
      'a b.tar; echo $(id) "\'',
      '--pg',
      '15,17',
      '--hosts',
      'debian:11',
      '--host',
      'mine=my root.tar',
      '--kernel-floor',
    ]);
    assert.deepEqual([full.exitCode, full.output], [1, 'report=out dir\nexit-code=1\n']);
  });

  test('each pod of the Indexed Job judges its own part, all of them together every one', async ({
    assert,
  }) => {
    const job = exampleDocuments('docs/ci/kubernetes/matrix.yaml')[1] as {
      readonly spec: { readonly completions: number; readonly parallelism: number };
    };
    const text = (findUnder(job, 'args', Array.isArray) as readonly string[])[0] ?? '';
    const variables = findUnder(job, 'env', Array.isArray) as readonly { name: string; value: string }[];
    const env = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    assert.equal(env['SHARDS'], String(job.spec.completions));
    const parts: string[] = [];
    for (let index = 0; index < job.spec.completions; index++) {
      const { exitCode, words } = await run({
        text,
        env: { ...env, REDOUBT: 'redoubt/redoubt', JOB_COMPLETION_INDEX: String(index) },
      });
      assert.equal(exitCode, 0);
      assert.deepEqual(words.slice(0, 3), ['matrix', '--candidate', '/reports/bundle.tar.zst']);
      assert.equal(words[words.indexOf('--report') + 1], `/reports/shard-${String(index + 1)}`);
      parts.push(words[words.indexOf('--shard') + 1] ?? '');
    }
    assert.deepEqual(parts, ['1/4', '2/4', '3/4', '4/4']);
  });

  test('a part ends well with a verdict, good or bad, and badly without one', async ({ assert }) => {
    const workflow = exampleDocuments('docs/ci/github/nightly.yml')[0];
    const pod = exampleDocuments('docs/ci/kubernetes/matrix.yaml')[1];
    const ofWorkflow = findUnder(
      workflow,
      'run',
      (value) => isScript(value) && String(value).includes('--shard'),
    );
    const ofPod = (findUnder(pod, 'args', Array.isArray) as readonly string[])[0];
    for (const text of [ofWorkflow, ofPod] as readonly string[])
      for (const [code, expected] of [
        ['0', 0],
        ['1', 0],
        ['2', 1],
        ['3', 1],
        ['137', 1],
      ] as const) {
        const env = {
          REDOUBT: 'redoubt/redoubt',
          SHARDS: '4',
          SHARD: '1',
          JOB_COMPLETION_INDEX: '0',
          BUNDLE: 'b',
          REPORTS: 'r',
          CODE: code,
        };
        assert.equal((await run({ text, env })).exitCode, expected, `${code} of ${text}`);
      }
    const { env, jobs } = workflow as {
      readonly env: { readonly SHARDS: number };
      readonly jobs: {
        readonly shard: { readonly strategy: { readonly matrix: { readonly shard: readonly number[] } } };
      };
    };
    assert.deepEqual(
      jobs.shard.strategy.matrix.shard,
      Array.from({ length: env.SHARDS }, (_, index) => index + 1),
    );
  });

  test('merging takes every part that is there, and its exit code is the verdict', async ({ assert }) => {
    for (const number of [1, 2]) {
      mkdirSync(join(scratch.path, `reports/shards/shard-${String(number)}`), { recursive: true });
      mkdirSync(join(scratch.path, `reports/shard-${String(number)}`), { recursive: true });
    }
    const ofWorkflow = findUnder(exampleDocuments('docs/ci/github/nightly.yml'), 'run', (value) =>
      String(value).includes('merge-reports'),
    ) as string;
    const ofPod = (
      findUnder(exampleDocuments('docs/ci/kubernetes/merge.yaml'), 'args', Array.isArray) as readonly string[]
    )[0] as string;
    for (const [text, folder] of [
      [ofWorkflow, 'reports/shards/'],
      [ofPod, 'reports/'],
    ] as const) {
      const { exitCode, words } = await run({
        text,
        env: { REDOUBT: 'redoubt/redoubt', REPORTS: 'reports', CODE: '3' },
      });
      assert.deepEqual(
        [exitCode, ...words],
        [3, 'merge-reports', `${folder}shard-1`, `${folder}shard-2`, '--out', 'reports/merged'],
      );
    }
  });

  test('a change of the pin is held against the lock file before it, and must be of its bundle', async ({
    assert,
  }) => {
    const documents = exampleDocuments('docs/ci/github/gate.yml');
    const step = (word: string): string =>
      findUnder(documents, 'run', (value) => typeof value === 'string' && value.includes(word)) as string;
    const edited = findUnder(documents, 'arguments', (value) => String(value).includes('--list'));
    assert.equal(edited, '--lock\nbundle.lock.json\n--list\n', 'an edited lock file is refused first');
    const [origin, clone] = [join(scratch.path, 'origin'), join(scratch.path, 'clone')];
    const shell = async (text: string, cwd = clone): Promise<number | undefined> =>
      (
        await execa('sh', ['-ec', text], {
          cwd,
          reject: false,
          env: {
            GITHUB_BASE_REF: 'main',
            GIT_AUTHOR_NAME: 'a',
            GIT_AUTHOR_EMAIL: 'a@b',
            GIT_COMMITTER_NAME: 'a',
            GIT_COMMITTER_EMAIL: 'a@b',
          },
        })
      ).exitCode;
    mkdirSync(origin);
    assert.equal(await shell('git init -q -b main && git commit -q --allow-empty -m none', origin), 0);
    assert.equal(await shell(`git clone -q ${origin} ${clone}`, scratch.path), 0);
    writeFileSync(join(clone, 'bundle.tar.zst'), 'new');
    assert.equal(
      await shell('echo "[\\"$(sha256sum bundle.tar.zst | cut -c 1-64)\\"]" > bundle.lock.json'),
      0,
    );
    const pinned = (): string => readFileSync(join(clone, 'pinned.json'), 'utf8');
    assert.equal(await shell(step('git show')), 0, 'the first pin has none before it');
    assert.equal(pinned(), readFileSync(join(clone, 'bundle.lock.json'), 'utf8'));
    writeFileSync(join(origin, 'bundle.lock.json'), 'old');
    assert.equal(await shell('git add . && git commit -q -m old', origin), 0);
    assert.equal(await shell(step('git show')), 0);
    assert.equal(pinned(), 'old');
    assert.equal(await shell(step('sha256sum')), 0);
    writeFileSync(join(clone, 'bundle.tar.zst'), 'another');
    assert.notEqual(await shell(step('sha256sum')), 0);
  });
});
