import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { EventLog } from '../../harness/report/event-log.ts';
import { readEvents } from '../../harness/report/read-events.ts';
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

  test('seals a run with a digest over all lines before its end, also one that went on', ({ assert }) => {
    const log = new EventLog(path);
    for (const event of wholeRun()) log.append(event);
    const earlier = log.events.slice(0, -1);
    const more = EventLog.resume(join(scratch.path, 'resumed.ndjson'), earlier);
    more.append({ type: 'run-ended', testsRun: 16, peakRssBytes: 1 });
    for (const { path: file, events } of [log, more]) {
      const text = readFileSync(file, 'utf8');
      const lines = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
      const end = events.at(-1);
      assert.equal(
        end?.type === 'run-ended' ? end.digest : '',
        createHash('sha256').update(lines).digest('hex'),
      );
    }
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
});
