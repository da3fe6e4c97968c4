import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { EventLog, readEvents } from '../../harness/report/event-log.ts';
import type { TimedEvent } from '../../harness/verdict/event.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { thrownBy } from '../support/thrown.ts';
import { started, wholeRun } from '../verdict/run-events.ts';

test.group('EventLog', (group) => {
  let scratch: TemporaryDirectory;
  let path: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('events');
    path = join(scratch.path, 'events.ndjson');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  test('writes each event when it happens, tells of it, and is read back', ({ assert }) => {
    const told: TimedEvent[] = [];
    const log = new EventLog(path, (event) => told.push(event));
    for (const [index, event] of wholeRun().entries()) {
      log.append(event);
      assert.lengthOf(readFileSync(path, 'utf8').split('\n'), index + 2);
    }
    assert.deepEqual(told, log.events);
    assert.deepEqual(readEvents(path), log.events);
    assert.deepEqual(deriveReport(readEvents(path)), deriveReport(log.events));
    assert.isTrue(log.isOver);
  });

  test('takes nothing after the end of the run, or after its failure', ({ assert }) => {
    for (const end of [
      { type: 'run-ended', testsRun: 0, peakRssBytes: 1 },
      { type: 'run-failed', code: 'interrupted', reason: 'so' },
    ] as const) {
      const log = new EventLog(path);
      log.append(started);
      assert.isFalse(log.isOver);
      log.append(end);
      assert.isTrue(log.isOver);
      assert.equal(thrownBy(() => log.append(started)).code, 'run-over');
    }
  });

  test('says so when it cannot be written, and is over then', ({ assert }) => {
    const log = new EventLog(join(scratch.path, 'absent/events.ndjson'));
    const error = thrownBy(() => log.append(started));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'write-failed']);
    assert.isTrue(log.isOver);
  });

  test('cut anywhere is read up to its last whole line', ({ assert }) => {
    const log = new EventLog(path);
    for (const event of wholeRun()) log.append(event);
    const text = readFileSync(path, 'utf8');
    const firstLine = text.indexOf('\n') + 1;
    for (let length = firstLine; length <= text.length; length += 97) {
      writeFileSync(path, text.slice(0, length));
      const whole = text.slice(0, length).split('\n').length - 1;
      assert.deepEqual(readEvents(path), log.events.slice(0, whole));
    }
    for (const length of [0, 1, firstLine - 1]) {
      writeFileSync(path, text.slice(0, length));
      assert.equal(thrownBy(() => readEvents(path)).code, 'events-invalid');
    }
  });

  test('is refused when a line in it is damaged, when it is newer, or is not there', ({ assert }) => {
    const log = new EventLog(path);
    log.append(started);
    appendFileSync(path, '{"type":"finding",\n{}\n');
    const damaged = thrownBy(() => readEvents(path));
    assert.equal(damaged.code, 'events-invalid');
    assert.match(damaged.message, /line 2: not JSON/);
    writeFileSync(path, `${JSON.stringify({ ...started, schemaVersion: 2 })}\n`);
    assert.equal(thrownBy(() => readEvents(path)).code, 'events-newer');
    writeFileSync(path, '{"type":"planned"}\n');
    assert.match(thrownBy(() => readEvents(path)).message, /does not begin with run-started/);
    rmSync(path);
    const missing = thrownBy(() => readEvents(path));
    assert.deepEqual([missing.kind, missing.code], ['usage', 'events-missing']);
  });
});
