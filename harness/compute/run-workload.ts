import type { Client } from 'pg';

import { RedoubtError } from '../error.ts';
import type { Progress } from '../host/progress.ts';
import type { Workload, WorkloadScript } from './workload.ts';

/** Makes the workload's parameters visible to the scripts of this session, as current_setting('redoubt.rows'). */
export async function setParameters(client: Client, workload: Workload): Promise<void> {
  for (const [name, value] of Object.entries(workload.parameters)) {
    await client.query('SELECT set_config($1, $2, false)', [name, value]);
  }
}

/**
 * Sends each statement of each script by itself, in order, in one session. `afterScript` sees the database between
 * scripts. Throws `workload-statement-failed` (infrastructure: the image lacks something that the workload needs) with
 * script, line and the server's message; `details.sqlState` is null when the session itself was lost.
 */
export async function runScripts(
  client: Client,
  workload: Workload,
  scripts: readonly WorkloadScript[],
  progress: Progress,
  phase: string,
  afterScript: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const [index, script] of scripts.entries()) {
    progress(phase, `${script.name} (${String(index + 1)} of ${String(scripts.length)})`);
    for (const statement of script.statements) {
      try {
        await client.query(statement.text);
      } catch (cause) {
        throw statementFailed(workload, script, statement.line, cause);
      }
    }
    await afterScript();
  }
}

function statementFailed(
  workload: Workload,
  script: WorkloadScript,
  line: number,
  cause: unknown,
): RedoubtError {
  const { message, code } = cause as Error & { readonly code?: string };
  const file = workload.name === script.name ? script.name : `${workload.name}/${script.name}`;
  const place = `${file}:${String(line)}`;
  return new RedoubtError(
    'infrastructure',
    'workload-statement-failed',
    `The workload's statement at ${place} failed: ${message}`,
    {
      remedy: 'Use a compute image with all locales and ICU, or mend the statement.',
      details: { workload: workload.name, script: script.name, line, sqlState: code ?? null },
      cause,
    },
  );
}
