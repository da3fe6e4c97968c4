/** A harness that makes one small root in the cache that its environment names; prints what it is told, then the path. */
import { RedoubtError } from '../../../harness/error.ts';
import { ensureRoot } from '../../../harness/host/root.ts';

const print = (value: Readonly<Record<string, unknown>>): boolean =>
  process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const root = await ensureRoot(
    { kind: 'debian', name: 'tiny', suite: 'bookworm', packages: [] },
    (phase, detail) => print({ phase, detail }),
  );
  print({ path: root.path, packages: Object.keys(root.packages).length });
} catch (error) {
  if (!(error instanceof RedoubtError)) throw error;
  const { kind, code, message, remedy, details } = error;
  print({ kind, code, message, remedy, details });
}
