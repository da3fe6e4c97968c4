import type { Command } from 'commander';

import { catalogueHosts } from '../../host/host-catalogue.ts';
import { listHosts } from '../../host/inventory.ts';
import { runCommand } from '../command.ts';
import type { SurfaceOptions } from '../surface.ts';
import { table } from '../table.ts';

/** `redoubt hosts`: the distros that Redoubt knows, and which roots exist or can be made. */
export function addHostsCommand(program: Command): void {
  program
    .command('hosts')
    .description('list the hosts that Redoubt knows, and the roots that exist in the cache or can be made')
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
        const catalogue = catalogueHosts();
        const known = catalogue.map(({ name, judged, libc, supportEnds, source }) => [
          name,
          judged,
          `${libc.kind} ${libc.version ?? '(moving)'}`,
          supportEnds ?? '',
          source.kind === 'debian' ? `made from ${source.suite}` : `image ${source.reference}`,
        ]);
        surface.result(
          [
            ...table(['host', 'judged', 'libc', 'support ends', 'comes from'], known),
            '',
            ...table(['root', 'purpose', 'suite', 'state', 'size', 'content'], rows),
          ],
          { schemaVersion: 1, catalogue, hosts: entries },
        );
        return 0;
      });
    });
}
