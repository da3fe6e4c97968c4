import type { Command } from 'commander';

import { pinBundle } from '../../gate/pin-bundle.ts';
import type { BundleLock, PinnedMajor } from '../../pin/bundle-lock.ts';
import { defaultLockPath, integrityOf, writeLock } from '../../pin/lock-file.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { prepare } from '../prepare.ts';
import type { SurfaceOptions } from '../surface.ts';
import { today } from '../today.ts';

interface PinArguments extends SurfaceOptions {
  readonly report: string;
  readonly candidate?: string;
  readonly reviewer?: readonly string[];
  readonly policy?: string;
  readonly out: string;
}

/** `redoubt pin`: writes down the bundle that a report approves. */
export function addPinCommand(program: Command): void {
  program
    .command('pin')
    .description('write the lock file of a bundle that a complete, passing report approves')
    .addHelpText('after', examples('./redoubt pin --report my-report'))
    .requiredOption('--report <folder>', 'the folder of the run that judged it')
    .option('--candidate <bundle>', 'the bundle (default: where it lay when it was judged)')
    .option(
      '--reviewer <names...>',
      'who must review a change (default: those of the policy, else the Storage team)',
    )
    .option(
      '--policy <file>',
      'what is laid down beforehand (default: redoubt.config.ts, where there is one)',
    )
    .option('--out <file>', 'where to put it', defaultLockPath)
    .option('--json', 'print the lock as one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: PinArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const loaded = await loadPolicy(typed.policy, today());
        await prepare('pinning a bundle', surface);
        const lock = await pinBundle({
          report: typed.report,
          candidate: typed.candidate,
          reviewers: typed.reviewer,
          policy: loaded?.policy ?? {},
          progress: surface.progress,
        });
        await writeLock(typed.out, lock);
        surface.result(pinWords(typed.out, lock), { exitCode: 0, integrity: integrityOf(lock), ...lock });
        return 0;
      });
    });
}

function pinWords(path: string, { bundle, reviewers, approved, majors }: BundleLock): readonly string[] {
  return [
    `pinned   ${bundle.name} (${bundle.layout}, sha256 ${bundle.digest.slice(0, 12)}) in ${path}`,
    ...majors.map(majorWords),
    `approved by report ${approved.report.slice(0, 12)}: ${approved.sentence}`,
    ...approved.accepted.map(
      ({ code, check, owner, expires, reason }) =>
        `         accepted: ${code} of ${check}, by ${owner} until ${expires}: ${reason}`,
    ),
    `review   a change of ${path} is reviewed by ${reviewers.join(', ')}`,
  ];
}

function majorWords({ major, server, libicu, libc, collversions, order }: PinnedMajor): string {
  return `v${String(major)}      PostgreSQL ${server.version}; libicu ${libicu?.version ?? "the host's"}, collversion ${collversions.icuRoot ?? 'unknown'}; libc ${libc?.version ?? "the host's"}; order of ${String(order.length)} locales in use`;
}
