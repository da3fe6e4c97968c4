import { RedoubtError } from '../../error.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { GateOptions } from '../gate-options.ts';
import type { OpenedBundle } from './opened-bundle.ts';

/**
 * The majors of a run: those that were asked for, else those of which there are both WAL and a bundle. Throws `no-major`,
 * `bundle-lacks-major`, or `no-tape` (usage).
 */
export function chooseMajors(
  options: GateOptions,
  tapes: readonly Tape[],
  candidate: OpenedBundle,
  baseline: OpenedBundle | undefined,
): readonly number[] {
  const offered =
    tapes.length > 0
      ? tapes.map(({ manifest }) => manifest.major)
      : options.computeImages.map(({ major }) => major);
  const has = [...candidate.servers.keys()];
  // A tape that was given, or a major that the baseline has, must not drop out because the candidate lacks it.
  const needed = (major: number): boolean =>
    tapes.length > 0 || has.includes(major) || baseline?.servers.has(major) === true;
  const majors =
    options.majors ?? [...new Set(offered)].filter(needed).toSorted((left, right) => left - right);
  if (majors.length === 0) {
    throw new RedoubtError(
      'usage',
      'no-major',
      `${candidate.bundle.source} has PostgreSQL ${words(has)}; there is WAL to be had only of ${words(offered)}`,
      {
        remedy: 'Name a bundle with one of these majors.',
      },
    );
  }
  for (const { role, bundle, servers } of baseline === undefined ? [candidate] : [candidate, baseline]) {
    const missing = majors.filter((major) => !servers.has(major));
    if (missing.length > 0) {
      throw new RedoubtError(
        'usage',
        'bundle-lacks-major',
        `the ${role} ${bundle.source} has no PostgreSQL ${words(missing)}, only ${words([...servers.keys()])}`,
        {
          remedy: 'Name other majors with --pg, or another bundle.',
        },
      );
    }
  }
  requireTapes(majors, offered);
  return majors;
}

/** Makes sure that there is WAL of each major. Throws `no-tape` (usage). */
export function requireTapes(majors: readonly number[], offered: readonly number[]): void {
  const without = majors.filter((major) => !offered.includes(major));
  if (without.length === 0) return;
  throw new RedoubtError(
    'usage',
    'no-tape',
    `no tape of PostgreSQL ${words(without)} was given, only of ${words([...new Set(offered)])}`,
    { remedy: 'Name it with --tape, or leave that major out.' },
  );
}

function words(majors: readonly number[]): string {
  return majors.length === 0 ? 'none that starts' : majors.map(String).join(', ');
}
