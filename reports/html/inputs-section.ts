import type { Report } from '../../harness/report/report.ts';
import { count, element, section, table } from './dom.ts';

/** What was judged, where it came from, and on what it ran. */
export function inputsSection({ inputs, run }: Report): HTMLElement {
  const { bundles, hosts, absentHosts, tapes, skews } = inputs;
  return section(
    'inputs',
    'What went in',
    bundles.length === 0
      ? element('p', { class: 'faint' }, 'The run ended before it had opened a bundle.')
      : table(
          'Bundles',
          ['bundle', 'from', 'layout', 'sha256', 'servers'],
          bundles.map(({ role, source, layout, digest, servers, notes = [] }) => [
            role,
            element('div', {}, source),
            layout,
            element('code', { title: digest }, digest.slice(0, 16)),
            element(
              'div',
              {},
              ...[...Object.values(servers), ...notes].map((words) => element('p', {}, words)),
            ),
          ]),
        ),
    hosts.length + absentHosts.length === 0
      ? undefined
      : table(
          'Hosts',
          ['host', 'C library', 'packages'],
          [
            ...hosts.map(({ name, libc, packages }) => [
              name,
              libc,
              Object.entries(packages)
                .map((pair) => pair.join(' '))
                .join(', '),
            ]),
            ...absentHosts.map(({ name, reason }) => [name, 'not judged', reason]),
          ],
        ),
    tapes.length === 0
      ? undefined
      : table(
          'Tapes',
          ['major', 'tape', 'WAL of', 'pages', 'records', 'sha256'],
          tapes.map(({ major, label, serverVersion, compute, requests, records, digest }) => [
            String(major),
            label,
            `${serverVersion}${compute === null ? '' : ` on ${compute}`}`,
            count(requests),
            count(records),
            element('code', { title: digest }, digest.slice(0, 16)),
          ]),
        ),
    skews.length === 0
      ? undefined
      : element(
          'p',
          {},
          `Across minors: ${skews.map(({ major, wal, bundle }) => `PostgreSQL ${String(major)}: ${bundle} on WAL of ${wal}`).join('; ')}.`,
        ),
    element(
      'p',
      { class: 'faint' },
      [
        run.redoubtVersion === null ? '' : `Redoubt ${run.redoubtVersion}`,
        run.machine === null ? '' : `on ${run.machine}`,
        run.startedAt === null ? '' : `from ${run.startedAt} to ${run.endedAt ?? 'an unknown end'}`,
      ].join(' '),
    ),
  );
}
