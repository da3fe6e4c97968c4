import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { MadeOnce } from '../../harness/gate/made-once.ts';

test.group('MadeOnce', (group) => {
  let place: string;
  group.each.setup(() => {
    place = mkdtempSync(join(tmpdir(), 'redoubt-made-'));
    return () => {
      rmSync(place, { recursive: true });
    };
  });

  /** Makes a folder that is one host's, and counts how often. */
  function maker(made: MadeOnce, host: string) {
    const folder = join(place, host);
    let times = 0;
    const make = (): Promise<number> =>
      made.onHost([17, host], { key: `of ${host}`, folders: [folder] }, () => {
        mkdirSync(folder);
        return Promise.resolve(++times);
      });
    return { folder, make };
  }

  test('makes what is asked for by one key once, also when that fails', async ({ assert }) => {
    const made = new MadeOnce();
    let times = 0;
    const fail = (): Promise<never> => {
      times++;
      return Promise.reject(new Error('no'));
    };
    await assert.rejects(() => made.of('key', fail), 'no');
    await assert.rejects(() => made.of('key', fail), 'no');
    assert.equal(times, 1);
  });

  test('gives back what was made of a major on a host, and nothing else', async ({ assert }) => {
    const made = new MadeOnce();
    const [one, other] = [maker(made, 'debian:11'), maker(made, 'debian:12')];
    await Promise.all([one.make(), one.make(), other.make()]);
    await made.release(15, 'debian:11');
    assert.isTrue(existsSync(one.folder));
    await made.release(17, 'debian:11');
    assert.isFalse(existsSync(one.folder));
    assert.equal(await other.make(), 1);
    assert.equal(await one.make(), 2);
    await made.release(17, 'debian:11');
    assert.isFalse(existsSync(one.folder));
  });

  test('waits for what is being made before it is given back', async ({ assert }) => {
    const made = new MadeOnce();
    const begun = Promise.withResolvers<undefined>();
    const folder = join(place, 'slow');
    const making = made.onHost([17, 'debian:11'], { key: 'slow', folders: [folder] }, async () => {
      await begun.promise;
      mkdirSync(folder);
    });
    const released = made.release(17, 'debian:11');
    begun.resolve(undefined);
    await Promise.all([making, released]);
    assert.isFalse(existsSync(folder));
  });
});
