import type { Palette } from '../report/console-view.ts';
import type { Check } from '../verdict/cell.ts';

/** Checks for people: what each is called, and below it what it promises. */
export function promiseLines(checks: readonly Check[], { faint }: Palette): readonly string[] {
  return checks.map(({ id, promise }) => `${id}\n    ${faint(promise)}`);
}
