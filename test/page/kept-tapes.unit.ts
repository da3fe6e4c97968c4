import { join } from 'node:path';

import { test } from '@japa/runner';

import { explainPage } from '../../harness/page/explain.ts';
import { explainedLines } from '../../harness/page/explain-text.ts';
import { isNewPage } from '../../harness/page/header.ts';
import { guessPageKind } from '../../harness/page/kind.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { maskedBytes, maskPage, maskingRmgr } from '../../harness/page/mask.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';

/** Kinds that a page gives away by itself. */
const wanted: readonly PageKind[] = [
  'brin',
  'btree',
  'generic',
  'gin',
  'gist',
  'hash',
  'heap',
  'sequence',
  'spgist',
];

/** The oracle's pages of the tape of a major that is kept in the tree, with the kind that the catalog says. */
function* pagesOf(major: number): Generator<{ page: Buffer; kind: PageKind; where: string; block: number }> {
  const tape = Tape.open(join(import.meta.dirname, '../../corpora/tapes', `pg${major}`));
  for (const request of tape.index) {
    if (request.oracle === 'none') continue;
    const page = tape.readOraclePage(request);
    const { key } = request;
    const where = `${major}: ${tape.nameOf(key)}`;
    if (!isNewPage(page)) {
      yield { page, kind: tape.pageKindOf(key, page), where, block: key.blockNumber };
    }
  }
}

test.group('real pages of the tapes that are kept', () => {
  for (const major of [14, 15, 16, 17, 18]) {
    test(`are told, taken apart and masked, on ${major}`, ({ assert }) => {
      const met = new Set<PageKind>();
      for (const { page, kind, where, block } of pagesOf(major)) {
        met.add(kind);
        if (wanted.includes(kind)) assert.equal(guessPageKind(page), kind, where);
        const { header, items, content, special } = explainPage(page, kind);
        const fields = [...header, ...items.flatMap((item) => item.fields), ...content, ...special];
        // What has no name is room that this kind of page leaves empty.
        for (const { name, offset, bytes } of fields) {
          if (name === 'no field' && !/^0+$/.test(bytes)) assert.fail(`${where}: byte ${offset} has no name`);
        }
        for (const line of explainedLines(explainPage(page, kind), { all: true })) {
          if (line.length > 108) assert.fail(`${where}: ${line}`);
        }
        const rmgrId = maskingRmgr(kind);
        if (rmgrId === undefined) continue;
        const masked = maskPage(page, rmgrId, block);
        assert.isTrue(maskPage(masked, rmgrId, block).equals(masked), `${where}: masked twice`);
        assert.isNotEmpty(maskedBytes(page, rmgrId, block), where);
      }
      assert.includeMembers([...met], [...wanted]);
    });
  }

  test('show the texts in all kinds of indexes with their code points', ({ assert }) => {
    const shown = new Map<PageKind, Set<string>>();
    for (const major of [14, 15, 16, 17, 18]) {
      for (const { page, kind } of pagesOf(major)) {
        const fields = explainPage(page, kind).items.flatMap((item) => item.fields);
        for (const { name, value } of fields) {
          if (/^".*" U\+[0-9A-F]{4,6}/.test(value ?? ''))
            shown.set(kind, (shown.get(kind) ?? new Set()).add(name));
        }
      }
    }
    assert.include([...(shown.get('spgist') ?? [])], 'datum');
    assert.include([...(shown.get('spgist') ?? [])], 'prefix');
    assert.include([...(shown.get('btree') ?? [])], 'key');
  });
});
