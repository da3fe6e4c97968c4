import { test } from '@japa/runner';

import { diagnose, type Symptoms } from '../../harness/verdict/diagnosis.ts';
import { formatLsn } from '../../harness/wal/lsn.ts';
import { mapPage, markedPage } from '../redo/tiny-tape.ts';

const expectedLsn = 0x300;

/** A page that differs from recovery's in its contents and has the LSN of `lsn`. */
function symptoms(change: Partial<Symptoms> = {}, lsn = expectedLsn): Symptoms {
  return {
    expected: markedPage(1, expectedLsn),
    actual: markedPage(2, lsn),
    expectedLsn,
    actualLsn: lsn,
    lsnOnly: false,
    isVisibilityMap: false,
    mapImage: undefined,
    previousExpected: markedPage(9, 0x80),
    recordEndLsns: [0x100, 0x200, expectedLsn],
    baseLsn: 0x50,
    ...change,
  };
}

function codeAndWords(given: Symptoms): readonly string[] {
  const { code, words } = diagnose(given, formatLsn);
  return [code, words];
}

test.group('diagnose', () => {
  test('knows a page of zeros, before all else', ({ assert }) => {
    const zeros = Buffer.alloc(8192);
    const [code] = codeAndWords(
      symptoms({ actual: zeros, actualLsn: 0, previousExpected: zeros, lsnOnly: true }),
    );
    assert.equal(code, 'page-zero');
  });

  test("knows the previous request's page", ({ assert }) => {
    const previousExpected = markedPage(2, expectedLsn);
    assert.equal(codeAndWords(symptoms({ previousExpected }))[0], 'page-previous-answer');
    assert.equal(codeAndWords(symptoms({ previousExpected: undefined }))[0], 'page-content');
  });

  test('knows a wrong page LSN', ({ assert }) => {
    assert.deepEqual(codeAndWords(symptoms({ lsnOnly: true }, 0x308)), [
      'page-lsn',
      'has the wrong page LSN: 0/308 instead of 0/300, all other bytes are right',
    ]);
  });

  test('counts the bits of the visibility map that are wrong, and says which way', ({ assert }) => {
    const expected = mapPage(expectedLsn);
    for (const [byte, words] of [
      [0x0f, 'has 2 bits set that must be clear: index-only scans and vacuum pass over what changed'],
      [0x01, 'has 1 bit clear that must be set: vacuum and index-only scans visit again what they need not'],
      [
        0x05,
        'has 1 bit set that must be clear: index-only scans and vacuum pass over what changed; and 1 bit clear that must be set: vacuum and index-only scans visit again what they need not',
      ],
    ] as const) {
      for (const lsn of [expectedLsn, 0x200]) {
        const actual = mapPage(lsn);
        actual[24] = byte;
        const given = symptoms({ expected, actual, isVisibilityMap: true }, lsn);
        assert.deepEqual(codeAndWords(given), ['page-map-bits', words]);
      }
    }
    const header = mapPage(expectedLsn);
    header[20] = 1;
    const [code] = codeAndWords(symptoms({ expected, actual: header, isVisibilityMap: true }));
    assert.equal(code, 'page-content');
  });

  test('says which record brought a page of the visibility map as an image, when bits are lost', ({
    assert,
  }) => {
    const expected = mapPage(expectedLsn);
    const mapImage = { record: 'Heap DELETE', endLsn: 0x200 };
    const words = /; the Heap DELETE record that ends at 0\/200 brings the page as an image/;
    for (const [byte, isSaid] of [
      [0x01, true],
      [0x0f, false],
    ] as const) {
      const actual = mapPage(expectedLsn);
      actual[24] = byte;
      const [code, said] = codeAndWords(symptoms({ expected, actual, isVisibilityMap: true, mapImage }));
      assert.equal(code, 'page-map-bits');
      assert.equal(words.test(said ?? ''), isSaid);
    }
  });

  test('counts the records that were not applied', ({ assert }) => {
    for (const [lsn, words] of [
      [0x200, 'stops at 0/200: the last 1 record was not applied'],
      [0x100, 'stops at 0/100: the last 2 records were not applied'],
      [0x50, 'stops at 0/50: the last 3 records were not applied'],
    ] as const) {
      assert.deepEqual(codeAndWords(symptoms({}, lsn)), ['page-records-missing', words]);
    }
    assert.equal(codeAndWords(symptoms({ baseLsn: undefined }, 0x50))[0], 'page-content');
  });

  test('calls everything else other contents, and says whether the LSN is right', ({ assert }) => {
    assert.match(codeAndWords(symptoms())[1] ?? '', /^has the right page LSN but other contents/);
    assert.deepEqual(codeAndWords(symptoms({}, 0x180)), [
      'page-content',
      'has other contents and page LSN 0/180 instead of 0/300',
    ]);
    assert.equal(codeAndWords(symptoms({}, 0x400))[0], 'page-content', 'too far on is not too few records');
  });
});
