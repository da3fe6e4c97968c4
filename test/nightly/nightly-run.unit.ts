import { test } from '@japa/runner';

import { nightlyRun } from '../../harness/nightly/nightly-run.ts';
import { runSchema } from '../../harness/nightly/run-schema.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { thrownBy } from '../support/thrown.ts';
import { acceptedRun, approvedRun, judgedDigest } from '../pin/approved-run.ts';
import { tapeFacts } from '../report/support/full-run.ts';
import { checks, ended, found, over, pageFinding, planned, started, timed } from '../verdict/run-events.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

function runOf(...events: readonly GateEvent[]): ReturnType<typeof nightlyRun> {
  return nightlyRun(deriveReport(timed(...events)));
}

function withHost(libc6: string): ReturnType<typeof nightlyRun> {
  return runOf(
    ...approvedRun().flatMap((event): readonly GateEvent[] =>
      event.type === 'options'
        ? [
            {
              type: 'host',
              host: { name: 'debian:12', engine: 'chroot', packages: { libc6 }, libc: 'glibc 2.36' },
            },
            { type: 'tape', tape: tapeFacts({ major: 15, compute: 'debian:12' }) },
            { type: 'tape', tape: tapeFacts({ major: 17, compute: 'npm:17.10' }) },
            event,
          ]
        : [event],
    ),
  );
}

test.group('nightlyRun', () => {
  test('keeps of a report what later ones are held against', ({ assert }) => {
    const run = runOf(...acceptedRun());
    assert.deepEqual(runSchema.parse(run), run);
    assert.equal(run.verdict, 'compatible');
    assert.lengthOf(run.judged, checks.length);
    assert.deepEqual(run.inputs['candidate'], { digest: judgedDigest, words: 'bundle.tar.zst' });
    assert.deepEqual(Object.keys(run.inputs), [
      'candidate',
      'compute debian:13 of 15',
      'compute debian:13 of 17',
    ]);
    assert.deepEqual(
      run.findings.map(({ code, tolerance }) => [code, tolerance]),
      [['pin-libicu-changed', 'accepted']],
    );
  });

  test('hosts and images are told apart by what is in them', ({ assert }) => {
    const [one, other] = [withHost('2.36-9'), withHost('2.36-10')];
    assert.equal(one.inputs['host debian:12']?.words, 'libc6 2.36-9');
    assert.notEqual(one.inputs['host debian:12']?.digest, other.inputs['host debian:12']?.digest);
    const image = 'compute debian:12 of 15';
    assert.notEqual(one.inputs[image]?.digest, other.inputs[image]?.digest, 'an image that is a host');
    const npm = 'compute npm:17.10 of 17';
    assert.deepEqual(one.inputs[npm], other.inputs[npm]);
    assert.equal(withHost('2.36-9').id, one.id);
    assert.notEqual(other.id, one.id);
  });

  test('a finding has one key each night, whatever its numbers, and the worst of a kind speaks', ({
    assert,
  }) => {
    const tolerated: GateEvent = {
      type: 'finding',
      check: first,
      finding: { ...pageFinding, message: 'block 9' },
      tolerance: { kind: 'warning' },
    };
    const { findings } = runOf(
      started,
      planned(),
      tolerated,
      found(first),
      ended(first, 'failed'),
      found(second, { code: 'page-lsn', message: 'x', details: { locale: 'und' } }),
      ended(second, 'failed'),
      over(),
    );
    assert.deepEqual(
      findings.map(({ key, count, tolerance, message }) => [key, count, tolerance, message]),
      [
        [`page-content ${first}`, 2, null, pageFinding.message],
        [`page-lsn ${second} und`, 1, null, 'x'],
      ],
    );
  });

  test('what never ended was not judged', ({ assert }) => {
    const run = runOf(started, planned(), ended(first));
    assert.deepEqual([run.verdict, run.exitCode, run.judged], ['not judged', 3, [first]]);
  });

  test('a run that never began is none', ({ assert }) => {
    assert.equal(thrownBy(() => runOf()).code, 'report-without-time');
  });
});
