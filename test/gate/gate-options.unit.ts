import { test } from '@japa/runner';

import {
  parseGateOptions,
  parseMajors,
  type GateArguments,
  type GateOptions,
} from '../../harness/gate/gate-options.ts';
import type { HostRequest } from '../../harness/host/host-root.ts';
import { capturePlans } from '../../harness/gate/capture/capture-plan.ts';
import { suitesWithPromises } from '../../harness/gate/plan/suite-files.ts';
import { thrownBy } from '../support/thrown.ts';

const choices = {
  hosts: ['debian:11', 'debian:12', 'debian:14'],
  defaultHosts: ['debian:11', 'debian:12'],
  optionalHosts: ['debian:12'],
};

const made = (name: string, isRequired = true): HostRequest => ({ name, archive: undefined, isRequired });

function parse(typed: GateArguments = {}): GateOptions {
  return parseGateOptions(typed, choices);
}

test.group('parseGateOptions', () => {
  test('fills in every default', ({ assert }) => {
    const { computeImages, ...others } = parse();
    assert.deepEqual(others, {
      candidate: undefined,
      baseline: undefined,
      majors: undefined,
      hosts: [made('debian:11'), made('debian:12', false)],
      suites: suitesWithPromises,
      engine: 'chroot',
      captures: capturePlans,
      tapes: [],
      reportDirectory: undefined,
      answerTimeoutMs: 60_000,
      kernelFloor: false,
      initdbMatrix: 'sample',
      locales: undefined,
      list: false,
      policy: undefined,
      lock: undefined,
    });
    assert.includeMembers(
      computeImages.map(({ major }) => major),
      [15, 17],
    );
  });

  test('takes what is typed, each name once, suites in their own order', ({ assert }) => {
    const options = parse({
      candidate: '/b.tar',
      baseline: '/old',
      pg: '17, v15,17',
      hosts: 'debian:14, debian:11,debian:14',
      suites: 'walredo,contract,walredo',
      engine: 'chroot',
      tape: ['/one', '/two'],
      report: '/reports',
      answerTimeout: '2.5',
      list: true,
    });
    assert.deepEqual(options.majors, [15, 17]);
    assert.deepEqual(options.hosts, [made('debian:14'), made('debian:11')]);
    assert.deepEqual(options.suites, ['contract', 'walredo']);
    assert.deepEqual(options.tapes, ['/one', '/two']);
    assert.deepEqual(
      [options.candidate, options.baseline, options.reportDirectory, options.answerTimeoutMs, options.list],
      ['/b.tar', '/old', '/reports', 2500, true],
    );
  });

  test('takes hosts that are given: new ones after the others, known ones in their place', ({ assert }) => {
    const given = { name: 'bare', archive: 'a=b.tar', isRequired: true };
    assert.deepEqual(parse({ host: ['bare=a=b.tar'] }).hosts, [
      made('debian:11'),
      made('debian:12', false),
      given,
    ]);
    assert.deepEqual(parse({ hosts: 'bare,debian:14', host: ['bare=a=b.tar'] }).hosts, [
      given,
      made('debian:14'),
    ]);
    assert.deepEqual(parse({ hosts: 'debian:14', host: ['debian:12=/x.tar'] }).hosts, [
      made('debian:14'),
      { name: 'debian:12', archive: '/x.tar', isRequired: true },
    ]);
  });

  test('refuses every wrong word as a usage error that names it and what to do', ({ assert }) => {
    const wrong: readonly (readonly [GateArguments, string, RegExp])[] = [
      [{ pg: 'seventeen' }, 'invalid-major', /--pg seventeen: "seventeen" is not a PostgreSQL major/],
      [{ pg: '' }, 'invalid-major', /"" is not/],
      [{ pg: '15,' }, 'invalid-major', /"" is not/],
      [{ pg: '15;17' }, 'invalid-major', /"15;17" is not/],
      [{ pg: '017x' }, 'invalid-major', /not a PostgreSQL major/],
      [{ pg: '12' }, 'no-compute-image', /--pg 12: no compute image/],
      [
        { pg: '17', compute: 'debian:12' },
        'no-compute-image',
        /no compute image of debian:12 has PostgreSQL 17/,
      ],
      [{ compute: 'debian:7' }, 'unknown-compute-image', /debian:7/],
      [{ compute: ' , ' }, 'empty-option', /--compute names nothing/],
      [{ hosts: 'debian:13' }, 'unknown-name', /--hosts debian:13: there is no such name/],
      [{ hosts: 'debian:11;debian:12' }, 'unknown-name', /no such name/],
      [{ hosts: '' }, 'empty-option', /--hosts names nothing/],
      [{ host: ['bare'] }, 'invalid-host', /--host bare: not a name/],
      [{ host: ['=x.tar'] }, 'invalid-host', /--host =x\.tar/],
      [{ host: ['bare='] }, 'invalid-host', /--host bare=/],
      [{ host: ['../x=x.tar'] }, 'invalid-host', /--host \.\.\/x/],
      [{ host: ['bare=x.tar', 'bare=y.tar'] }, 'two-hosts', /bare is given twice/],
      [{ suites: 'walred' }, 'unknown-name', /--suites walred/],
      [{ suites: ',' }, 'empty-option', /--suites names nothing/],
      [{ engine: 'docker-compose' }, 'unknown-engine', /--engine docker-compose/],
      [{ initdbMatrix: 'some' }, 'unknown-name', /--initdb-matrix some/],
      [{ answerTimeout: 'soon' }, 'invalid-number', /--answer-timeout soon/],
      [{ answerTimeout: '0' }, 'invalid-number', /not a number of seconds/],
      [{ answerTimeout: '-1' }, 'invalid-number', /not a number of seconds/],
      [{ answerTimeout: '' }, 'invalid-number', /not a number of seconds/],
      [{ answerTimeout: 'Infinity' }, 'invalid-number', /not a number of seconds/],
    ];
    for (const [typed, code, words] of wrong) {
      const error = thrownBy(() => parse(typed));
      assert.deepEqual([error.kind, error.exitCode, error.code], ['usage', 2, code], JSON.stringify(typed));
      assert.match(error.message, words);
      assert.isNotEmpty(error.remedy ?? '', code);
    }
  });

  test('sorts majors and takes each once', ({ assert }) => {
    assert.deepEqual(parseMajors('17,15,v17, 16'), [15, 16, 17]);
  });
});
