import { launch } from '../../harness/bundle/launch.ts';
import type { CompletedProcess } from '../../harness/host/engine.ts';
import { describeEnding } from '../../harness/host/describe-ending.ts';
import { promiseForEachCell, type Examination, type Promised } from '../promise.ts';

/* "The bundle provides an interface to run, for each supported Postgres version, ..." */

promiseForEachCell('contract', () => [startsEveryProgram()]);

function startsEveryProgram(): Promised {
  return {
    id: 'programs',
    text: 'both programs of the major start on this host with an empty environment and name the same server version',
    examine: async (examination) => {
      const { gate, cell } = examination;
      const announced = gate.candidate.servers.get(cell.major) ?? '';
      const version = /\d+(\.\d+)+|\d+(devel|beta\d+|rc\d+)/.exec(announced)?.[0] ?? '';
      for (const program of ['postgres', 'initdb'] as const) {
        const process = await run(examination, program, ['--version']);
        const said = process.stdout.toString('utf8').trim();
        if (process.ending.kind !== 'exited' || process.ending.exitCode !== 0) {
          examination.found({
            code: 'launch-failed',
            message: `${program} --version of v${String(cell.major)} ${describeEnding(process.ending)}: ${firstWords(process)}`,
          });
        } else if (!said.includes(`(PostgreSQL) ${String(cell.major)}`) || !said.includes(version)) {
          examination.found({
            code: 'version-mismatch',
            message: `${program} of v${String(cell.major)} says "${said}", postgres said "${announced}"`,
          });
        }
      }
    },
  };
}

function run(
  { gate, cell }: Examination,
  program: string,
  flags: readonly string[],
): Promise<CompletedProcess> {
  const { bundle } = gate.candidate;
  return gate.host(cell.host).run({
    ...launch(bundle, cell.major, program, flags),
    limits: { wallTimeMs: 30_000, memoryBytes: 2 ** 30, outputBytes: 1 << 20, processes: 32 },
  });
}

function firstWords({ stdout, stderr }: CompletedProcess): string {
  return `${stderr}${stdout.toString('utf8')}`.trim().slice(0, 200);
}
