import { test } from '@japa/runner';

import {
  forwardedName,
  forwardingSource,
  isForwardable,
  isOfIcu,
} from '../../../harness/host/composition/forwarding-source.ts';

test.group('forwardingSource', () => {
  test('each function hands its call to the one of the other major, in a fixed order', ({ assert }) => {
    const source = forwardingSource(['u_strlen_60', 'ucol_open_60'], 60, 72);
    assert.deepEqual(source.match(/^\w+:$|jmp .*$/gm), [
      'u_strlen_60:',
      'jmp u_strlen_72@PLT',
      'ucol_open_60:',
      'jmp ucol_open_72@PLT',
    ]);
    assert.equal(source, forwardingSource(['ucol_open_60', 'u_strlen_60'], 60, 72));
    assert.include(source, '.note.GNU-stack');
  });

  test('only the last number of a name is that of the major', ({ assert }) => {
    assert.equal(forwardedName('u_60_of_60', 60, 76), 'u_60_of_76');
    assert.equal(forwardedName('ucol_open_60', 76, 60), 'ucol_open_60');
  });

  test('functions of C++ are of libicu, and cannot be forwarded', ({ assert }) => {
    const name = '_ZN6icu_768Collator14createInstanceERNS_6LocaleER10UErrorCode_76';
    assert.isFalse(isForwardable(name, 76));
    assert.isTrue(isOfIcu(name, 76));
    assert.isFalse(isOfIcu('strlen', 76));
    assert.isFalse(isOfIcu('ucol_open_72', 76));
  });
});
