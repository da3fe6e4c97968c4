import { test } from '@japa/runner';

import type { Bundle } from '../../../harness/bundle/open.ts';
import { chooseMajors } from '../../../harness/gate/inputs/choose-majors.ts';
import { parseGateOptions } from '../../../harness/gate/gate-options.ts';
import type { OpenedBundle } from '../../../harness/gate/inputs/opened-bundle.ts';
import type { Tape } from '../../../harness/redo/tape/tape.ts';
import { thrownBy } from '../../support/thrown.ts';

function bundleWith(role: OpenedBundle['role'], ...majors: readonly number[]): OpenedBundle {
  const bundle: Bundle = { layout: 'chroot', directory: '/', digest: '', source: `/${role}.tar` };
  return {
    role,
    bundle,
    flavour: 'vanilla',
    servers: new Map(majors.map((major) => [major, `postgres ${String(major)}`])),
  };
}

function tapeOf(major: number): Tape {
  return { manifest: { major } } as Tape;
}

/** The majors of a run with debian:12 (15) and debian:13 (17) as compute images. */
function choose(
  candidate: readonly number[],
  { pg, tapes = [], baseline }: { pg?: string; tapes?: readonly number[]; baseline?: readonly number[] } = {},
): readonly number[] {
  const options = parseGateOptions(
    { compute: 'debian:12,debian:13', ...(pg === undefined ? {} : { pg }) },
    { optionalHosts: [], hosts: ['debian:12'], defaultHosts: ['debian:12'] },
  );
  return chooseMajors(
    options,
    tapes.map(tapeOf),
    bundleWith('candidate', ...candidate),
    baseline && bundleWith('baseline', ...baseline),
  );
}

function codeOf(...words: Parameters<typeof choose>): string {
  const error = thrownBy(() => choose(...words));
  return `${error.kind} ${error.code}`;
}

test.group('chooseMajors', () => {
  test('takes what both the bundle and the compute images have, or what was asked for', ({ assert }) => {
    assert.deepEqual(choose([14, 15, 16, 17]), [15, 17]);
    assert.deepEqual(choose([17]), [17]);
    assert.deepEqual(choose([15, 17], { pg: '15' }), [15]);
  });

  test('takes the majors of the tapes that were given, each once', ({ assert }) => {
    assert.deepEqual(choose([15, 16, 17], { tapes: [17, 15, 17] }), [15, 17]);
    assert.deepEqual(choose([15, 17], { tapes: [15, 17], pg: '17' }), [17]);
  });

  test('never leaves out a tape, or a major of the baseline, because the candidate lacks it', ({
    assert,
  }) => {
    assert.equal(codeOf([17], { tapes: [15, 17] }), 'usage bundle-lacks-major');
    assert.equal(codeOf([17], { baseline: [15, 17] }), 'usage bundle-lacks-major');
    assert.equal(codeOf([15, 17], { baseline: [17] }), 'usage bundle-lacks-major');
  });

  test('never runs without a major', ({ assert }) => {
    assert.equal(codeOf([14]), 'usage no-major');
    assert.equal(codeOf([]), 'usage no-major');
    assert.match(thrownBy(() => choose([])).message, /none that starts/);
  });

  test('refuses a major that the bundle or the tapes lack', ({ assert }) => {
    assert.equal(codeOf([17], { pg: '15' }), 'usage bundle-lacks-major');
    assert.equal(codeOf([15, 17], { tapes: [17], pg: '15' }), 'usage no-tape');
  });
});
