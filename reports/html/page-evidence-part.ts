import { unansweredClass, type PageEvidence } from '../../harness/verdict/finding.ts';
import { count, element, plural, table } from './dom.ts';

/** What is known of a bad page: the fields that differ, the records that made it, and where it comes from. */
export function pageEvidenceParts(page: PageEvidence): readonly HTMLElement[] {
  const { records, recordCount, parting, bytesDiffering, kind, differenceClass, fields, tape, request } =
    page;
  return [
    differenceClass === unansweredClass
      ? element('p', {}, `The bundle gave no page; it must be a ${kind} page.`)
      : table(
          `Fields that differ: ${plural(bytesDiffering, 'byte')} of a ${kind} page, ${differenceClass}`,
          ['byte', 'field', 'expected', 'found'],
          fields.map(({ offset, field, expected, actual }) => [
            String(offset),
            field,
            ...bytes(expected, actual),
          ]),
        ),
    table(
      recordCount === records.length
        ? 'Records that touched the page'
        : `Records that touched the page: the first and the last of ${count(recordCount)}`,
      ['ends at', 'record', ''],
      records.map(({ endLsn, rmgr, kind: name }) => [
        element('code', {}, endLsn),
        `${rmgr} ${name}`,
        endLsn === parting?.endLsn ? element('strong', { class: 'changed' }, 'wrong from here on') : '',
      ]),
    ),
    element(
      'p',
      { class: 'faint' },
      `Request ${String(request)} of tape ${tape.slice(0, 16)}, ${page.page}; LSNs ${page.firstLsn} to ${page.lastLsn}.`,
    ),
  ];
}

/** Both values of a field, with the bytes marked that are not the same. */
function bytes(expected: string, actual: string): readonly [HTMLElement, HTMLElement] {
  return [marked(expected, actual), marked(actual, expected)];
}

function marked(own: string, other: string): HTMLElement {
  const others = bytesOf(other);
  const code = element('code', {});
  for (const [at, byte] of bytesOf(own).entries())
    code.append(byte === others[at] ? byte : element('mark', {}, byte), ' ');
  return code;
}

/** Two digits each; a long value ends in dots. */
function bytesOf(hex: string): readonly string[] {
  return hex.match(/[0-9a-f]{2}|\.+/g) ?? [];
}
