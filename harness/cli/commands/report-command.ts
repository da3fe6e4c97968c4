import type { Command } from 'commander';

import { RedoubtError } from '../../error.ts';
import type { Palette } from '../../report/console-view.ts';
import { runHtml } from '../../report/html/run-html.ts';
import { junitView } from '../../report/junit-view.ts';
import { markdownView } from '../../report/markdown-view.ts';
import { openReport, type OpenedReport } from '../../report/open-report.ts';
import { printable } from '../../report/printable.ts';
import { reportLines } from '../../report/report-lines.ts';
import { writeWhole } from '../../report/write-whole.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import type { SurfaceOptions } from '../surface.ts';

interface ReportArguments extends SurfaceOptions {
  readonly format?: string;
  readonly out?: string;
}

type View = (opened: OpenedReport, palette: Palette) => string;

const views: Readonly<Record<string, View>> = {
  console: ({ report, directory }, palette) => `${reportLines(report, directory, palette).join('\n')}\n`,
  markdown: ({ report }) => markdownView(report),
  junit: ({ report }) => junitView(report),
  html: ({ report, directory }) => runHtml(report, directory),
  json: ({ report }) => `${JSON.stringify(report, null, 2)}\n`,
};

const plain = (text: string): string => text;
const colourless: Palette = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };

/** `redoubt report`: a run that is over, shown again in any form. Exits as that run's verdict does. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description("show a run's report again, in any form; of a killed run, too")
    .addHelpText(
      'after',
      examples('./redoubt report my-report', './redoubt report my-report --format junit --out junit.xml'),
    )
    .argument('<report>', "a run's folder, its events.ndjson, or a report.json alone")
    .option('--format <name>', `${Object.keys(views).join(', ')} (default: console)`)
    .option('--out <file>', 'write it to a file')
    .option(
      '--json',
      'one JSON object on standard output, as with --format json; another form may go to --out',
    )
    .option('--quiet', 'print the verdict only')
    .action(async (path: string, typed: ReportArguments) => {
      const format = typed.format ?? (typed.json === true ? 'json' : 'console');
      const json = typed.json === true || (format === 'json' && typed.out === undefined);
      await runCommand({ ...typed, json }, async ({ surface }) => {
        const view = viewOf(format);
        const opened = openReport(path);
        const { report } = opened;
        const sentence = printable(report.sentence);
        if (typed.out !== undefined) {
          writeWhole(typed.out, view(opened, colourless));
          surface.result([`${typed.out}: ${sentence}`], report);
        } else {
          const text = typed.quiet === true ? sentence : view(opened, surface.palette).trimEnd();
          surface.result([text], report);
        }
        return report.exitCode;
      });
    });
}

function viewOf(format: string): View {
  const view = Object.hasOwn(views, format) ? views[format] : undefined;
  if (view !== undefined) return view;
  throw new RedoubtError('usage', 'unknown-name', `--format ${format}: there is no such form of a report`, {
    remedy: `Choose from: ${Object.keys(views).join(', ')}.`,
  });
}
