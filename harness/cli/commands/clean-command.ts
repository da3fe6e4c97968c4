import type { Command } from 'commander';

import { cacheDirectory } from '../../host/cache.ts';
import { findLeftovers, removeCache, removeLeftovers } from '../../host/leftovers.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import type { SurfaceOptions } from '../surface.ts';

interface CleanOptions extends SurfaceOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** `redoubt clean`: removes what killed runs left; with --all the cache too. */
export function addCleanCommand(program: Command): void {
  program
    .command('clean')
    .description('remove what killed runs left behind')
    .addHelpText('after', examples('./redoubt clean --dry-run', './redoubt clean --all'))
    .option('--all', 'remove the cache of roots, bundles and tapes as well')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'one JSON object on standard output')
    .action(async (options: CleanOptions) => {
      await runCommand(options, async ({ surface }) => {
        const leftovers = await findLeftovers();
        const dry = options.dryRun === true;
        if (!dry) await removeLeftovers(leftovers);
        const cacheBytes = options.all === true && !dry ? await removeCache() : 0;
        const lines = leftovers.map(
          ({ kind, path }) => `${dry ? 'would remove' : 'removed'} ${kind} ${path}`,
        );
        if (leftovers.length === 0) lines.push('nothing was left behind');
        if (dry && options.all === true) lines.push(`would remove the cache ${cacheDirectory()}`);
        if (cacheBytes > 0) lines.push(`removed the cache (${String(Math.round(cacheBytes / 1e6))} MB)`);
        surface.result(lines, { schemaVersion: 1, dryRun: dry, leftovers, cacheBytes });
        return 0;
      });
    });
}
