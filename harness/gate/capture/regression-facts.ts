import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { RedoubtError } from '../../error.ts';

const count = z.int().min(0);

const regressionFacts = z.strictObject({
  schemaVersion: z.literal(1),
  major: z.int(),
  /** The source package and its version. */
  suite: z.string(),
  serverVersion: z.string(),
  scripts: z.strictObject({
    run: count,
    /** Whose output is one that the suite expects, byte for byte; for information, since pages are what is judged. */
    asExpected: count,
    otherwise: z.array(z.string()),
  }),
  /** Of permanent relations at the end: main, init and visibility map forks. */
  pages: z.strictObject({
    all: count,
    /** On the tape: walredo makes them. */
    replayed: count,
    /** Pages of visibility maps that records change in passing alone: the model of the pageserver made recovery's page. */
    modelled: count,
    /** No record touched them, and recovery left them as they were. */
    untouched: count,
  }),
  /** What is not compared, how much of it there is, and why. */
  excluded: z.array(z.strictObject({ what: z.string(), reason: z.string() })),
});

/** What a run of PostgreSQL's own regression suite was, and what of it no page shows. */
export type RegressionFacts = z.infer<typeof regressionFacts>;

/**
 * Reads the facts that lie beside a regression suite's tape.
 * @throws RedoubtError `regression-facts` (infrastructure) when they are missing or not what was written.
 */
export function readRegressionFacts(path: string): RegressionFacts {
  try {
    return regressionFacts.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new RedoubtError('infrastructure', 'regression-facts', `${path} is damaged: ${String(cause)}`, {
      remedy: 'Remove its folder and run again: it is made anew.',
      cause,
    });
  }
}

/** The facts for people, a line each. */
export function regressionLines(facts: RegressionFacts): readonly string[] {
  const { suite, scripts, pages, serverVersion } = facts;
  const otherwise = scripts.otherwise.length === 0 ? '' : `; otherwise: ${scripts.otherwise.join(', ')}`;
  return [
    `suite    ${suite} on PostgreSQL ${serverVersion}: ${String(scripts.run)} scripts run, ${String(scripts.asExpected)} with the output that they expect${otherwise}`,
    `pages    ${String(pages.all)} of permanent relations: ${String(pages.replayed)} on the tape; equal to recovery already: ${String(pages.untouched)} that no record touches, ${String(pages.modelled)} of visibility maps by the model of the pageserver`,
    ...facts.excluded.map(({ what, reason }) => `excluded ${what}: ${reason}`),
  ];
}
