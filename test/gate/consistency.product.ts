import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { samePage } from '../../harness/redo/page-key.ts';
import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { TapeRequest } from '../../harness/redo/tape/tape-index.ts';
import { breakBundle } from '../support/broken-bundle.ts';
import { judged } from '../support/redoubt-command.ts';
import { referenceBundle, smallTape } from '../support/small-tape.ts';

/* With wal_consistency_checking each record is judged alone, by the page that the primary had after it. */

test.group('records judged alone', (group) => {
  let tape: Tape;
  group.setup(async () => {
    tape = await smallTape(17, undefined, 'consistency');
  });

  test('are all redone rightly by the reference bundle, some equal only under the mask', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a report');
    const { exitCode, report } = await judged(
      `replay ${tape.directory} --hosts debian:11,debian:13 --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 0, report.sentence);
    const { consistency } = report.compared;
    assert.isAbove(consistency.pages, 40_000);
    assert.equal(consistency.records, consistency.pages);
    assert.equal(consistency.differences, 0);
    assert.isAbove(consistency.masked, 0);
    assert.isBelow(consistency.masked, consistency.pages / 2);
  });

  test('catch: the one record that is passed over is named, and no later one of its page', async ({
    assert,
  }) => {
    const { number, key, records } = inTheMiddle(tape);
    assert.equal(records, 1);
    await using scratch = await temporaryDirectory('a broken bundle');
    const fault = { kind: 'skip-record', at: { kind: 'request', number: number + 1 } } as const;
    const candidate = await breakBundle(await referenceBundle(), fault, join(scratch.path, 'bundle'));
    const { exitCode, report } = await judged(
      `replay ${tape.directory} --hosts debian:12 --bundle ${candidate} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1, report.sentence);
    assert.equal(report.compared.consistency.differences, 1);
    const [finding] = report.findings;
    assert.include(finding?.message ?? '', `${tape.nameOf(key)} (request ${String(number)})`);
    assert.include(finding?.message ?? '', 'compared with the page that the primary had after the record');
    assert.lengthOf(finding?.page?.records ?? [], 1);
    assert.deepInclude(finding?.page?.records[0], { rmgr: 'Heap', kind: 'INSERT' });
  });
});

/** A heap insert before and after which the same page is judged as well. */
function inTheMiddle(tape: Tape): TapeRequest {
  const all = [...tape.index];
  const found = all.find((request, at) =>
    [all[at - 1], request, all[at + 1]].every(
      (each) =>
        each?.oracle === 'consistency' && samePage(each.key, request.key) && isHeapInsert(tape, request),
    ),
  );
  if (found === undefined) throw new TypeError('the tape has no such request');
  return found;
}

function isHeapInsert(tape: Tape, request: TapeRequest): boolean {
  return readRequestRecords(tape.readRequest(request)).records.every(
    ({ bytes }) => bytes.readUInt8(17) === 10 && bytes.readUInt8(16) >>> 4 === 0,
  );
}
