import { nameOfLocale } from '../collation/locale-in-use.ts';
import type { RunOptions } from '../verdict/event.ts';
import type { GateOptions } from './gate-options.ts';

/** What a report says of the options of a run; which majors and hosts it has was found out. */
export function statedOptions(
  options: GateOptions,
  { majors, hosts }: Pick<RunOptions, 'majors' | 'hosts'>,
): RunOptions {
  const { suites, engine, initdbMatrix, kernelFloor, answerTimeoutMs, locales } = options;
  return {
    suites,
    majors,
    hosts,
    engine,
    initdbMatrix,
    kernelFloor,
    answerTimeoutMs,
    ...(locales === undefined ? {} : { locales: locales.map(nameOfLocale) }),
  };
}
