import type { DriftEvidence } from './drift-evidence.ts';

/** Between whose libraries a drift was found. */
export interface AskedLibraries {
  readonly layout: 'chroot' | 'pg-install' | 'static';
  /** The compute image. */
  readonly compute: string;
  readonly major: number;
  readonly host: string;
}

/**
 * The command that says which part of a library makes a drift; `BUNDLE` stands for the candidate's path. Undefined for static
 * programs, whose libraries cannot be taken out.
 */
export function attributionCommand(
  { layout, compute, major, host }: AskedLibraries,
  drift: DriftEvidence | undefined,
): string | undefined {
  if (layout === 'static' || drift === undefined) return undefined;
  const to = layout === 'chroot' ? 'BUNDLE' : `pg=npm:${String(major)},libc=${host},icu=BUNDLE`;
  const { provider, locales } = drift;
  const asked = `--provider ${provider} --locale ${locales[0] ?? 'und'} --attribute`;
  return `redoubt drift --from ${compute} --to ${to} --pg ${String(major)} ${asked}`;
}
