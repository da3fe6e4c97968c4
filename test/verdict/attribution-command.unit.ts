import { test } from '@japa/runner';

import { attributionCommand, type AskedLibraries } from '../../harness/verdict/attribution-command.ts';
import { driftEvidence } from '../../harness/verdict/drift-evidence.ts';
import { unmovedDrift } from '../support/unmoved-drift.ts';

const facts = { name: 'debian:12', libc: '2.36', icu: null, assigned: {} };
const drift = driftEvidence([unmovedDrift({ locale: 'sv' }), unmovedDrift({ locale: 'und' })], facts, facts);

function commandOf(layout: AskedLibraries['layout']): string | undefined {
  return attributionCommand({ layout, compute: 'debian:12', major: 15, host: 'debian:11' }, drift);
}

test.group('attributionCommand', () => {
  test('a bundle of variant 2 is a side by itself', ({ assert }) => {
    assert.equal(
      commandOf('chroot'),
      'redoubt drift --from debian:12 --to BUNDLE --pg 15 --provider icu --locale sv --attribute',
    );
  });

  test('one that leans on its host is one with that host', ({ assert }) => {
    assert.include(commandOf('pg-install'), '--to pg=npm:15,libc=debian:11,icu=BUNDLE --pg 15');
  });

  test('static programs give nothing away', ({ assert }) => {
    assert.isUndefined(commandOf('static'));
  });
});
