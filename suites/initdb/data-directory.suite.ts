import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseControlFile, type ControlFile } from '../../harness/compute/control-file.ts';
import { RedoubtError } from '../../harness/error.ts';
import type { GateRun, InitdbRun } from '../../harness/gate/gate-run.ts';
import { describeEnding } from '../../harness/redo/replay-fault.ts';
import { compareTrees } from '../../harness/verdict/tree-comparison.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';

/* "the `initdb` process, behaving like a vanilla Postgres `initdb`"; "/inout is reserved, e.g., for `initdb` output" */

/** What two runs of initdb on one host do not agree on either. */
const runSpecific: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'global/pg_control (system identifier, times)', pattern: /^global\/pg_control$/ },
  { name: 'pg_wal (follows the system identifier)', pattern: /^pg_wal\// },
  { name: 'pg_stat (times)', pattern: /^pg_stat\// },
];

promiseForEachCell('initdb', (cell, { firstHost }) => [
  makesDataDirectory(),
  ...(cell.host === firstHost ? [] : [sameOnEveryHost(firstHost)]),
]);

function makesDataDirectory(): Promised {
  return {
    id: 'data-directory',
    text: "initdb with a pageserver's options makes a whole data directory of its major in /inout/data, and nothing beside it",
    examine: async (examination) => {
      const { gate, cell } = examination;
      const run = await gate.initdb(cell.major, cell.host);
      const { ending, stderr } = run.process;
      if (ending.kind !== 'exited' || ending.exitCode !== 0) {
        examination.found({
          code: 'initdb-failed',
          message: `initdb ${describeEnding(ending)}: ${stderr.trim().slice(-300)}`,
        });
        return;
      }
      await judgePlace(examination, run);
      await judgeContents(examination, join(run.inout, 'data'));
    },
  };
}

async function judgePlace({ found }: Examination, { inout }: InitdbRun): Promise<void> {
  const entries = await readdir(inout);
  const strangers = entries.filter((name) => name !== 'data');
  if (!entries.includes('data')) {
    found({
      code: 'initdb-wrong-place',
      message: `initdb ended well, but there is no /inout/data; it wrote ${list(entries)}`,
    });
  } else if (strangers.length > 0) {
    found({
      code: 'initdb-wrong-place',
      message: `initdb also wrote outside of --pgdata: ${list(strangers)}`,
    });
  }
}

async function judgeContents({ cell, found }: Examination, data: string): Promise<void> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version?.trim() !== String(cell.major)) {
    found({
      code: 'initdb-wrong-major',
      message:
        version === undefined
          ? 'the data directory has no PG_VERSION'
          : `PG_VERSION says ${version.trim()}, asked was ${String(cell.major)}`,
    });
    return;
  }
  const control = await readControl(data);
  if (typeof control === 'string') {
    found({ code: 'initdb-wrong-settings', message: control });
  } else if (control.state !== 'shut down') {
    found({
      code: 'initdb-wrong-settings',
      message: `the new cluster is in state "${control.state}" instead of "shut down"`,
    });
  }
}

/** The control file, or what is wrong with it: initdb wrote it, so that a bad one is the bundle's fault. */
async function readControl(data: string): Promise<ControlFile | string> {
  const bytes = await readFile(join(data, 'global/pg_control')).catch(() => undefined);
  if (bytes === undefined) return 'the data directory has no global/pg_control';
  try {
    return parseControlFile(bytes, 'global/pg_control of the data directory');
  } catch (error) {
    if (error instanceof RedoubtError) return error.message;
    throw error;
  }
}

function sameOnEveryHost(firstHost: string): Promised {
  return {
    id: 'hosts',
    text: `every relation file and setting of the data directory equals, byte for byte, what initdb makes on ${firstHost}`,
    examine: async ({ gate, cell, found, note }) => {
      const [first, own] = [
        await successful(gate, cell.major, firstHost),
        await successful(gate, cell.major, cell.host),
      ];
      if (first === undefined || own === undefined) {
        found({
          code: 'initdb-hosts-differ',
          message: `initdb did not end well on ${first === undefined ? firstHost : cell.host}, so there is nothing to compare`,
        });
        return;
      }
      const comparison = await compareTrees(join(first.inout, 'data'), join(own.inout, 'data'), runSpecific);
      for (const { path, what } of comparison.differences.slice(0, 20)) {
        found({
          code: 'initdb-hosts-differ',
          message: `${path} ${what}: on ${cell.host} against ${firstHost}`,
        });
      }
      note(
        `${String(comparison.equalFiles)} files equal; not compared: ${runSpecific.map(({ name }) => name).join(', ')}`,
      );
    },
  };
}

async function successful(gate: GateRun, major: number, host: string): Promise<InitdbRun | undefined> {
  const run = await gate.initdb(major, host);
  const { ending } = run.process;
  return ending.kind === 'exited' && ending.exitCode === 0 ? run : undefined;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.slice(0, 10).join(', ');
}
