import { printable } from '../printable.ts';
import type { Report } from '../report.ts';
import { escapeHtml } from './embed.ts';

const marks: Readonly<Record<Report['verdict'], string>> = {
  compatible: '✓',
  incompatible: '✗',
  'not judged': '?',
};

/** The verdict in one sentence: the first thing to be read, before any script runs and whatever else fails. */
export function verdictHeader(report: Report): string {
  const { verdict, sentence } = report;
  const [head, rest] = splitSentence(verdict, sentence);
  return `<a class="skip" href="#view">Skip to the findings</a>
<header class="verdict ${verdict.replace(' ', '-')}">
<p class="brand"><a href="#/">Redoubt</a></p>
<h1><span class="mark" aria-hidden="true">${marks[verdict]}</span> ${shown(head)}</h1>
${rest === '' ? '' : `<p class="cause">${shown(rest)}</p>`}
${countsBar(report)}
<ul class="facts">${factsOf(report)
    .map((fact) => `<li>${shown(fact)}</li>`)
    .join('')}</ul>
</header>`;
}

/** `incompatible (walredo): public.words ...`, `compatible (walredo); hosts not judged: ...` as a heading and what follows it. */
function splitSentence(verdict: string, sentence: string): readonly [string, string] {
  const [, suites, rest] = /^( \([^()]{1,120}\))?[:;,] (.*)$/s.exec(sentence.slice(verdict.length)) ?? [];
  return rest === undefined ? [sentence, ''] : [`${verdict}${suites ?? ''}`, rest];
}

function factsOf({ inputs, majors, hosts, counts, run }: Report): readonly string[] {
  const candidate = inputs.bundles.find(({ role }) => role === 'candidate');
  const { planned, passed, failed, accepted, notJudged } = counts;
  return [
    `${count(planned)} ${planned === 1 ? 'check' : 'checks'} planned, ${count(passed)} passed, ${count(failed)} failed, ${accepted === 0 ? '' : `${count(accepted)} accepted, `}${count(notJudged)} not judged`,
    ...(candidate === undefined
      ? []
      : [`bundle ${candidate.source.split('/').at(-1) ?? ''} (sha256 ${candidate.digest.slice(0, 12)})`]),
    ...(majors.length === 0 ? [] : [`PostgreSQL ${majors.join(', ')}`]),
    ...(hosts.length === 0 ? [] : [hosts.length <= 4 ? hosts.join(', ') : `${count(hosts.length)} hosts`]),
    ...(run.startedAt === null ? [] : [run.startedAt.slice(0, 16).replace('T', ' ').concat(' UTC')]),
  ];
}

/** What became of the checks, drawn to scale; the words beneath say the same. */
function countsBar({ counts }: Report): string {
  const { planned, passed, failed, accepted, notJudged } = counts;
  let at = 0;
  const parts = [
    ['failed', failed],
    ['open', notJudged],
    ['accepted', accepted],
    ['passed', passed],
  ] as const;
  const rects = parts.map(([kind, number]) => {
    // However few: one that failed must be seen among thousands that passed.
    const width = number === 0 ? 0 : Math.max(4, (1000 * number) / planned);
    const rect = `<rect class="${kind}" x="${at.toFixed(1)}" width="${width.toFixed(1)}" height="6"/>`;
    at += width;
    return number === 0 ? '' : rect;
  });
  return planned === 0
    ? ''
    : `<svg class="counts" viewBox="0 0 ${at.toFixed(1)} 6" preserveAspectRatio="none" aria-hidden="true">${rects.join('')}</svg>`;
}

function shown(text: string): string {
  return escapeHtml(printable(text));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
