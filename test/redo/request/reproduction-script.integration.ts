import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa, type Options } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { type Reproduction, writeReproduction } from '../../../harness/redo/request/reproduction.ts';
import { writeReproductionScript } from '../../../harness/redo/request/reproduction-script.ts';
import { heapPage } from '../../page/page-builder.ts';

/* The script by itself, around programs that answer what they are told; reproduction.product has real bundles. */

const right = heapPage();
const wrong = Buffer.from(right);
wrong[5000] = 9;

const reproduction: Reproduction = {
  major: 17,
  title: 'public.word\n"é" main block 3',
  requests: Buffer.from('what walredo is asked'),
  pages: right,
  found: wrong,
  differences: ['byte 5000: data of item 24: 00 expected, 09 found'],
};

test.group('the script of a reproduction', (group) => {
  let work: TemporaryDirectory;
  let folder: string;

  group.each.setup(async () => {
    work = await temporaryDirectory('tests of a script');
    await chmod(work.path, 0o755);
    folder = join(work.path, 'a reproduction');
    await writeReproduction(folder, reproduction);
    return async () => {
      await work[Symbol.asyncDispose]();
    };
  });

  /** A bundle whose postgres is a shell script, at `path`. */
  async function bundleOf(path: string, program: string): Promise<string> {
    const bundle = join(work.path, 'a bundle');
    await mkdir(join(bundle, path, '..'), { recursive: true });
    await writeFile(join(bundle, path), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
    return bundle;
  }

  /** The words of a program that answers so; nobody can read it. */
  async function answering(page: Buffer): Promise<string> {
    const path = join(work.path, 'answer');
    await writeFile(path, page);
    return `exec /bin/cat '${path}'`;
  }

  async function run(bundle: string, options: Options = {}) {
    const { exitCode, stdout, stderr } = await execa(join(folder, 'reproduce.sh'), [bundle], {
      reject: false,
      ...options,
    });
    return { exitCode, words: `${String(stdout)}\n${String(stderr)}` };
  }

  test('says in its head what is wrong, and in the end whether it is so again', async ({ assert }) => {
    const text = await readFile(join(folder, 'reproduce.sh'), 'utf8');
    assert.match(
      text,
      /^#!\/bin\/sh\n# public\.word\?"\?" main block 3\n# {3}byte 5000: data of item 24: 00 exp/,
    );
    for (const path of ['v17/bin/postgres', 'v17/postgres']) {
      const same = await run(await bundleOf(path, await answering(wrong)));
      assert.equal(same.exitCode, 1);
      assert.match(same.words, /differ: (byte|char) 5001/);
      assert.include(same.words, 'byte for byte what came back when it was found');
      const other = Buffer.from(right);
      other[6000] = 9;
      assert.include((await run(await bundleOf(path, await answering(other)))).words, 'not what came back');
      const sound = await run(await bundleOf(path, await answering(right)));
      assert.deepEqual(sound, { exitCode: 0, words: 'the pages are as they must be\n' });
    }
  });

  test('is 1 for too many pages and too few, and for a program that ends badly', async ({ assert }) => {
    const path = 'v17/postgres';
    for (const pages of [Buffer.alloc(0), right.subarray(1), Buffer.concat([right, right])]) {
      assert.equal((await run(await bundleOf(path, await answering(pages)))).exitCode, 1);
    }
    const program = (await answering(right)).replace('exec ', '');
    const ends = await run(await bundleOf(path, `${program}\nexit 3`));
    assert.equal(ends.exitCode, 1);
    assert.include(ends.words, 'walredo exits with 3');
  });

  test('is 2 for all that says nothing of the bundle', async ({ assert }) => {
    const cases = [
      [join(work.path, 'nowhere'), /there is no .*nowhere/],
      [folder, /is no bundle with v17/],
      [join(folder, 'pages'), /cannot unpack .*pages/],
    ] as const;
    for (const [bundle, words] of cases) {
      const told = await run(bundle);
      assert.equal(told.exitCode, 2);
      assert.match(told.words, words);
    }
    const bundle = await bundleOf('v17/postgres', 'exec /nowhere/at/all');
    assert.match((await run(bundle)).words, /walredo cannot be started/);
    assert.equal((await run(bundle)).exitCode, 2);
    await writeFile(join(folder, 'requests'), 'others');
    assert.include((await run(bundle)).words, 'requests is not what it was');
  });

  test('needs few tools, and says which one is missing', async ({ assert }) => {
    const bundle = await bundleOf('v17/postgres', await answering(wrong));
    const tools = join(work.path, 'tools');
    await mkdir(tools);
    const needed = ['chmod', 'cmp', 'dirname', 'env', 'id', 'mkdir', 'mktemp', 'rm', 'tar'];
    const link = async (name: string) => execa('sh', ['-c', `ln -s "$(command -v ${name})" "${tools}"`]);
    const env = { PATH: tools };
    for (const name of needed) {
      const told = await run(bundle, { env });
      assert.equal(told.exitCode, 2);
      assert.include(told.words, `there is no ${name} here`);
      await link(name);
    }
    const shown = await run(bundle, { env });
    assert.equal(shown.exitCode, 1, shown.words);
    assert.match(shown.words, /differ: (byte|char) 5001/);
  });

  test('packs a large record and its page, asks for gzip then, and says so when that does not help', async ({
    assert,
  }) => {
    const full = Buffer.concat([right.subarray(0, 500), randomBytes(right.length - 500)]);
    const large = { ...reproduction, requests: Buffer.concat([full, full.subarray(700)]), pages: full };
    const again = ['one', 'two'].map((name) => join(work.path, name));
    for (const path of again) {
      const { bytes, isLarge } = await writeReproduction(path, large);
      assert.isFalse(isLarge);
      assert.isBelow(bytes, 13_000);
      const sizes = (await readdir(path)).map(async (name) => (await stat(join(path, name))).size);
      assert.equal(
        (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
        bytes,
      );
    }
    const [one, two] = await Promise.all(again.map((path) => readFile(join(path, 'shown.tar.gz'))));
    assert.isTrue(one?.equals(two ?? Buffer.alloc(0)), 'the same bytes each time');
    folder = join(work.path, 'one');
    const bundle = await bundleOf('v17/postgres', await answering(full));
    assert.deepEqual(await run(bundle), { exitCode: 0, words: 'the pages are as they must be\n' });
    assert.equal((await run(await bundleOf('v17/postgres', await answering(wrong)))).exitCode, 1);
    await writeFile(join(folder, 'shown.tar.gz'), 'damaged');
    const damaged = await run(bundle);
    assert.equal(damaged.exitCode, 2);
    assert.include(damaged.words, 'cannot unpack shown.tar.gz');

    const random = { ...reproduction, requests: randomBytes(30_000) };
    const { bytes, isLarge } = await writeReproduction(join(work.path, 'random'), random);
    assert.isTrue(isLarge);
    assert.isAbove(bytes, 30_000);
  });

  test('takes a tarball, a path from here, and anybody', async ({ assert }) => {
    const bundle = await bundleOf('v17/bin/postgres', await answering(right));
    const tarball = join(work.path, 'a:tarball.tar.gz');
    await execa('tar', ['--force-local', '-czf', tarball, '-C', bundle, '.']);
    assert.equal((await run(tarball)).exitCode, 0);
    assert.equal((await run('a bundle', { cwd: work.path })).exitCode, 0);
    const nobody = { uid: 65534, gid: 65534, env: { TMPDIR: '/tmp' } };
    assert.equal((await run(bundle, nobody)).exitCode, 0);
    const launched = join(await bundleOf('LAUNCHER', 'exit 0'));
    const told = await run(launched, nobody);
    assert.equal(told.exitCode, 2);
    assert.include(told.words, 'entered by chroot, which only root can');
  });

  test('runs the program as nobody when root asks, also out of a folder that lets nobody in', async ({
    assert,
  }) => {
    const bundle = await bundleOf('v17/postgres', `id -u >&2\n${await answering(right)}`);
    const shut = join(work.path, 'shut');
    await mkdir(shut, { mode: 0o700 });
    await execa('mv', [bundle, join(shut, 'bundle')]);
    const { exitCode, words } = await run(join(shut, 'bundle'));
    assert.equal(exitCode, 0, words);
    assert.match(words, /^65534$/m);
  });

  test('counts the pages where nothing says what they must be, and never says that they are right', async ({
    assert,
  }) => {
    await execa('rm', ['-r', folder]);
    await mkdir(folder);
    await writeFile(join(folder, 'requests'), 'asked');
    writeReproductionScript(folder, {
      major: 17,
      title: 'a recording',
      differences: [],
      requestsFile: 'requests',
      requestsSha256: (await execa('sha256sum', [join(folder, 'requests')])).stdout.slice(0, 64),
      requests: 1,
      pagesFile: 'oracle',
      judged: [],
      foundSha256: undefined,
    });
    const all = await run(await bundleOf('v17/postgres', await answering(right)));
    assert.equal(all.exitCode, 2);
    assert.match(all.words, /1 of 1 pages came back[\s\S]*nothing here says what they must be/);
    const none = await run(await bundleOf('v17/postgres', 'exit 1'));
    assert.equal(none.exitCode, 1);
    assert.match(none.words, /0 of 1 pages came back[\s\S]*walredo exits with 1/);
  });

  test('compares only what is known', async ({ assert }) => {
    const pages = Buffer.concat([right, right, right]);
    await writeFile(join(folder, 'oracle'), pages);
    writeReproductionScript(folder, {
      major: 17,
      title: 'a tape',
      differences: [],
      requestsFile: 'requests',
      requestsSha256: (await execa('sha256sum', [join(folder, 'requests')])).stdout.slice(0, 64),
      requests: 3,
      pagesFile: 'oracle',
      judged: [0, 2],
      foundSha256: undefined,
    });
    const unknown = await run(
      await bundleOf('v17/postgres', await answering(Buffer.concat([right, wrong, right]))),
    );
    assert.equal(unknown.exitCode, 0, unknown.words);
    const known = await run(
      await bundleOf('v17/postgres', await answering(Buffer.concat([right, right, wrong]))),
    );
    assert.equal(known.exitCode, 1);
  });
});
