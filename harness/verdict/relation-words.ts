import type { DataDifference } from './data-directory-comparison.ts';
import type { Finding } from './finding.ts';
import type { DifferingPage } from './relation-comparison.ts';

type Relation = Extract<DataDifference, { kind: 'relation' }>;

const shownRelations = 5;

/** One finding for all pages that differ: how many, of which relations, and where the first one does. */
export function diffSummary(relations: readonly Relation[], against: string): Finding {
  const pages = relations.flatMap(({ difference }) => difference.pages);
  const lsnOnly = pages.filter((page) => page.class === 'lsn-only').length;
  const first = relations.find(({ difference }) => difference.pages.some(isMoreThanLsn));
  const told = first ?? relations[0];
  return {
    code: 'initdb-pages-differ',
    message: [
      `${plural(pages.length, 'page')} of ${plural(relations.length, 'relation file')} differ${pages.length === 1 ? 's' : ''} from ${against}`,
      ...(lsnOnly === 0 || lsnOnly === pages.length
        ? []
        : [`of them ${String(lsnOnly)} in the page LSN alone`]),
      ...(told === undefined ? [] : [describeRelation(told)]),
      ...(relations.length < 2 ? [] : [`also ${others(relations, told)}`]),
    ].join('; '),
    details: { relations: relations.map(describeRelation) },
  };
}

/** One relation file: its name and path, its sizes where they differ, its first differing page. */
export function describeRelation({ name, path, difference }: Relation): string {
  const { expectedBlocks, actualBlocks, oddBytes, pages } = difference;
  const page = pages.find(isMoreThanLsn) ?? pages[0];
  return [
    `${name} (${path})`,
    ...(expectedBlocks === actualBlocks
      ? []
      : [`has ${plural(actualBlocks, 'block')} instead of ${String(expectedBlocks)}`]),
    ...(oddBytes === 0 ? [] : [`ends with ${plural(oddBytes, 'byte')} that are no page`]),
    ...(page === undefined ? [] : [describePage(page, pages.length)]),
  ].join(' ');
}

function describePage({ block, class: name, first }: DifferingPage, total: number): string {
  const which = `block ${String(block)}${total > 1 ? ` (of ${String(total)} that differ)` : ''}: ${name}`;
  if (first === undefined) return which;
  const { offset, field, expected, actual, expectedValue, actualValue } = first;
  const [wanted, found] = [
    [expected, expectedValue],
    [actual, actualValue],
  ].map(([bytes, value]) => `${cut(bytes ?? '')}${value === null ? '' : ` (${cut(value ?? '')})`}`) as [
    string,
    string,
  ];
  return `${which}, byte ${String(offset)}, ${field}: ${wanted} expected, ${found} found`;
}

const shownCharacters = 40;

function cut(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text;
}

function isMoreThanLsn(page: DifferingPage): boolean {
  return page.class !== 'lsn-only' && page.class !== 'checksum-only';
}

function others(relations: readonly Relation[], told: Relation | undefined): string {
  const rest = relations.filter((relation) => relation !== told);
  const names = [...new Set(rest.map(({ name }) => name))];
  const shown = names.slice(0, shownRelations);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
