import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { EventLog } from '../../harness/report/event-log.ts';
import { readEvents } from '../../harness/report/read-events.ts';
import { requireUnedited, sealedText, sealOf } from '../../harness/report/seal.ts';
import { thrownBy } from '../support/thrown.ts';
import { timed, wholeRun } from '../verdict/run-events.ts';

test.group('the seal of events', (group) => {
  let directory: string;
  let path: string;
  group.each.setup(() => {
    directory = mkdtempSync(join(tmpdir(), 'redoubt-seal-'));
    path = join(directory, 'events.ndjson');
    return () => {
      rmSync(directory, { recursive: true });
    };
  });

  test('is the same whether events are logged or written at once', ({ assert }) => {
    const log = new EventLog(path);
    for (const event of wholeRun()) log.append(event);
    assert.deepEqual(sealOf(path), { kind: 'whole' });
    assert.equal(sealedText(log.events), readFileSync(path, 'utf8'));
    writeFileSync(path, sealedText(timed(...wholeRun())));
    assert.deepEqual(sealOf(path), { kind: 'whole' });
    assert.equal(readEvents(path).at(-1)?.type, 'run-ended');
  });

  test('breaks with any byte before the end of the run', ({ assert }) => {
    const bytes = Buffer.from(sealedText(timed(...wholeRun())));
    const end = bytes.lastIndexOf(0x0a, bytes.length - 2);
    fc.assert(
      fc.property(fc.nat(end), fc.integer({ min: 1, max: 255 }), (offset, mask) => {
        const edited = Buffer.from(bytes);
        edited[offset] = (edited[offset] ?? 0) ^ mask;
        writeFileSync(path, edited);
        assert.notEqual(sealOf(path).kind, 'whole');
      }),
    );
  });

  test('a run that has no end, or an older one, has none', ({ assert }) => {
    const text = sealedText(timed(...wholeRun()));
    for (const cut of ['', text.slice(0, -1), text.slice(0, 500), `${text}{}\n`]) {
      writeFileSync(path, cut);
      assert.deepEqual(sealOf(path), { kind: 'no end' });
      requireUnedited(path);
    }
    writeFileSync(path, text.replace(/,"digest":"[0-9a-f]{64}"\}\n$/, '}\n'));
    assert.deepEqual(sealOf(path), { kind: 'no digest' });
  });

  test('says when it is broken', ({ assert }) => {
    writeFileSync(path, sealedText(timed(...wholeRun())).replace('"passed"', '"failed"'));
    const error = thrownBy(() => {
      requireUnedited(path);
    });
    assert.deepEqual([error.code, error.exitCode], ['report-edited', 2]);
    assert.include(error.message, path);
  });
});
