import type { Command } from 'commander';

import { listHosts } from '../host/inventory.ts';
import { runCommand } from './command.ts';
import type { SurfaceOptions } from './surface.ts';
import { table } from './table.ts';

/** `redoubt hosts`: which roots exist and which can be had. */
export function addHostsCommand(program: Command): void {
  program
    .command('hosts')
    .description('list the roots that exist in the cache and those that can be made')
    .option('--json', 'one JSON object on standard output')
    .action(async (options: SurfaceOptions) => {
      await runCommand(options, async ({ surface }) => {
        const entries = await listHosts();
        const rows = entries.map(({ name, purpose, suite, state, sizeBytes, packageCount }) => [
          name,
          purpose,
          suite,
          state,
          sizeBytes === undefined ? '' : `${String(Math.round(sizeBytes / 1e6))} MB`,
          packageCount === undefined ? '' : `${String(packageCount)} packages`,
        ]);
        surface.result(table(['name', 'purpose', 'suite', 'state', 'size', 'content'], rows), {
          schemaVersion: 1,
          hosts: entries,
        });
        return 0;
      });
    });
}
