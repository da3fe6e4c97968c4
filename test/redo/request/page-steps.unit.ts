import { join } from 'node:path';
import { test } from '@japa/runner';

import { stepPages, type AskPages } from '../../../harness/redo/request/page-steps.ts';
import { prefixRequest } from '../../../harness/redo/request/prefix-request.ts';
import { messageWriter } from '../../../harness/redo/replay/message.ts';
import { readRequestRecords } from '../../../harness/redo/request/request-records.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';

const key = { spcOid: 1663, dbOid: 5, relNumber: 16384, forkNumber: 0, blockNumber: 3 };
const page = Buffer.alloc(8192, 7);

/** A request of `records` records of `recordBytes` bytes each, on a page that is pushed or not. */
function requestOf(records: number, { recordBytes = 40, pushed = true } = {}): Buffer {
  const target = Buffer.alloc(9000 + records * (recordBytes + 20));
  let at = messageWriter.begin(target, 0, key);
  if (pushed) at = messageWriter.push(target, at, key, page);
  for (let number = 1; number <= records; number++)
    at = messageWriter.apply(target, at, 8 * number, Buffer.alloc(recordBytes, number));
  return target.subarray(0, messageWriter.get(target, at, key));
}

/** Answers with a page that says after how many records it is; from `brokenFrom` on with another one. */
function side(brokenFrom = Infinity): { readonly ask: AskPages; readonly asked: number[] } {
  const asked: number[] = [];
  const ask: AskPages = (requests) =>
    Promise.resolve(
      requests.map((request) => {
        const count = readRequestRecords(request).records.length;
        asked.push(count);
        const answer = Buffer.alloc(8192);
        answer.writeUInt32LE(count, 0);
        answer[100] = count >= brokenFrom ? 1 : 0;
        return answer;
      }),
    );
  return { ask, asked };
}

/** A side that answers nothing. */
const dumb: AskPages = (requests) => Promise.resolve(requests.map(() => undefined));

test.group('the beginnings of a request', () => {
  test('hold its page and its first records, and ask for the page', ({ assert }) => {
    const request = requestOf(5);
    assert.deepEqual(prefixRequest(request, 5), request);
    assert.deepEqual(prefixRequest(request, 99), request);
    assert.deepEqual(prefixRequest(request, 2), requestOf(2));
    assert.deepEqual(prefixRequest(request, 0), requestOf(0));
    const real = Tape.open(join(import.meta.dirname, '../../../corpora/tapes/pg17'));
    for (const entry of real.index) {
      const bytes = real.readRequest(entry);
      const { records } = readRequestRecords(prefixRequest(bytes, entry.records - 1));
      assert.deepEqual(records, readRequestRecords(bytes).records.slice(0, -1));
    }
  });
});

test.group('the steps of a page', () => {
  test('are all of them where there are few, with the first after which the sides part', async ({
    assert,
  }) => {
    for (const brokenFrom of [1, 4, 7]) {
      const steps = await stepPages(requestOf(7), side(brokenFrom).ask, side().ask);
      assert.deepEqual(steps.counts, [0, 1, 2, 3, 4, 5, 6, 7]);
      assert.equal(steps.parting, brokenFrom);
      assert.equal(steps.otherPages?.[brokenFrom]?.readUInt32LE(0), brokenFrom);
    }
  });

  test('begin with what comes back of the pushed page; a side that gives nothing then has that page', async ({
    assert,
  }) => {
    assert.equal((await stepPages(requestOf(3), side(0).ask, side().ask)).parting, 0);
    const steps = await stepPages(requestOf(3), dumb, dumb);
    assert.isTrue(steps.pages[0]?.equals(page));
    assert.isUndefined(steps.parting);
  });

  test('have no parting where the sides agree, and where there is one side alone', async ({ assert }) => {
    assert.isUndefined((await stepPages(requestOf(3), side().ask, side().ask)).parting);
    const alone = await stepPages(requestOf(3), side(2).ask, undefined);
    assert.isUndefined(alone.parting);
    assert.isUndefined(alone.otherPages);
  });

  test('begin with the first record where no page is pushed', async ({ assert }) => {
    const steps = await stepPages(requestOf(3, { pushed: false }), side(2).ask, side().ask);
    assert.deepEqual(steps.counts, [1, 2, 3]);
    assert.equal(steps.parting, 2);
    // Nothing was pushed that could come back changed.
    const broken = side(0);
    const first = await stepPages(requestOf(3, { pushed: false }), broken.ask, side().ask);
    assert.equal(first.parting, 1);
    assert.notInclude(broken.asked, 0);
  });

  test('close in on the parting among very many, without asking for each', async ({ assert }) => {
    for (const brokenFrom of [0, 1, 1500, 2999, 3000]) {
      const broken = side(brokenFrom);
      const steps = await stepPages(requestOf(3000), broken.ask, side().ask);
      assert.equal(steps.parting, brokenFrom);
      assert.isBelow(broken.asked.length, 600);
      assert.equal(steps.counts.at(-1), 3000);
      if (brokenFrom > 0) assert.include(steps.counts, brokenFrom - 1);
    }
  });

  test('part where this side gives no page any more, and not where the other one gives none', async ({
    assert,
  }) => {
    const steps = await stepPages(requestOf(3), dumb, side().ask);
    assert.equal(steps.parting, 1);
    assert.deepEqual(steps.pages.slice(1), [undefined, undefined, undefined]);
    for (const silentFrom of [1, 1500, 3000]) {
      const dying: AskPages = async (requests) =>
        (await side().ask(requests)).map((answer, index) =>
          readRequestRecords(requests[index] as Buffer).records.length >= silentFrom ? undefined : answer,
        );
      assert.equal((await stepPages(requestOf(3000), dying, side().ask)).parting, silentFrom);
    }
    assert.isUndefined((await stepPages(requestOf(3), side().ask, dumb)).parting);
  });
});
