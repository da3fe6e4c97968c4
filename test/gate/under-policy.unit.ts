import { test } from '@japa/runner';

import { RedoubtError } from '../../harness/error.ts';
import { parseGateOptions, type GateArguments, type GateChoices } from '../../harness/gate/gate-options.ts';
import { choicesUnderPolicy, sayingWhose, underPolicy } from '../../harness/gate/under-policy.ts';
import { factsOf, type LoadedPolicy } from '../../harness/policy/load-policy.ts';
import type { RedoubtPolicy } from '../../harness/policy/policy.ts';
import { rejectionOf } from '../support/error-code.ts';

const choices: GateChoices = {
  hosts: ['debian:11', 'debian:12', 'amazonlinux:2'],
  defaultHosts: ['debian:11', 'debian:12', 'amazonlinux:2'],
  optionalHosts: ['amazonlinux:2'],
};

function loaded(policy: RedoubtPolicy): LoadedPolicy {
  return { policy, facts: factsOf(policy, 'redoubt.config.ts', '2026-11-22') };
}

async function optionsUnder(
  policy: RedoubtPolicy,
  typed: GateArguments = {},
): Promise<ReturnType<typeof parseGateOptions>> {
  const laidDown = loaded(policy);
  return sayingWhose(typed, laidDown, () =>
    parseGateOptions(underPolicy(typed, laidDown), choicesUnderPolicy(choices, laidDown)),
  );
}

/** Hosts with a `!` behind those that must be had. */
async function hostsUnder(policy: RedoubtPolicy, typed: GateArguments = {}): Promise<string> {
  const { hosts } = await optionsUnder(policy, typed);
  return hosts.map(({ name, isRequired }) => `${name}${isRequired ? '!' : ''}`).join(' ');
}

test.group('a gate under a policy', () => {
  test('takes what the policy says, unless something else is typed', async ({ assert }) => {
    const policy: RedoubtPolicy = { majors: [15], suites: ['walredo'], computeImages: ['npm:15', 'npm:17'] };
    const plain = await optionsUnder(policy);
    assert.deepEqual([plain.majors, plain.suites], [[15], ['walredo']]);
    assert.deepEqual(
      plain.computeImages.map(({ major }) => major),
      [15, 17],
    );
    const typed = await optionsUnder(policy, { pg: '17', suites: 'contract' });
    assert.deepEqual([typed.majors, typed.suites], [[17], ['contract']]);
    assert.equal(typed.policy?.path, 'redoubt.config.ts');
  });

  test('tapes bring their own majors and images', async ({ assert }) => {
    const { majors } = await optionsUnder({ majors: [15] }, { tape: ['tape'] });
    assert.isUndefined(majors);
  });

  test('replays the tapes of the policy, of the majors that it says, unless others are typed', async ({
    assert,
  }) => {
    const policy: RedoubtPolicy = { majors: [15], tapes: ['ours', 'theirs'] };
    const { tapes, majors } = await optionsUnder(policy);
    assert.deepEqual([tapes, majors], [['ours', 'theirs'], [15]]);
    assert.deepEqual((await optionsUnder(policy, { tape: ['mine'] })).tapes, ['mine']);
  });

  test('says which hosts must be had', async ({ assert }) => {
    assert.equal(await hostsUnder({}), 'debian:11! debian:12! amazonlinux:2');
    assert.equal(await hostsUnder({ absentHosts: 'block' }), 'debian:11! debian:12! amazonlinux:2!');
    assert.equal(await hostsUnder({ absentHosts: 'named' }), 'debian:11 debian:12 amazonlinux:2');
    assert.equal(await hostsUnder({ hosts: ['amazonlinux:2'] }), 'amazonlinux:2!');
    assert.equal(await hostsUnder({ hosts: ['amazonlinux:2'], absentHosts: 'named' }), 'amazonlinux:2');
    assert.equal(
      await hostsUnder({ hosts: ['amazonlinux:2'], absentHosts: 'named' }, { hosts: 'debian:11' }),
      'debian:11!',
    );
  });

  test('says whose a wrong name is', async ({ assert }) => {
    const ofPolicy = await rejectionOf(optionsUnder({ hosts: ['debian:9'] }));
    assert.equal(ofPolicy.message, 'redoubt.config.ts, policy.hosts debian:9: there is no such name');
    assert.equal(ofPolicy.exitCode, 2);
    const image = await rejectionOf(optionsUnder({ computeImages: ['npm:99'] }));
    assert.equal(
      image.message,
      'redoubt.config.ts, policy.computeImages: there is no compute image named npm:99',
    );
    const locale = await rejectionOf(optionsUnder({ locales: ['x y'] }));
    assert.equal(locale.message, 'redoubt.config.ts, policy.locales x y: not the name of a locale');
    const ofUser = await rejectionOf(optionsUnder({ hosts: ['debian:12'] }, { hosts: 'debian:9' }));
    assert.equal(ofUser.message, '--hosts debian:9: there is no such name');
    const other = new RedoubtError('usage', 'x', 'nothing of an option');
    assert.equal(await rejectionOf(sayingWhose({}, loaded({}), () => Promise.reject(other))), other);
  });
});
