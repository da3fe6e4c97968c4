import type { SuiteName } from '../verdict/cell.ts';
import type { FindingCode } from '../verdict/finding-code.ts';
import type { AcceptedFinding } from '../verdict/tolerance.ts';

/**
 * What a team lays down about its runs, in `redoubt.config.ts`. Everything may be left out; what is given on the command
 * line wins.
 *
 * ```ts
 * import type { RedoubtPolicy } from 'redoubt/policy';
 *
 * export const policy = {
 *   hosts: ['debian:12', 'debian:13'],
 *   accepted: [
 *     {
 *       code: 'pin-libicu-changed',
 *       check: 'pg17/*',
 *       reason: 'every index on names was built anew, see STO-812',
 *       owner: 'storage',
 *       expires: '2027-01-31',
 *     },
 *   ],
 * } satisfies RedoubtPolicy;
 * ```
 */
export interface RedoubtPolicy {
  /** PostgreSQL majors to judge, as `--pg`. */
  readonly majors?: readonly number[];
  /** Hosts to run on, as `--hosts`. */
  readonly hosts?: readonly string[];
  /**
   * What a host that cannot be had does: `named` in the verdict, or `block` it (exit 3). By default those that are listed
   * in `hosts` block, and of the usual ones those that `redoubt hosts` calls optional do not.
   */
  readonly absentHosts?: 'named' | 'block';
  /** Compute images that make the pages, as `--compute`. */
  readonly computeImages?: readonly string[];
  /** Tapes to replay instead of capturing the usual workloads, as `--tape`. */
  readonly tapes?: readonly string[];
  /** Suites to judge, as `--suites`. */
  readonly suites?: readonly SuiteName[];
  /** Locales in use: drift in one of them fails, in others it is noted. */
  readonly locales?: readonly string[];
  /** What kinds of findings do: each fails, but for those that only warn. */
  readonly findings?: Readonly<Partial<Record<FindingCode, 'fail' | 'warn'>>>;
  /** Findings that may stand for a while. One that is expired, or that is not found any more, fails the run. */
  readonly accepted?: readonly AcceptedFinding[];
  /** Who must review a change of the pin. */
  readonly reviewers?: readonly string[];
}
