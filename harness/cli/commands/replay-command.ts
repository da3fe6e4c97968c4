import type { Command } from 'commander';

import { parseGateOptions } from '../../gate/gate-options.ts';
import { hostChoices } from '../../gate/inputs/host-choices.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { judgeAndShow } from './gate-command.ts';
import type { SurfaceOptions } from '../surface.ts';

interface ReplayArguments extends SurfaceOptions {
  readonly bundle?: string;
  readonly baseline?: string;
  readonly pg?: string;
  readonly hosts?: string;
  readonly host?: readonly string[];
  readonly answerTimeout?: string;
  readonly report?: string;
}

/** `redoubt replay TAPE`: the walredo suite alone, on a tape that somebody has. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description(
      'replay a tape through a bundle and compare every page with the oracle that the tape carries',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt replay my-tape --bundle bundle.tar.zst',
        './redoubt replay failing.walredo --pg 17 --bundle bundle.tar.zst',
      ),
    )
    .argument('<tape>', 'folder that `redoubt capture` made, or a recording (*.walredo)')
    .option('--pg <major>', 'major of a recording')
    .option('--baseline <bundle>', 'bundle whose answers must be equalled as well')
    .option('--bundle <bundle>', 'folder or tarball (default: the reference bundle)')
    .option('--hosts <names>', 'hosts, as in debian:11,debian:12')
    .option('--host <name=archive...>', 'a host more, or the root of one: root tarball, docker save, OCI')
    .option('--answer-timeout <seconds>', 'longest time for one page (default: 60)')
    .option('--report <folder>', 'where to put events.ndjson, report.json and evidence')
    .option('--json', 'print the report as one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (tape: string, typed: ReplayArguments) => {
      await runCommand(typed, async (context) => {
        const { bundle, ...others } = typed;
        const options = parseGateOptions(
          {
            ...others,
            tape: [tape],
            suites: 'walredo',
            ...(bundle === undefined ? {} : { candidate: bundle }),
          },
          hostChoices(),
        );
        return judgeAndShow(options, context);
      });
    });
}
