import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { launch } from '../../harness/bundle/launch.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { ensureDocker } from '../../harness/host/docker/docker-daemon.ts';
import { openDockerHost } from '../../harness/host/docker/docker-host.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { makeUnprivilegedDirectory } from '../../harness/host/unprivileged-directory.ts';
import { Answers } from '../../harness/redo/tape/answers.ts';
import { replay } from '../../harness/redo/replay/replay.ts';
import { debianRoot } from '../host/support/shared-host.ts';
import { referenceBundle, smallTape } from '../support/small-tape.ts';

const major = 17;

test.group('replay in every engine', () => {
  test('gives the same bytes, of every fork', async ({ assert }) => {
    const [bundle, tape, root] = [await referenceBundle(), await smallTape(major), await debianRoot()];
    await using scratch = await temporaryDirectory('replays');
    await using docker = await ensureDocker(silent);
    await using one = await openChrootHost(root.name, root.path);
    await using other = await openDockerHost(root, docker);
    const start = launch(bundle, major, 'postgres', ['--wal-redo']);
    const play = async (host: Host): Promise<Answers> => {
      const directory = join(scratch.path, host.engine);
      const inout = `${directory}-inout`;
      await mkdir(directory);
      await makeUnprivilegedDirectory(inout);
      const { faults, runs } = await replay({
        host,
        launch: { ...start, mounts: [{ source: inout, target: '/inout', readOnly: false }] },
        requestsPath: tape.requestsPath,
        index: tape.index,
        directory,
      });
      assert.deepEqual(faults, []);
      return new Answers(runs);
    };
    using first = await play(one);
    using second = await play(other);
    let compared = 0;
    for (let request = 0; request < tape.index.length; request++) {
      const [expected, actual] = [first.page(request), second.page(request)];
      assert.isTrue(expected !== undefined && actual?.equals(expected), `request ${String(request)}`);
      compared += 1;
    }
    assert.isAbove(compared, 100);
  });
});
