import type { Command } from 'commander';

import { copyTree } from '../../compute/copy-tree.ts';
import { parseGateOptions } from '../../gate/gate-options.ts';
import { newFolder } from '../../gate/new-folder.ts';
import { regressionLines } from '../../gate/capture/regression-facts.ts';
import {
  ensureRegressionTape,
  regressionMajor,
  regressionMajors,
} from '../../gate/capture/regression-tape.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { hostChoices } from '../../gate/inputs/host-choices.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { judgeAndShow } from './gate-command.ts';
import { prepare } from '../prepare.ts';
import type { SurfaceOptions } from '../surface.ts';

interface RegressArguments extends SurfaceOptions {
  readonly pg: string;
  readonly out?: string;
  readonly bundle?: string;
  readonly hosts?: string;
  readonly report?: string;
}

/** `redoubt regress`: PostgreSQL's own regression suite as the workload, every page of its WAL judged. */
export function addRegressCommand(program: Command): void {
  program
    .command('regress')
    .description("run PostgreSQL's own regression suite on a compute image, and judge every page of its WAL")
    .addHelpText('after', examples('./redoubt regress --pg 17 --bundle bundle.tar.zst'))
    .requiredOption('--pg <major>', `PostgreSQL major: ${regressionMajors.join(' or ')}`)
    .option('--out <folder>', 'where to keep the tape as well; must not exist')
    .option('--bundle <bundle>', 'folder or tarball to judge (default: the reference bundle)')
    .option('--hosts <names>', 'hosts, as in debian:11,debian:12')
    .option('--report <folder>', 'where to put events.ndjson, report.json, regression.json and evidence')
    .option('--json', 'print the report as one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: RegressArguments) => {
      await runCommand(typed, async (context) => {
        const { surface } = context;
        const { bundle, out, ...others } = typed;
        const asked = {
          ...others,
          suites: 'walredo',
          ...(bundle === undefined ? {} : { candidate: bundle }),
        };
        const choices = hostChoices();
        // What was typed wrongly is told before the suite runs.
        const major = regressionMajor(parseGateOptions(asked, choices).majors);
        const target = out === undefined ? undefined : newFolder(out);
        await prepare('running the regression suite', surface);
        const tape = await ensureRegressionTape({
          major,
          bundle,
          progress: surface.progress,
        });
        if (target !== undefined) {
          await publishBeside(target, (partial) => copyTree(tape.directory, partial));
        }
        return judgeAndShow(parseGateOptions({ ...asked, tape: [tape.directory] }, choices), context, {
          addition: { name: 'regression', lines: regressionLines(tape.facts), facts: tape.facts },
        });
      });
    });
}
