import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openReport } from '../../harness/report/open-report.ts';
import type { Report } from '../../harness/report/report.ts';
import { schemaFaults } from '../report/support/report-schema.ts';
import { exampleDocuments, findUnder } from './support/example-file.ts';

/* The pods of the Kubernetes manifests, one after the other, with the real Redoubt: each judges its part, one merges them. */

const repository = join(import.meta.dirname, '../..');
const policy = `export const policy = { majors: [17], hosts: ['debian:11', 'debian:12'], suites: ['walredo'] };\n`;

function commandOf(name: string): readonly string[] {
  const document = exampleDocuments(`docs/ci/kubernetes/${name}.yaml`).at(-1);
  const command = findUnder(document, 'command', Array.isArray) as readonly string[];
  return [...command, ...(findUnder(document, 'args', Array.isArray) as readonly string[])];
}

test.group('the pods of the manifests', () => {
  test('judge a matrix in parts, and give one verdict', async ({ assert }) => {
    await using scratch = await temporaryDirectory('pods');
    writeFileSync(join(scratch.path, 'redoubt.config.ts'), policy);
    const { path: bundle } = await ensureReferenceBundle(silent);
    const pod = async (name: string, index: number): Promise<number | undefined> => {
      const [program = '', ...words] = commandOf(name);
      const env = {
        REDOUBT: join(repository, 'redoubt'),
        SHARDS: '2',
        REPORTS: scratch.path,
        BUNDLE: bundle,
        JOB_COMPLETION_INDEX: String(index),
      };
      const { exitCode, stderr } = await execa(program, words, { cwd: scratch.path, env, reject: false });
      if (exitCode !== 0) throw new Error(stderr);
      return exitCode;
    };
    for (const index of [0, 1]) assert.equal(await pod('matrix', index), 0);
    assert.equal(await pod('merge', 0), 0);
    const text = readFileSync(join(scratch.path, 'merged/report.json'), 'utf8');
    const merged = JSON.parse(text) as Report;
    assert.deepEqual(schemaFaults('report.schema.json', merged), []);
    assert.equal(`${JSON.stringify(openReport(join(scratch.path, 'merged')).report, null, 2)}\n`, text);
    const { sentence, hosts, cells } = merged;
    assert.match(sentence, /^compatible \(walredo\)/);
    assert.deepEqual([hosts, cells.length], [['debian:11', 'debian:12'], 2]);
  });
});
