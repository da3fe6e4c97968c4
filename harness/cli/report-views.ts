import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Command } from 'commander';

import { githubAnnotations } from '../report/github-view.ts';
import { junitView } from '../report/junit-view.ts';
import { markdownView } from '../report/markdown-view.ts';
import { printable } from '../report/printable.ts';
import type { Report } from '../report/report.ts';
import { writeWhole } from '../report/write-whole.ts';

/** Files that a command writes views of its report to. */
export interface ViewArguments {
  readonly junit?: string;
  readonly markdown?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The options of a command that judges, for CI. */
export function addViewOptions(command: Command): Command {
  return command
    .option('--junit <file>', 'write the report as JUnit XML, too')
    .option('--markdown <file>', 'write the report as Markdown, too');
}

/**
 * Views of a report for CI: the files that were asked for, and where GitHub Actions runs the command its annotations and
 * its job summary. From its making to the report, GitHub takes nothing that is said for a command of its own: names out of
 * a bundle are nobody's orders.
 */
export class ReportViews {
  readonly #typed: ViewArguments;
  readonly #environment: Environment;
  readonly #tell: (line: string) => void;
  /** Ends the time in which GitHub takes no commands. */
  #token: string | undefined;

  constructor(
    typed: ViewArguments,
    environment: Environment = process.env,
    tell: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
  ) {
    this.#typed = typed;
    this.#environment = environment;
    this.#tell = tell;
    if (environment['GITHUB_ACTIONS'] !== 'true') return;
    this.#token = randomUUID();
    tell(`::stop-commands::${this.#token}`);
  }

  /** Writes every view of a report. Throws `write-failed` (infrastructure) for a file that was asked for. */
  readonly show = (report: Report): void => {
    this.#showGithub(report);
    const { junit, markdown } = this.#typed;
    if (junit !== undefined) writeWhole(junit, junitView(report));
    if (markdown !== undefined) writeWhole(markdown, markdownView(report));
  };

  #showGithub(report: Report): void {
    if (this.#token === undefined) return;
    this.#tell(`::${this.#token}::`);
    this.#token = undefined;
    for (const line of githubAnnotations(report)) this.#tell(line);
    const summary = this.#environment['GITHUB_STEP_SUMMARY'];
    if (summary === undefined || summary === '') return;
    try {
      appendFileSync(summary, markdownView(report));
    } catch (error) {
      // The verdict stands without it.
      this.#tell(`::warning title=Redoubt::${printable(`cannot write the job summary: ${String(error)}`)}`);
    }
  }
}
