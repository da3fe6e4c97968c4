import type { Report } from '../../harness/report/report.ts';
import { element, section, table } from './dom.ts';

/** What changes from the pinned bundle to the candidate; undefined where nothing was pinned. */
export function pinSection({ inputs: { pin } }: Report): HTMLElement | undefined {
  if (pin === null) return undefined;
  const { name, bundle, path, reviewers, comparisons } = pin;
  return section(
    'pin',
    'What changed since the pin',
    element(
      'p',
      {},
      `Pinned in ${path}: ${name} (sha256 `,
      element('code', { title: bundle }, bundle.slice(0, 16)),
      `). ${reviewers.length === 0 ? '' : `A change is reviewed by ${reviewers.join(', ')}.`}`,
    ),
    ...comparisons.map(({ bundle: candidate, major, evidence, statements }) =>
      table(
        `${candidate === undefined ? '' : `${candidate}: `}PostgreSQL ${String(major)}, by ${evidence}`,
        ['', 'what', 'since the pin'],
        statements.map(({ subject, isSame, code, words }) => [
          element('span', { class: isSame ? 'same' : 'changed' }, isSame ? '=' : '≠'),
          subject,
          element('div', {}, words, code === null ? undefined : element('p', { class: 'faint' }, code)),
        ]),
      ),
    ),
  );
}
