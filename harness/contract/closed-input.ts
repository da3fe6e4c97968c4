import type { Finding } from '../verdict/finding.ts';
import { describeEnd, hasHung, hasSucceeded, probe, walredo } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';

const nothing = Buffer.alloc(0);
const closed = { stdin: { kind: 'closed' } } as const;

/** Whether programs start without a standard input, and walredo, which has nothing to read then, ends by itself. */
export async function judgeClosedInput(subject: Subject): Promise<Discovery> {
  const findings: Finding[] = [];
  for (const name of ['postgres', 'initdb']) {
    const process = await probe(subject, { name, flags: ['--version'] }, nothing, closed);
    if (hasSucceeded(process)) continue;
    findings.push({
      code: 'circumstance-matters',
      message: `${name} --version with a closed standard input ${describeEnd(process)}`,
    });
  }
  const process = await probe(subject, walredo, nothing, closed);
  if (hasHung(process.ending) || process.stdout.length > 0) {
    const does = hasHung(process.ending)
      ? `does not end within ${String(subject.answerTimeoutMs / 1000)} s`
      : `gives ${String(process.stdout.length)} bytes of answers to nothing`;
    findings.push({ code: 'circumstance-matters', message: `walredo with a closed standard input ${does}` });
  }
  // How it ends depends on what it opened first, which then is its standard input.
  return { findings, notes: [] };
}
