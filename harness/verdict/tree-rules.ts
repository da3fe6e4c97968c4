/**
 * What may differ between two data directories of initdb, by name. There is no rule for a page of a relation, and none
 * can be written: rules are for whole files outside of `base` and `global`, fields of pg_control, and settings.
 */
export type TreeRule =
  | {
      /** The contents of files. */
      readonly kind: 'file';
      readonly name: string;
      readonly pattern: RegExp;
      readonly reason: string;
    }
  | {
      /** Fields of `global/pg_control`. */
      readonly kind: 'control-field';
      readonly name: string;
      readonly pattern: RegExp;
      readonly reason: string;
    }
  | {
      /** Settings in postgresql.conf; both values must match `values`, where that is given. */
      readonly kind: 'setting';
      readonly name: string;
      readonly pattern: RegExp;
      readonly values?: RegExp;
      readonly reason: string;
    };

/** How time zones of no offset are called: what a machine has that was told none. */
export const utcNames = /^(?:(?:Etc\/)?(?:UTC|UCT|GMT|Universal|Zulu|Greenwich)|Etc\/GMT[+-]?0|GMT[+-]?0)$/;

/** In what two runs of one initdb, with the same options on the same host, do not agree either. */
export const runSpecificRules: readonly TreeRule[] = [
  {
    kind: 'control-field',
    name: 'system identifier',
    pattern: /^system_identifier$/,
    reason: 'made of the time and the process id, so that no two clusters have the same',
  },
  {
    kind: 'control-field',
    name: 'times',
    pattern: /^(?:time|checkPointCopy\.time)$/,
    reason: 'when the cluster was made and its checkpoint written',
  },
  {
    kind: 'control-field',
    name: 'nonce',
    pattern: /^mock_authentication_nonce$/,
    reason: 'random bytes for authentication',
  },
  {
    kind: 'control-field',
    name: 'CRC',
    pattern: /^crc$/,
    reason: 'follows from the other fields; that it is right is checked where the file is read',
  },
  {
    kind: 'file',
    name: 'pg_wal',
    pattern: /^pg_wal\/[0-9A-F]{24}$/,
    reason: 'every segment bears the system identifier, and records bear times',
  },
  {
    kind: 'file',
    name: 'pg_stat',
    pattern: /^pg_stat\/pgstat\.stat$/,
    reason: 'statistics bear times',
  },
];

/** What initdb takes from the machine it runs on, where one of the two has another machine around it, or none. */
export const surroundingsRules: readonly TreeRule[] = [
  {
    kind: 'setting',
    name: 'dynamic_shared_memory_type',
    pattern: /^dynamic_shared_memory_type$/,
    values: /^(?:posix|sysv)$/,
    reason:
      'initdb tries whether shm_open works: it does not where there is no /dev/shm, as in a chroot bundle',
  },
  {
    kind: 'setting',
    name: 'time zone',
    pattern: /^(?:log_timezone|timezone)$/,
    values: utcNames,
    reason: 'initdb asks the C library for the time zone, and one without offset has several names',
  },
];
