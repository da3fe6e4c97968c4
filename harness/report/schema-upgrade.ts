import { RedoubtError } from '../error.ts';

/** Turns what was written in one version of a form into what the next version writes. */
export type UpgradeStep = (older: unknown) => unknown;

/** A form that is written to files: its version today, and the step that leads on from each older one. */
export interface VersionedForm {
  /** As in `report.json`. */
  readonly name: string;
  readonly version: number;
  /** Keyed by the version that a step begins with. */
  readonly steps: ReadonlyMap<number, UpgradeStep>;
}

/**
 * Brings what was read from `path` to today's version, step by step.
 * @throws RedoubtError `NAME-newer` or `NAME-too-old` (infrastructure) when no steps lead there.
 */
export function upgraded(form: VersionedForm, path: string, version: number, value: unknown): unknown {
  if (version > form.version) throw unreadable(form, path, version, 'newer');
  let current = value;
  for (let from = version; from < form.version; from++) {
    const step = form.steps.get(from);
    if (step === undefined) throw unreadable(form, path, version, 'too-old');
    current = step(current);
  }
  return current;
}

function unreadable(
  { name, version: known }: VersionedForm,
  path: string,
  version: number,
  why: 'newer' | 'too-old',
): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    `${name}-${why}`,
    `${path} has schema version ${String(version)}, this Redoubt reads ${why === 'newer' ? 'up to' : 'from'} ${String(known)}`,
    {
      remedy: 'Open it with the Redoubt that wrote it.',
      details: { path, version, known },
    },
  );
}
