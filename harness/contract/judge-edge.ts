import type { CompletedProcess } from '../host/engine.ts';
import { describeEnding } from '../host/describe-ending.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { ContractFindingCode } from '../verdict/finding-code.ts';
import type { Finding } from '../verdict/finding.ts';
import { describeEnd, firstWords, hasHung, hasSucceeded, probe, walredo } from './probe.ts';
import type { ProtocolEdge } from './protocol-edge.ts';
import type { Discovery, Subject } from './subject.ts';

/** What a process made of an input at the edge: the part that may differ between sound bundles. */
export interface EdgeFact {
  readonly ending: string;
  readonly answers: number;
  readonly words: string;
}

/** Gives walredo one input at the edge. A hang and missing, extra or wrong answers are findings; the rest is a fact. */
export async function judgeEdge(
  subject: Subject,
  edge: ProtocolEdge,
): Promise<Discovery & { readonly fact: EdgeFact }> {
  const process = await probe(subject, walredo, edge.input);
  const fact: EdgeFact = {
    ending: describeEnding(process.ending),
    answers: Math.floor(process.stdout.length / walredoPageSizeBytes),
    words: firstWords(process.stderr),
  };
  const fault = faultOf(subject, edge, process);
  const findings: readonly Finding[] =
    fault === undefined
      ? []
      : [
          {
            code: fault.code,
            message: `walredo, given ${edge.what}, ${fault.words}`,
            details: {
              input: edge.input.length,
              outputBytes: process.stdout.length,
              ending: fact.ending,
              stderr: process.stderr.slice(0, 1000),
            },
          },
        ];
  return { findings, notes: [describeFact(edge, fact)], fact };
}

/** `a ping: exited with code 0, 1 answer`. */
export function describeFact({ what }: ProtocolEdge, { ending, answers, words }: EdgeFact): string {
  const counted = `${String(answers)} ${answers === 1 ? 'answer' : 'answers'}`;
  return `${what}: ${ending}, ${counted}${words === '' ? '' : `, "${words}"`}`;
}

/** What two bundles made of the same input, where a pageserver would see a difference. */
export function compareFacts(edge: ProtocolEdge, own: EdgeFact, baseline: EdgeFact): Discovery {
  if (own.ending === baseline.ending && own.answers === baseline.answers) {
    const isSame = own.words === baseline.words;
    return {
      findings: [],
      notes: isSame ? [] : [`${edge.what}: says "${own.words}", the baseline "${baseline.words}"`],
    };
  }
  return {
    findings: [
      {
        code: 'protocol-unlike-baseline',
        message: `walredo behaves otherwise than the baseline bundle at an edge of the protocol; ${describeFact(edge, own)}; the baseline ${baseline.ending}, ${String(baseline.answers)} answers`,
      },
    ],
    notes: [],
  };
}

interface EdgeFault {
  readonly code: ContractFindingCode;
  readonly words: string;
}

function faultOf(
  { answerTimeoutMs }: Subject,
  { input, fair, endsWell }: ProtocolEdge,
  process: CompletedProcess,
): EdgeFault | undefined {
  const { ending, stdout } = process;
  if (hasHung(ending))
    return {
      code: 'protocol-hang',
      words: `did not end within ${String(answerTimeoutMs / 1000)} s of its end of input`,
    };
  const outputs = fair.map((pages) => Buffer.concat(pages));
  if (!outputs.some((output) => output.equals(stdout))) return unfairAnswer(input, outputs, process);
  if (endsWell && !hasSucceeded(process))
    return { code: 'protocol-bad-end', words: `${describeEnd(process)}; it must exit with 0` };
  return undefined;
}

function unfairAnswer(input: Buffer, outputs: readonly Buffer[], process: CompletedProcess): EdgeFault {
  const { stdout } = process;
  const lengths = outputs.map(({ length }) => length);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const end = describeEnd(process);
  const given = `${String(stdout.length)} bytes`;
  if (stdout.length < least)
    return {
      code: 'protocol-answer-missing',
      words: `gives ${given} of answers, at least ${String(least)} are due; it ${end}`,
    };
  if (stdout.length > most)
    return {
      code: 'protocol-answer-extra',
      words: `gives ${given} of answers, ${String(most)} are due at most: ${describeExtra(stdout, most)}; it ${end}`,
    };
  if (!lengths.includes(stdout.length))
    return {
      code: 'protocol-answer-missing',
      words: `gives ${given} of answers, which is no whole page; it ${end}`,
    };
  const like = outputs.find(({ length }) => length === stdout.length) ?? Buffer.alloc(0);
  const bad = pagesOf(stdout).findIndex((page, index) => !page.equals(pagesOf(like)[index] ?? page));
  const page = pagesOf(stdout)[bad] ?? Buffer.alloc(0);
  const number = String(bad + 1);
  const isEarlierAnswer = pagesOf(stdout)
    .slice(0, bad)
    .some((other) => other.equals(page));
  if (isEarlierAnswer || input.includes(page))
    return { code: 'protocol-residue', words: `gives as answer ${number} the page of another request` };
  return {
    code: 'protocol-wrong-answer',
    words: `gives as answer ${number} a page that is neither right nor empty`,
  };
}

function describeExtra(stdout: Buffer, from: number): string {
  const extra = stdout.subarray(from);
  if (extra.every((byte) => byte === 0)) return 'the rest are zeros';
  const isEarlierPage = pagesOf(stdout.subarray(0, from)).some((page) => page.equals(extra));
  return isEarlierPage ? 'an earlier page comes once more' : 'the rest is of no request';
}

function pagesOf(bytes: Buffer): readonly Buffer[] {
  const count = Math.floor(bytes.length / walredoPageSizeBytes);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * walredoPageSizeBytes, (index + 1) * walredoPageSizeBytes),
  );
}
