import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { redoubt } from '../support/redoubt-command.ts';
import { smallTape } from '../support/small-tape.ts';
import { Workplace } from './support/workplace.ts';

/* What the machine refuses is said in its words, with exit 3. */

const launcher = join(import.meta.dirname, '../../redoubt');
// Without rights, but for that to read a checkout that may lie in root's own folder.
const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'].concat(
  ['--inh-caps', '--ambient-caps'].flatMap((set) => [set, '+dac_read_search']),
);

test.group('a machine that refuses', () => {
  for (const command of ['gate', 'capture --pg 17 --out /tmp/none', 'replay /tmp/none', 'bundle build']) {
    test(`${command} without root`, async ({ assert }) => {
      const { exitCode, stdout, stderr } = await execa(
        'setpriv',
        [...nobody, launcher, ...command.split(' ')],
        { reject: false, env: { HOME: '/nonexistent' }, stdin: 'ignore' },
      );
      assert.equal(exitCode, 3);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        /^redoubt: .* needs root, and this is uid 65534\n {9}Run the same command as root/,
      );
    });
  }

  test('an archive that does not answer, and no package lists', async ({ assert }) => {
    await using place = await Workplace.open([]);
    const lists = join(place.temporary, 'lists');
    await mkdir(join(lists, 'partial'), { recursive: true });
    const sources = join(place.temporary, 'sources.list');
    await writeFile(sources, 'deb http://127.0.0.1:9/debian bookworm main\n');
    const { exitCode, stderr } = await redoubt(['gate', '--hosts', 'debian:11', '--report', place.out], {
      ...place.env,
      APT_CONFIG: await aptConfiguration(place, [
        `Dir::Etc::sourcelist "${sources}";`,
        'Dir::Etc::sourceparts "/dev/null";',
        'Acquire::Retries "0";',
        `Dir::State::lists "${lists}";`,
      ]),
    });
    assert.equal(exitCode, 3);
    assert.match(stderr, /cannot fetch the lists of a Debian archive: .*http:\/\/127\.0\.0\.1:9\/debian/);
    assert.deepEqual(await place.halfMade(), []);
  });

  test('an archive that stops answering while a root is made', async ({ assert }) => {
    await using place = await Workplace.open([]);
    const { exitCode, stderr } = await redoubt(['gate', '--hosts', 'debian:11', '--report', place.out], {
      ...place.env,
      APT_CONFIG: await aptConfiguration(place, ['Acquire::http::Proxy "http://127.0.0.1:9";']),
    });
    assert.equal(exitCode, 3);
    assert.match(stderr, /the root .* could not be made: mmdebstrap ended with/);
    assert.match(stderr, /See that apt's Debian mirror answers; mmdebstrap's output is in .*\.log/);
    assert.deepEqual(await place.halfMade(), []);
  });

  test('standard output that cannot be written', async ({ assert }) => {
    for (const words of ['hosts', 'doctor --json']) {
      const { exitCode, stderr } = await execa('sh', ['-c', `"$0" ${words} > /dev/full`, launcher], {
        reject: false,
      });
      assert.equal(exitCode, 3);
      assert.match(stderr, /cannot write the output: ENOSPC/);
    }
  });

  test('a report where nothing can be made', async ({ assert }) => {
    for (const command of ['gate', 'matrix']) {
      const { exitCode, stderr } = await redoubt([command, '--report', '/proc/none/x']);
      assert.equal(exitCode, 3);
      assert.match(
        stderr,
        /cannot put a report into \/proc\/none\/x: .*ENOENT.*\n +Name another folder with --report/,
      );
    }
  });

  test('a reader that has enough changes nothing about the verdict', async ({ assert }) => {
    await using place = await Workplace.open(['roots', 'helpers', 'reference', 'bundles']);
    const tape = join(place.cache, '..', 'tape');
    const { directory } = await smallTape(17);
    await mkdir(tape);
    for (const name of ['manifest.json', 'requests', 'index', 'oracle'])
      await copyFile(join(directory, name), join(tape, name));
    const { stdout } = await execa(
      'bash',
      [
        '-c',
        '"$0" replay "$1" --hosts debian:12 --report "$2" | head -n 1; echo "${PIPESTATUS[0]}"',
        launcher,
        tape,
        place.out,
      ],
      { env: place.env },
    );
    assert.equal(stdout.split('\n').at(-1), '0');
  });
});

async function aptConfiguration(place: Workplace, lines: readonly string[]): Promise<string> {
  const path = join(place.temporary, 'apt.conf');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}
