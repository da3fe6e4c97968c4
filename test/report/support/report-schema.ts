import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { jsonSchemas } from '../../../harness/report/json-schema.ts';

/** A schema that also refuses what it does not name: with it, a field that is written and not described is found. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) =>
      name === 'additionalProperties' && Object.keys(value as object).length === 0
        ? [name, false]
        : [name, closed(value)],
    ),
  );
}

const validators = new Map<string, ValidateFunction>();

/** What is wrong with a value by a published schema that is closed; nothing, as it must be. */
export function schemaFaults(
  name: 'report.schema.json' | 'event.schema.json',
  value: unknown,
): readonly string[] {
  let validate = validators.get(name);
  if (validate === undefined) {
    const ajv = new Ajv2020({ strict: true, discriminator: false });
    addFormats.default(ajv);
    validate = ajv.compile(closed(jsonSchemas()[name]) as object);
    validators.set(name, validate);
  }
  if (validate(JSON.parse(JSON.stringify(value)))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
