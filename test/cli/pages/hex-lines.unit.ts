import { join } from 'node:path';

import { test } from '@japa/runner';

import { hexLines } from '../../../harness/cli/pages/hex-lines.ts';
import { layoutOf } from '../../../harness/page/layout.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';

const plain = { class: (_: string, text: string) => text, differs: (text: string) => text };
const tape = Tape.open(join(import.meta.dirname, '../../../corpora/tapes/pg17'));

/** The bytes of one side of the dumped rows, by offset. */
function bytesIn(lines: readonly string[], side: 0 | 1): ReadonlyMap<number, number> {
  const bytes = new Map<number, number>();
  for (const line of lines) {
    const row = /^ {2,5}(\d+) ((?:[ >][0-9a-f]{2}){16})(?: ((?:[ >][0-9a-f]{2}){16}))?/.exec(line);
    if (row === null) continue;
    const hex = (row[2 + side] ?? '').split(/[ >]/).slice(1);
    for (const [index, byte] of hex.entries()) bytes.set(Number(row[1]) + index, Number.parseInt(byte, 16));
  }
  return bytes;
}

test.group('map and bytes of a page', () => {
  test('of every page of a tape: each byte that is not zero, each field, in 108 columns', ({ assert }) => {
    for (const request of tape.index) {
      if (request.oracle === 'none') continue;
      const page = tape.readOraclePage(request);
      const kind = tape.pageKindOf(request.key, page);
      const lines = hexLines(kind, [{ name: 'page', page }], { paint: plain, all: false });
      const shown = bytesIn(lines, 0);
      for (const [at, byte] of page.entries()) {
        if (byte !== 0 || shown.has(at))
          assert.equal(shown.get(at), byte, `${tape.nameOf(request.key)} ${String(at)}`);
      }
      const text = lines.join('\n');
      for (const { name, offset } of layoutOf(page, kind)) if (shown.has(offset)) assert.include(text, name);
      for (const line of lines) assert.isAtMost(line.length, 108, line);
    }
  });

  test('of two pages: what differs is marked in map, names and bytes, and told by more than colour', ({
    assert,
  }) => {
    const request = tape.index.at(42);
    const page = tape.readOraclePage(request);
    const kind = tape.pageKindOf(request.key, page);
    const field = layoutOf(page, kind).findLast(({ length }) => length > 1);
    const { offset = 0, name = '' } = field ?? {};
    const other = Buffer.from(page);
    other[offset] = (other[offset] ?? 0) ^ 1;
    const sides = [
      { name: 'one', page },
      { name: 'two', page: other },
    ];
    const lines = hexLines(kind, sides, { paint: plain, all: false });
    const map = lines.slice(2, 18);
    const [row, letter] = [Math.floor(offset / 512), Math.floor((offset % 512) / 16)];
    for (const [index, line] of map.entries()) {
      const [left, right] = [line.slice(8, 40), line.slice(43)];
      assert.lengthOf(right, 32);
      assert.equal(left.indexOf('#'), index === row ? letter : -1);
      assert.equal(right.indexOf('#'), left.indexOf('#'));
    }
    assert.isTrue(lines.some((line) => line.includes(`*${name}`)));
    assert.equal(lines.join('\n').split('>').length - 1, 2);
    assert.equal(bytesIn(lines, 0).get(offset), page[offset]);
    assert.equal(bytesIn(lines, 1).get(offset), other[offset]);
    assert.match(lines.join('\n'), /\.\.\. \d+ bytes not shown/);
    const painted = hexLines(kind, sides, {
      paint: { class: (of, text) => `<${of} ${text}>`, differs: (text) => `{${text}}` },
      all: true,
    });
    assert.isAbove(painted.length, lines.length);
    assert.include(painted.join('\n'), `{*${name}}`);
    assert.include(painted.join('\n'), '<header pd_lsn>, <header pd_checksum>');
  });

  test('of a page that was never initialised there is nothing but free space', ({ assert }) => {
    const lines = hexLines('heap', [{ name: 'page', page: Buffer.alloc(8192) }], { paint: plain, all: true });
    assert.isTrue(lines.some((line) => line.includes('bytes not shown')));
    assert.isBelow(lines.length, 40);
  });
});
