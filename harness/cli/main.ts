import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/*
 * Begins the command line. What fails before it can speak for itself (a package that is not there, a file that does not
 * parse) would let Node exit with 1, and that means "incompatible".
 */
// Half of the time that a short command takes would go into compiling the same modules again. The launcher says it to this
// very module; other programs of Node's that are started from here have no part in it.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/redoubt'));
delete process.env['NODE_COMPILE_CACHE'];
try {
  await import('./program.ts');
} catch (error) {
  process.stderr.write(
    `redoubt: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 3;
}
