import { utcNames } from './tree-rules.ts';

/** What initdb says of its surroundings, with the values that another machine, or none, may give it. */
const surroundings: readonly { readonly pattern: RegExp; readonly allowed: RegExp }[] = [
  { pattern: /^selecting dynamic shared memory implementation \.\.\. (.*)$/, allowed: /^(?:posix|sysv)$/ },
  { pattern: /^selecting default time zone \.\.\. (.*)$/, allowed: utcNames },
];

/** The lines of two outputs of initdb that stand in one of them only, in order. */
export interface OutputDifference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Compares what two runs of initdb printed, but for what each took from its own machine; undefined when it is the same. */
export function diffInitdbOutput(expected: string, actual: string): OutputDifference | undefined {
  const [left, right] = [expected, actual].map((text) => text.split('\n').map(withoutSurroundings)) as [
    string[],
    string[],
  ];
  const missing = left.filter((line) => !right.includes(line));
  const extra = right.filter((line) => !left.includes(line));
  return missing.length + extra.length === 0 ? undefined : { missing, extra };
}

function withoutSurroundings(line: string): string {
  for (const { pattern, allowed } of surroundings) {
    const value = pattern.exec(line)?.[1];
    if (value !== undefined && allowed.test(value)) return line.slice(0, line.length - value.length);
  }
  return line;
}
