import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { jsonSchemas } from '../../harness/report/json-schema.ts';
import { openReport } from '../../harness/report/open-report.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { timed, wholeRun } from '../verdict/run-events.ts';
import { fullRun } from './support/full-run.ts';
import { schemaFaults } from './support/report-schema.ts';

const published = join(import.meta.dirname, '../../reports/schema');
const fixture = join(import.meta.dirname, 'fixtures/version-1');

test.group('the published schemas', () => {
  test('are those of the code: node reports/schema/publish.ts writes them', ({ assert }) => {
    for (const [name, schema] of Object.entries(jsonSchemas()))
      assert.deepEqual(
        JSON.parse(readFileSync(join(published, name), 'utf8')),
        JSON.parse(JSON.stringify(schema)),
      );
  });

  test('describe every field of every report and event that is written', ({ assert }) => {
    for (const events of [fullRun(), partialRun(), wholeRun(), wholeRun().slice(0, 4), []]) {
      const whole = timed(...events);
      for (const event of whole) assert.deepEqual(schemaFaults('event.schema.json', event), []);
      assert.deepEqual(schemaFaults('report.schema.json', deriveReport(whole)), []);
    }
  });

  test('hold for the report of version 1 that was kept, as it was written and as it is read', ({
    assert,
  }) => {
    const text = readFileSync(join(fixture, 'report.json'), 'utf8');
    assert.deepEqual(schemaFaults('report.schema.json', JSON.parse(text)), []);
    assert.deepEqual(schemaFaults('report.schema.json', openReport(fixture).report), []);
    for (const line of readFileSync(join(fixture, 'events.ndjson'), 'utf8').trimEnd().split('\n'))
      assert.deepEqual(schemaFaults('event.schema.json', JSON.parse(line)), []);
  });

  test('let a field more stand, and refuse one that is wrong or absent', ({ assert }) => {
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    const validate = ajv.compile(jsonSchemas()['report.schema.json'] ?? {});
    const report = deriveReport(timed(...fullRun()));
    assert.isTrue(validate({ ...report, more: 1 }));
    assert.isFalse(validate({ ...report, exitCode: 2 }));
    const { verdict: _, ...silent } = report;
    assert.isFalse(validate(silent));
    assert.isNotEmpty(schemaFaults('report.schema.json', { ...report, more: 1 }));
  });
});

/** A run that has only some checks, each with something kept of it. */
function partialRun(): readonly GateEvent[] {
  return fullRun().map((event) => {
    if (event.type === 'planned') return { ...event, leftOut: 3 };
    if (event.type === 'options') return { ...event, options: { ...event.options, only: 'match "x"' } };
    return event.type === 'check-ended' ? { ...event, evidence: 'evidence/one' } : event;
  });
}
