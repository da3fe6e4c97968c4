import { test } from '@japa/runner';

import { localesOfWorkloads } from '../../../harness/gate/order/locales-of-workloads.ts';

async function words(major: number): Promise<readonly string[]> {
  return (await localesOfWorkloads(major)).map(({ provider, locale }) => `${provider} ${locale}`);
}

test.group('localesOfWorkloads', () => {
  const ofColumns = [
    'libc en_US.UTF-8',
    'libc de_DE.UTF-8',
    'libc sv_SE.UTF-8',
    'libc zh_CN.UTF-8',
    'icu und',
    'icu en',
    'icu de',
    'icu sv',
    'icu zh',
    'icu und-u-ks-level2',
  ];

  test("are the database's and those of the columns, each once", async ({ assert }) => {
    assert.sameMembers([...(await words(15))], ['libc C.UTF-8', ...ofColumns]);
    assert.sameMembers([...(await words(17))], ['builtin C.UTF-8', 'libc C.UTF-8', ...ofColumns]);
  });
});
