import { describeCollations } from './collation-words.ts';
import type { DataDifference, ValueDifference } from './data-directory-comparison.ts';
import type { Finding } from './finding.ts';
import { diffSummary } from './relation-words.ts';

/** Settings that initdb does not read from its options, but takes from the machine it runs on. */
const chosenFromHost: Readonly<Record<string, string>> = {
  dynamic_shared_memory_type: 'initdb tries whether /dev/shm works',
  log_timezone: 'initdb takes the time zone of the machine',
  timezone: 'initdb takes the time zone of the machine',
  max_connections: 'initdb tries how many the kernel allows',
  autovacuum_worker_slots: 'initdb tries how many the kernel allows',
  shared_buffers: 'initdb tries how much shared memory the kernel allows',
  lc_messages: 'initdb takes it from the locale',
  lc_monetary: 'initdb takes it from the locale',
  lc_numeric: 'initdb takes it from the locale',
  lc_time: 'initdb takes it from the locale',
  datestyle: 'initdb takes it from the locale',
  default_text_search_config: 'initdb takes it from the locale',
};

const shownFiles = 10;

/** Says in what two data directories differ, cause before consequence; `against` names the expected one. */
export function describeDataDifferences(
  differences: readonly DataDifference[],
  against: string,
): readonly Finding[] {
  const relations = differences.filter((each) => each.kind === 'relation');
  const control = differences.filter((each) => each.kind === 'control-field');
  const files = differences.filter((each) => each.kind === 'file');
  return [
    ...differences.flatMap((difference) => describeOne(difference, against)),
    ...(relations.length === 0 ? [] : [diffSummary(relations, against)]),
    ...(control.length === 0
      ? []
      : [
          {
            code: 'initdb-control-differs' as const,
            message: `global/pg_control differs from ${against}: ${control.map(change).join(', ')}`,
            details: { fields: control.map(change) },
          },
        ]),
    ...(files.length === 0
      ? []
      : [
          {
            code: 'initdb-files-differ' as const,
            message: `${files
              .slice(0, shownFiles)
              .map(({ path, what }) => `${path} ${what}`)
              .join(
                '; ',
              )}${files.length > shownFiles ? `; and ${String(files.length - shownFiles)} more` : ''}, against ${against}`,
            details: { files: files.map(({ path, what }) => `${path} ${what}`) },
          },
        ]),
  ];
}

function describeOne(difference: DataDifference, against: string): readonly Finding[] {
  switch (difference.kind) {
    case 'collations':
      return describeCollations(difference, against);
    case 'database':
      return [
        {
          code: 'initdb-databases-differ',
          message: `database ${difference.name} differs from ${against}: ${difference.columns.map(change).join(', ')}`,
          details: { columns: difference.columns.map(change) },
        },
      ];
    case 'setting': {
      const why = chosenFromHost[difference.name];
      return [
        {
          code: 'initdb-settings-differ',
          message: `${difference.file}: ${change(difference)}, against ${against}${why === undefined ? '' : ` (${why})`}`,
          details: values(difference),
        },
      ];
    }
    case 'control-field':
    case 'relation':
    case 'file':
      return [];
  }
}

function change({ name, expected, actual }: ValueDifference): string {
  return `${name} is ${actual ?? 'not set'} instead of ${expected ?? 'not set'}`;
}

function values({ name, expected, actual }: ValueDifference): NonNullable<Finding['details']> {
  return { name, expected: expected ?? 'not set', actual: actual ?? 'not set' };
}
