import type { Command } from 'commander';

/** The files that lay down what a judgement is held against. */
export interface JudgementArguments {
  readonly policy?: string;
  readonly lock?: string;
}

/** The options that every command takes which judges bundles: where, what, how, and against what was laid down. */
export function addJudgementOptions(command: Command): Command {
  return command
    .option('--hosts <names>', 'hosts, as in debian:11,debian:12 (default: those of `redoubt hosts`)')
    .option('--host <name=archive...>', 'a host more, or the root of one: root tarball, docker save, OCI')
    .option('--suites <names>', 'contract, initdb, walredo, collation, readback (default: all)')
    .option('--engine <name>', 'how a root is entered: auto, chroot, docker (default: auto, which is chroot)')
    .option(
      '--kernel-floor',
      'initdb under a real Linux 5.10, too (some ten seconds a major); walredo always is',
    )
    .option('--answer-timeout <seconds>', 'longest time for one page (default: 60, as in a pageserver)')
    .option(
      '--locales <names>',
      'locales in use, as in C.UTF-8,sv_SE.UTF-8,und,icu:de (default: those of the workloads)',
    )
    .option('--initdb-matrix <extent>', "initdb's options on each host: sample, full (default: sample)")
    .option(
      '--policy <file>',
      'what is laid down beforehand (default: redoubt.config.ts, where there is one)',
    )
    .option(
      '--lock <file>',
      'the pinned bundle to compare with (default: bundle.lock.json, where there is one)',
    );
}
