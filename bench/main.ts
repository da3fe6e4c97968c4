import { table } from '../harness/cli/table.ts';
import { temporaryDirectory } from '../harness/host/run-directory.ts';
import { measureComparison } from './compare-bench.ts';
import { measureDrift } from './drift-bench.ts';
import { measureDriftLimits } from './drift-limits-bench.ts';
import { measureHtml } from './html-bench.ts';
import { openBenchInputs } from './inputs.ts';
import { measureInspection } from './inspect-bench.ts';
import { captureOfRows, captureRows } from './large-capture.ts';
import { measureHostSlope, measurePlanning } from './matrix-bench.ts';
import type { Measurement } from './measurement.ts';
import { measureMemory, measureTapeMemory } from './memory-bench.ts';
import { measureJudgement, measureReplay } from './replay-bench.ts';
import { measureWal } from './wal-bench.ts';

/*
 * Ours against real peers in the same run, interleaved, medians. Exits with 1 when a required target is missed; the
 * others are for information, since they wait for work that is still to come.
 */

await using scratch = await temporaryDirectory('the benchmark');
process.stdout.write('making what is measured with\n');
const inputs = await openBenchInputs(scratch.path);
const measurements: Measurement[] = [];
measurements.push(...(await measureReplay(inputs)));
measurements.push(...(await measureJudgement(inputs)));
measurements.push(await measureComparison(inputs));
measurements.push(await measureInspection());
measurements.push(...(await measureHtml(scratch.path)));
measurements.push(measurePlanning(), await measureHostSlope(scratch.path));
measurements.push(await measureDrift(scratch.path));
measurements.push(...(await measureDriftLimits()));
process.stdout.write('capturing 1 GB of WAL\n');
measurements.push(...(await measureWal(inputs, await captureOfRows(inputs, captureRows.middle))));
process.stdout.write('capturing 100 MB and 2 GB of WAL, and making tapes of it\n');
const small = await captureOfRows(inputs, captureRows.small);
const large = await captureOfRows(inputs, captureRows.large);
measurements.push(await measureTapeMemory(scratch.path, { small, large }));
process.stdout.write('running a gate that captures anew\n');
measurements.push(await measureMemory(scratch.path));
await inputs.host[Symbol.asyncDispose]();
await inputs.compute[Symbol.asyncDispose]();

const rows = measurements.map(({ name, ours, peer, ratio, target }) => [
  ours,
  peer,
  ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
  target === undefined ? '' : `${target.words}: ${target.isMet ? 'met' : 'missed'}`,
  name,
]);
const lines = table(['ours', 'peer', 'ratio', 'target', 'what'], rows);
process.stdout.write(`\n${lines.join('\n')}\n`);
if (measurements.some(({ target }) => target?.required === true && !target.isMet)) process.exitCode = 1;
