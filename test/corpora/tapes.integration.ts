import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@japa/runner';

import { bundleMajors } from '../../harness/bundle/majors.ts';
import { launchWalredo } from '../../harness/bundle/launch-walredo.ts';
import { openBundle } from '../../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { hostRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { replay } from '../../harness/redo/replay/replay.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { areSkewed } from '../../harness/verdict/minor-skew.ts';
import { judgePages, tapeStandard } from '../../harness/verdict/page-judgement.ts';

const directory = join(import.meta.dirname, '../../corpora/tapes');

test.group('the tapes of the corpora', () => {
  for (const major of [15, 17]) {
    test(`PostgreSQL ${String(major)}: the reference bundle answers every page rightly`, async ({
      assert,
    }) => {
      const bundle = await openBundle((await ensureReferenceBundle(silent)).path, silent);
      const root = await ensureRoot(hostRecipe('debian:12'), silent);
      await using host = await openChrootHost(root.name, root.path);
      await using scratch = await temporaryDirectory('a replay');
      const [answers, inout] = [join(scratch.path, 'answers'), join(scratch.path, 'inout')];
      await mkdir(answers);
      const tape = Tape.open(join(directory, `pg${String(major)}`));
      const { runs, faults } = await replay({
        host,
        launch: await launchWalredo(bundle, major, inout),
        requestsPath: tape.requestsPath,
        index: tape.index,
        directory: answers,
      });
      assert.deepEqual(faults, []);
      // Debian's minor moves on, the tape does not.
      const server = (await bundleMajors(bundle, host)).get(major) ?? '';
      const isSkewed = areSkewed(server, tape.manifest.serverVersion);
      const { tallies, findings } = judgePages(tape, runs, tapeStandard(tape, isSkewed), () => null);
      assert.deepEqual(findings, []);
      assert.equal(
        tallies.reduce((sum, { pages }) => sum + pages, 0),
        tape.manifest.counts.judged,
      );
    });
  }
});
