import { z } from 'zod';

import { eventSchemaVersion } from '../verdict/event.ts';
import { eventSchemas } from './event-schema.ts';
import { reportSchemaVersion } from './report.ts';
import { reportSchema } from './report-schema.ts';

/** The JSON Schemas that `reports/schema/` publishes, by file name; `node reports/schema/publish.ts` writes them. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return {
    'report.schema.json': {
      $id: `urn:redoubt:report:${String(reportSchemaVersion)}`,
      title: `report.json of Redoubt, version ${String(reportSchemaVersion)}`,
      ...asJsonSchema(reportSchema),
    },
    'event.schema.json': {
      $id: `urn:redoubt:event:${String(eventSchemaVersion)}`,
      title: `One line of events.ndjson of Redoubt, version ${String(eventSchemaVersion)}`,
      ...asJsonSchema(z.union(Object.values(eventSchemas))),
    },
  };
}

/** What may be read, not what is written: fields with a default may be absent, and others than these may be there. */
function asJsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
}
