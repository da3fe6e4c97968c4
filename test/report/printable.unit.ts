import { test } from '@japa/runner';
import { array, assert as assertProperty, nat, property } from 'fast-check';

import { printable, printableLines, printableValue } from '../../harness/report/printable.ts';

test.group('printable', () => {
  test('shows what a terminal would act on, and leaves text as it is', ({ assert }) => {
    assert.equal(printable('\u001B[31mred\n\t\r\0\u009B'), String.raw`\x1b[31mred\n\t\r\x00\x9b`);
    assert.equal(printable('\u202E\uFEFF\uD800'), String.raw`\u202e\ufeff\ud800`);
    for (const text of ['pg17/debian:12', 'č ß 漢 😀 e\u0301', "O'Connor \\ “la’s”"])
      assert.equal(printable(text), text);
    assert.equal(printableLines('one\r\n\ttwo\u001B'), 'one\\r\n\ttwo\\x1b');
  });

  test('leaves nothing that XML refuses, of whatever units', ({ assert }) => {
    assertProperty(
      property(array(nat(0xffff)), (units) => {
        const shown = printable(String.fromCharCode(...units));
        assert.isTrue(shown.isWellFormed());
        // eslint-disable-next-line no-control-regex
        assert.notMatch(shown, /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/);
        assert.equal(printable(shown), shown);
      }),
    );
  });

  test('reaches every string of a value, and nothing else', ({ assert }) => {
    assert.deepEqual(printableValue({ a: ['\0', 1, null, { '\n': true }], b: undefined }), {
      a: [String.raw`\x00`, 1, null, { [String.raw`\n`]: true }],
      b: undefined,
    });
  });
});
