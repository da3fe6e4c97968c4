import { test } from '@japa/runner';

import { parsePolicy } from '../../harness/policy/parse-policy.ts';
import { thrownBy } from '../support/thrown.ts';

const accepted = {
  code: 'page-lsn',
  check: 'pg17/*',
  reason: 'known',
  owner: 'storage',
  expires: '2027-01-31',
};

test.group('parsePolicy', () => {
  test('takes a whole policy', ({ assert }) => {
    const policy = {
      majors: [15, 17],
      hosts: ['debian:12'],
      absentHosts: 'named',
      computeImages: ['npm:17'],
      tapes: ['tapes/ours'],
      suites: ['contract'],
      locales: ['C.UTF-8'],
      findings: { 'walredo-chatter': 'warn' },
      accepted: [accepted],
      reviewers: ['@storage'],
    };
    assert.deepEqual(parsePolicy(policy, 'c.ts'), policy);
  });

  test('names the place of {says}')
    .with([
      { says: 'policy: expected object, received string', value: 'x' },
      { says: 'policy knows no "host"', value: { host: ['a'] } },
      { says: 'policy.hosts: names nothing', value: { hosts: [] } },
      { says: 'policy.hosts: expected array, received string', value: { hosts: 'a' } },
      { says: 'policy.hosts[0]: is empty', value: { hosts: [' '] } },
      { says: 'policy.majors[1]: expected number, received string', value: { majors: [17, '18'] } },
      { says: 'policy.suites[0]: "redo" is not a suite (contract,', value: { suites: ['redo'] } },
      { says: 'policy.absentHosts: "skip" is neither "named" nor "block"', value: { absentHosts: 'skip' } },
      { says: 'policy.findings knows no "page-lns"', value: { findings: { 'page-lns': 'warn' } } },
      { says: 'policy.findings.page-lsn: "off" is neither', value: { findings: { 'page-lsn': 'off' } } },
      {
        says: 'policy.accepted[0].code: "x" is not the code',
        value: { accepted: [{ ...accepted, code: 'x' }] },
      },
      {
        says: 'policy.accepted[0].owner is missing',
        value: { accepted: [{ ...accepted, owner: undefined }] },
      },
      { says: 'policy.accepted[0].reason: is empty', value: { accepted: [{ ...accepted, reason: '' }] } },
      {
        says: 'policy.accepted[1].expires: "2027-02-30" is not a day',
        value: { accepted: [accepted, { ...accepted, expires: '2027-02-30' }] },
      },
    ])
    .run(({ assert }, { value, says }) => {
      const error = thrownBy(() => parsePolicy(value, 'c.ts'));
      assert.equal(error.code, 'policy-invalid');
      assert.include(error.message, `c.ts: ${says}`);
    });

  test('names every wrong place at once', ({ assert }) => {
    const error = thrownBy(() => parsePolicy({ hosts: [], locales: [] }, 'c.ts'));
    assert.equal(error.message, 'c.ts: policy.hosts: names nothing; policy.locales: names nothing');
  });
});
