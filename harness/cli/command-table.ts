import type { Command } from 'commander';

/** A command as `--help` shows it; its own module is loaded only where it is asked for: all of them together take half a second. */
export interface CommandEntry {
  /** Its name and its arguments: `diff <expected> <actual>`. */
  readonly words: string;
  readonly summary: string;
  readonly load: () => Promise<(to: Command) => void>;
}

/** The commands by what somebody wants, in the order in which they are mostly met. */
export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Judge a bundle:': [
    {
      words: 'gate',
      summary: 'judge a bundle: real WAL, every byte compared',
      load: async () => (await import('./commands/gate-command.ts')).addGateCommand,
    },
    {
      words: 'matrix',
      summary: 'bundles x majors x hosts x images x workloads',
      load: async () => (await import('./commands/matrix-command.ts')).addMatrixCommand,
    },
    {
      words: 'merge-reports <folders...>',
      summary: 'put the shards of a matrix together',
      load: async () => (await import('./commands/merge-reports-command.ts')).addMergeReportsCommand,
    },
    {
      words: 'nightly',
      summary: 'the matrix of the policy, and what is new in it',
      load: async () => (await import('./commands/nightly-command.ts')).addNightlyCommand,
    },
    {
      words: 'pin',
      summary: 'write the lock file that a report approves',
      load: async () => (await import('./commands/pin-command.ts')).addPinCommand,
    },
    {
      words: 'regress',
      summary: "judge PostgreSQL's own regression suite's WAL",
      load: async () => (await import('./commands/regress-command.ts')).addRegressCommand,
    },
  ],
  'Look at what was found:': [
    {
      words: 'report <report>',
      summary: "show a run's report again, in any form",
      load: async () => (await import('./commands/report-command.ts')).addReportCommand,
    },
    {
      words: 'open <report>',
      summary: 'serve a report to this machine, replay its pages',
      load: async () => (await import('./commands/open-command.ts')).addOpenCommand,
    },
    {
      words: 'explain <source>',
      summary: 'print a page, or a request of a tape, by field',
      load: async () => (await import('./commands/explain-command.ts')).addExplainCommand,
    },
    {
      words: 'diff <expected> <actual>',
      summary: 'compare two pages, files or tapes by field',
      load: async () => (await import('./commands/diff-command.ts')).addDiffCommand,
    },
    {
      words: 'extract <source>',
      summary: 'cut out what a bug report needs',
      load: async () => (await import('./commands/extract-command.ts')).addExtractCommand,
    },
    {
      words: 'bisect <tape>',
      summary: 'the first record that a bundle applies wrongly',
      load: async () => (await import('./commands/bisect-command.ts')).addBisectCommand,
    },
  ],
  'Pages of your own:': [
    {
      words: 'capture',
      summary: 'make a tape of a workload, or of a primary',
      load: async () => (await import('./commands/capture-command.ts')).addCaptureCommand,
    },
    {
      words: 'replay <tape>',
      summary: 'replay a tape through a bundle and compare',
      load: async () => (await import('./commands/replay-command.ts')).addReplayCommand,
    },
    {
      words: 'coverage',
      summary: 'the kinds of WAL records that captures reach',
      load: async () => (await import('./commands/coverage-command.ts')).addCoverageCommand,
    },
  ],
  'Does order change:': [
    {
      words: 'drift',
      summary: 'the strings whose order or equality changes',
      load: async () => (await import('./commands/drift-command.ts')).addDriftCommand,
    },
    {
      words: 'shrink',
      summary: 'the smallest reproduction of a drift',
      load: async () => (await import('./commands/shrink-command.ts')).addShrinkCommand,
    },
    {
      words: 'reproduce <folder>',
      summary: 'run what shrink wrote again, and compare',
      load: async () => (await import('./commands/reproduce-command.ts')).addReproduceCommand,
    },
  ],
  'Bundles:': [
    {
      words: 'inspect <bundles...>',
      summary: 'tell what bundles hold, without running it',
      load: async () => (await import('./commands/inspect-command.ts')).addInspectCommand,
    },
    {
      words: 'bundle',
      summary: 'make bundles',
      load: async () => (await import('./commands/bundle-command.ts')).addBundleCommand,
    },
  ],
  'This machine:': [
    {
      words: 'doctor',
      summary: 'what this machine can run, and what it lacks',
      load: async () => (await import('./commands/doctor-command.ts')).addDoctorCommand,
    },
    {
      words: 'hosts',
      summary: 'the hosts that there are, the roots in the cache',
      load: async () => (await import('./commands/hosts-command.ts')).addHostsCommand,
    },
    {
      words: 'clean',
      summary: 'remove what killed runs left behind',
      load: async () => (await import('./commands/clean-command.ts')).addCleanCommand,
    },
    {
      words: 'test [suites...]',
      summary: 'run the tests of Redoubt itself',
      load: async () => (await import('./commands/test-command.ts')).addTestCommand,
    },
  ],
};
