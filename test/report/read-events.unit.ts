import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { EventLog } from '../../harness/report/event-log.ts';
import { readEvents } from '../../harness/report/read-events.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { judgedPolicy } from '../pin/approved-run.ts';
import { thrownBy } from '../support/thrown.ts';
import { found, planned, started, timed, wholeRun } from '../verdict/run-events.ts';
import { tapeFacts } from './support/full-run.ts';

const bundleFacts = {
  source: '/b.tar',
  digest: 'b',
  layout: 'chroot',
  flavour: 'vanilla',
  servers: { '17': 'postgres' },
};

test.group('readEvents', (group) => {
  let scratch: TemporaryDirectory;
  let path: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('events');
    path = join(scratch.path, 'events.ndjson');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  function write(...lines: readonly unknown[]): void {
    writeFileSync(
      path,
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    );
  }

  const [first] = timed(started);

  test('reads what was cut anywhere up to its last whole line, and never judges it', ({ assert }) => {
    const log = new EventLog(path);
    for (const event of wholeRun()) log.append(event);
    const text = readFileSync(path, 'utf8');
    for (let length = 0; length < text.length; length += 41) {
      writeFileSync(path, text.slice(0, length));
      const events = readEvents(path);
      assert.deepEqual(events, log.events.slice(0, text.slice(0, length).split('\n').length - 1));
      const { exitCode, complete, sentence } = deriveReport(events);
      assert.deepEqual([exitCode, complete], [3, false]);
      assert.match(sentence, /^not judged: incomplete: the run was cut off/);
    }
  });

  test('gives back what was written in the same bytes: a merged report is made of what was read', ({
    assert,
  }) => {
    const variant = { bundle: 'new', compute: 'npm:17.10', workload: 'mine' };
    const written = timed(
      started,
      { type: 'bundle', bundle: { role: 'candidate', name: 'new', ...bundleFacts, notes: ['as it is'] } },
      { type: 'skew', skew: { variant, major: 17, wal: '17.0', bundle: '17.11', tapes: ['records'] } },
      { type: 'policy', policy: judgedPolicy },
      {
        type: 'pin',
        pin: { path: 'bundle.lock.json', bundle: 'b', name: 'b.tar', report: 'r', reviewers: ['@storage'] },
      },
      {
        type: 'pin-compared',
        comparison: {
          bundle: 'new',
          major: 17,
          evidence: 'both bundles',
          statements: [{ subject: 'libc', isSame: true, code: null, words: 'libc 2.41 the same' }],
        },
      },
      {
        type: 'options',
        options: {
          suites: ['walredo'],
          majors: [17],
          hosts: ['debian:12'],
          engine: 'chroot',
          initdbMatrix: 'full',
          kernelFloor: true,
          answerTimeoutMs: 5000,
          locales: ['icu:und'],
          matrix: {
            bundles: ['new'],
            computeImages: ['npm:17.10'],
            workloads: ['mine'],
            plan: 'p',
            shard: { index: 1, count: 2 },
          },
        },
      },
      {
        type: 'planned',
        cells: [{ id: 'cell', major: 17, host: 'debian:12', suite: 'walredo', ...variant }],
        checks: [],
      },
      {
        type: 'tape',
        tape: { variant: { bundle: 'new', workload: 'mine' }, ...tapeFacts() },
      },
    );
    write(...written);
    assert.equal(
      readEvents(path)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
      readFileSync(path, 'utf8'),
    );
  });

  test('takes a run that was killed before its first line for one that judged nothing', ({ assert }) => {
    for (const text of ['', '{', '{"at":"2026-11-2']) {
      writeFileSync(path, text);
      assert.deepEqual(readEvents(path), []);
    }
    assert.match(deriveReport([]).sentence, /cut off before anything was planned/);
  });

  test('refuses what is no events, naming line and field', ({ assert }) => {
    for (const [lines, fault] of [
      [[first, '{"type":"finding",'], /line 2: not JSON/],
      [[first, '{}'], /line 2: no type of event/],
      [[first, 'null'], /line 2: no type of event/],
      [[first, { ...timed(found('a'))[0], check: 7 }], /line 2, finding: check: .*string/],
      [[first, { ...timed(planned())[0], cells: [{ id: 'one' }] }], /line 2, planned: cells\.0\.major: /],
      [[first, { ...first, type: 'options', options: {} }], /line 2, options: options\.suites: /],
      [[timed(planned())[0]], /does not begin with run-started/],
      [['7'], /does not begin with run-started/],
      [[{ ...first, schemaVersion: 'one' }], /does not begin with run-started/],
    ] as const) {
      write(...lines);
      const error = thrownBy(() => readEvents(path));
      assert.deepEqual([error.kind, error.code], ['infrastructure', 'events-invalid']);
      assert.match(error.message, fault);
      assert.include(error.message, path);
    }
    writeFileSync(path, 'no event at all');
    assert.equal(thrownBy(() => readEvents(path)).code, 'events-invalid');
  });

  test('passes over kinds of events that it does not know, and keeps fields that it does not', ({
    assert,
  }) => {
    write(first, { at: first?.at, type: 'weather', is: 'fine' }, { ...timed(planned())[0], more: [1] });
    const events = readEvents(path);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['run-started', 'planned'],
    );
    assert.property(events[1], 'more');
  });

  test('refuses a newer version in words, and says what is not there', ({ assert }) => {
    write({ ...first, schemaVersion: 2 }, '{"type":"from the future"}');
    const newer = thrownBy(() => readEvents(path));
    assert.deepEqual([newer.kind, newer.code], ['infrastructure', 'events-newer']);
    assert.match(newer.message, /has schema version 2, this Redoubt reads up to 1/);
    assert.match(newer.remedy ?? '', /the Redoubt that wrote it/);
    rmSync(path);
    const missing = thrownBy(() => readEvents(path));
    assert.deepEqual([missing.kind, missing.code], ['usage', 'events-missing']);
    assert.match(missing.message, /ENOENT/);
  });
});
