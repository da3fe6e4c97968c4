import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { format } from 'prettier';

import { jsonSchemas } from '../../harness/report/json-schema.ts';

/* Writes the JSON Schemas of reports and events beside this file: `node reports/schema/publish.ts`. */
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(
    join(import.meta.dirname, name),
    await format(JSON.stringify(schema), { parser: 'json', printWidth: 110 }),
  );
}
