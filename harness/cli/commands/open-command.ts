import type { Command } from 'commander';

import { openBundle, type Bundle } from '../../bundle/open.ts';
import { RedoubtError } from '../../error.ts';
import { replayPage, type ReplayedPage } from '../../gate/replay/replay-page.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { Host } from '../../host/engine.ts';
import { ensureHostRoot } from '../../host/host-root.ts';
import { requireRoot } from '../../host/machine/prerequisites.ts';
import type { Progress } from '../../host/progress.ts';
import { runHtml } from '../../report/html/run-html.ts';
import { openReport } from '../../report/open-report.ts';
import type { Report } from '../../report/report.ts';
import { evidenceFolder, isPageEvidence, readPageEvidence } from '../../verdict/read-page-evidence.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { parseNumber } from '../pages/page-words.ts';
import { serveReport } from '../report-server.ts';
import type { SurfaceOptions } from '../surface.ts';

interface OpenArguments extends SurfaceOptions {
  readonly port: string;
  readonly bundle?: string;
  readonly answerTimeout: string;
}

/** `redoubt open REPORT`: the HTML report from a server that can replay a page of it again. */
export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description('serve a report to this machine alone, with a button that replays a page again')
    .addHelpText('after', examples('./redoubt open my-report'))
    .argument('<report>', "a run's folder, its events.ndjson, or a report.json")
    .option('--port <number>', 'port of 127.0.0.1, 0 for a free one', '0')
    .option('--bundle <bundle>', 'the bundle that replays (default: the one that was judged)')
    .option('--answer-timeout <seconds>', 'longest time for one page', '60')
    .option('--json', 'one JSON object on standard output')
    .action(async (path: string, typed: OpenArguments) => {
      await runCommand(
        typed,
        async ({ surface, stack }) => {
          const { report, directory } = openReport(path);
          const port = parseNumber(typed.port, '--port');
          const answerTimeoutMs = 1000 * parseNumber(typed.answerTimeout, '--answer-timeout');
          const pages = new PageReplays(
            report,
            directory,
            { ...typed, answerTimeoutMs },
            stack,
            surface.progress,
          );
          const server = stack.use(
            await serveReport(
              {
                html: runHtml(report, directory, { isServed: true }),
                json: `${JSON.stringify(report, null, 2)}\n`,
                replay: (finding) => pages.replay(finding),
              },
              port,
            ),
          );
          surface.result([`${server.url} shows ${path}; Ctrl-C ends it`], {
            schemaVersion: 1,
            url: server.url,
          });
          // Until a signal ends it.
          return new Promise<number>(() => {});
        },
        { endsBySignal: true },
      );
    });
}

interface ReplayOptions {
  readonly bundle?: string;
  readonly answerTimeoutMs: number;
}

/** Replays of a report's pages; bundle and hosts are opened when they are first wanted. */
class PageReplays {
  readonly #report: Report;
  readonly #directory: string;
  readonly #options: ReplayOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #progress: Progress;
  readonly #hosts = new Map<string, Promise<Host>>();
  #bundle: Promise<Bundle> | undefined;

  constructor(
    report: Report,
    directory: string,
    options: ReplayOptions,
    stack: AsyncDisposableStack,
    progress: Progress,
  ) {
    this.#report = report;
    this.#directory = directory;
    this.#options = options;
    this.#stack = stack;
    this.#progress = progress;
  }

  /** Throws RedoubtError `no-evidence`, and what opening and replaying throw. */
  async replay(finding: number): Promise<string> {
    requireRoot('replaying a page');
    const folder = this.#folderOf(finding);
    const page = readPageEvidence(folder);
    const { major, host: name } = page.history;
    this.#bundle ??= this.#openBundle();
    const bundle = await this.#bundle.catch((error: unknown) => {
      this.#bundle = undefined;
      throw error;
    });
    const host = await this.#host(name);
    const { answerTimeoutMs } = this.#options;
    const replayed = await replayPage(folder, page, { bundle, major, host, answerTimeoutMs });
    return `${wordsOf(replayed)} ${this.#whose(bundle)}, on ${name}.`;
  }

  #folderOf(finding: number): string {
    const files = this.#report.findings[finding]?.page?.files;
    const folder = typeof files === 'string' ? evidenceFolder(this.#directory, files) : undefined;
    if (folder !== undefined && isPageEvidence(folder)) return folder;
    throw new RedoubtError(
      'usage',
      'no-evidence',
      `finding ${String(finding + 1)} has no evidence of a page here`,
    );
  }

  async #openBundle(): Promise<Bundle> {
    const source = this.#options.bundle ?? this.#judged?.source;
    if (source !== undefined) return openBundle(source, this.#progress);
    throw new RedoubtError('usage', 'no-bundle', 'the report names no bundle', {
      remedy: 'Name one with --bundle.',
    });
  }

  get #judged() {
    return this.#report.inputs.bundles.find(({ role }) => role === 'candidate');
  }

  #whose({ digest, source }: Bundle): string {
    return digest === this.#judged?.digest
      ? 'By the bundle that was judged'
      : `By another bundle than the one that was judged: ${source}`;
  }

  #host(name: string): Promise<Host> {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const opened = this.#openHost(name);
    this.#hosts.set(name, opened);
    opened.catch(() => this.#hosts.delete(name));
    return opened;
  }

  async #openHost(name: string): Promise<Host> {
    const archive = this.#report.inputs.hosts.find((host) => host.name === name)?.archive?.path;
    const outcome = await ensureHostRoot({ name, archive, isRequired: true }, this.#progress);
    if (outcome.kind === 'absent')
      throw new RedoubtError(
        'infrastructure',
        'host-absent',
        `${name} cannot be had: ${outcome.host.reason}`,
      );
    return this.#stack.use(await openChrootHost(name, outcome.root.path, this.#progress));
  }
}

function wordsOf(replayed: ReplayedPage): string {
  switch (replayed.kind) {
    case 'right':
      return 'The page is now as it must be.';
    case 'as found':
      return 'The same wrong page again, byte for byte.';
    case 'other':
      return `Another page than was found, and still wrong: ${String(replayed.bytesDiffering)} bytes differ.`;
    case 'none':
      return 'No page came back.';
  }
}
