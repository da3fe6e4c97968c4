import type { Finding } from '../verdict/finding.ts';
import { versionWord } from '../bundle/launch.ts';
import { describeEnd, firstWords, hasHung, hasSucceeded, probe } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';

const nothing = Buffer.alloc(0);

/** Words that a careless script splits, joins, expands or loses. */
const oddFlags = [
  'two words',
  'line\nbreak',
  `"double" 'single'`,
  '',
  '*',
  '$HOME `id` \\',
  '-c two  blanks',
];

/**
 * Whether flags reach the program as they were given: vanilla's initdb repeats the first word that it can make nothing
 * of (`too many command-line arguments (first is "...")`, initdb.c of 14 to 18).
 */
export async function judgeFlags(subject: Subject): Promise<Discovery> {
  const findings: Finding[] = [];
  for (const flag of oddFlags) {
    // What follows `--` is no option, whatever it begins with.
    const flags = ['--pgdata=/inout/data', '--', flag];
    const process = await probe(subject, { name: 'initdb', flags }, nothing);
    if (process.stderr.includes(`(first is "${flag}")`)) continue;
    findings.push({
      code: 'launcher-flags',
      message:
        `the flag ${JSON.stringify(flag)} does not reach initdb unchanged: it ${describeEnd(process)}` +
        ` (vanilla says: too many command-line arguments (first is ${JSON.stringify(flag)}))`,
      details: { flag, stderr: process.stderr.slice(0, 1000) },
    });
  }
  return { findings, notes: [] };
}

/** Whether the program's own exit code is what the caller sees. */
export async function judgeExitCode(subject: Subject): Promise<Discovery> {
  const process = await probe(subject, { name: 'initdb', flags: ['--no-such-option'] }, nothing);
  const { ending } = process;
  if (ending.kind === 'exited' && ending.exitCode === 1) return { findings: [], notes: [] };
  return {
    findings: [
      {
        code: 'launcher-exit-code',
        message: `initdb --no-such-option ${describeEnd(process)}; initdb itself exits with code 1`,
      },
    ],
    notes: [],
  };
}

interface Mistake {
  readonly words: readonly string[];
  readonly what: string;
}

/** What LAUNCHER must refuse: versions and programs that a bundle does not have, and names that lead elsewhere. */
function mistakes(major: number): readonly Mistake[] {
  const version = versionWord(major);
  return [
    { words: ['v1', 'postgres', '--version'], what: 'an unknown version' },
    { words: [String(major), 'postgres', '--version'], what: 'a version without its v' },
    { words: ['', 'postgres', '--version'], what: 'an empty version' },
    { words: [`../storage/${version}`, 'postgres', '--version'], what: 'a version that is a path' },
    { words: [version, 'no-such-program', '--version'], what: 'an unknown program' },
    { words: [version, '', '--version'], what: 'an empty program' },
    { words: [version, '../bin/postgres', '--version'], what: 'a program that is a path' },
    { words: [version, '/bin/sh', '-c', 'exit 0'], what: 'a program that is an absolute path' },
    { words: [version], what: 'no program' },
    { words: [], what: 'no arguments at all' },
  ];
}

/** Whether LAUNCHER answers what it does not have with an error. */
export async function judgeRefusals(subject: Subject): Promise<Discovery> {
  const findings: Finding[] = [];
  const silent: string[] = [];
  for (const { words, what } of mistakes(subject.major)) {
    const process = await subject.host.run({
      argv: ['/LAUNCHER', ...words],
      chroot: subject.bundle.directory,
      limits: {
        wallTimeMs: subject.answerTimeoutMs,
        memoryBytes: 2 ** 30,
        outputBytes: 1 << 20,
        processes: 32,
      },
    });
    const command = [
      '/LAUNCHER',
      ...words.map((word) => (/^[\w./-]+$/.test(word) ? word : JSON.stringify(word))),
    ];
    if (hasSucceeded(process) || hasHung(process.ending)) {
      const said = firstWords(`${process.stderr}${process.stdout.toString('utf8')}`);
      findings.push({
        code: 'launcher-lenient',
        message: `LAUNCHER does not refuse ${what}: ${command.join(' ')} ${
          hasSucceeded(process) ? `exits with 0 and says "${said}"` : 'hangs'
        }`,
        details: { command },
      });
    } else if (process.stderr.trim() === '') {
      silent.push(what);
    }
  }
  return {
    findings,
    notes: silent.length === 0 ? [] : [`LAUNCHER refuses without a word: ${silent.join(', ')}`],
  };
}
