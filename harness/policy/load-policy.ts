import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { RedoubtError } from '../error.ts';
import type { PolicyFacts } from '../verdict/tolerance.ts';
import { parsePolicy } from './parse-policy.ts';
import type { RedoubtPolicy } from './policy.ts';

/** A policy, and what a report says of it. */
export interface LoadedPolicy {
  readonly policy: RedoubtPolicy;
  readonly facts: PolicyFacts;
}

/** Where a project has its policy, in the folder where the command is typed. */
export const defaultPolicyPath = 'redoubt.config.ts';

/**
 * Loads the policy of a project: the file given, else `redoubt.config.ts` where there is one. It is a module of the user's
 * own, and is run as such. `date` (`2027-01-31`, UTC) is the day against which dates of expiry are held. Throws
 * `policy-missing`, or `policy-invalid` (usage).
 */
export async function loadPolicy(given: string | undefined, date: string): Promise<LoadedPolicy | undefined> {
  const path = given ?? defaultPolicyPath;
  if (!existsSync(path)) {
    if (given === undefined) return undefined;
    throw new RedoubtError('usage', 'policy-missing', `--policy ${given}: there is no such file`, {
      remedy: `Name a module that exports a policy, or leave --policy out: ${defaultPolicyPath} is taken where there is one.`,
    });
  }
  const policy = parsePolicy(await exported(path), path);
  return { policy, facts: factsOf(policy, path, date) };
}

/** What a report says of a policy. */
export function factsOf(policy: RedoubtPolicy, path: string, date: string): PolicyFacts {
  return {
    path,
    // Keys come out of parsing in one order, whatever the file's.
    digest: createHash('sha256').update(JSON.stringify(policy)).digest('hex'),
    date,
    warnings: Object.entries(policy.findings ?? {})
      .flatMap(([code, does]) => (does === 'warn' ? [code as PolicyFacts['warnings'][number]] : []))
      .toSorted(),
    accepted: policy.accepted ?? [],
  };
}

async function exported(path: string): Promise<unknown> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'policy-invalid',
      `${path} cannot be loaded: ${reasonOf(cause, resolve(path))}`,
      {
        remedy: `See that it runs by itself: node ${path}`,
        details: { path },
        cause,
      },
    );
  }
  if (!('policy' in module)) {
    const names = Object.keys(module);
    throw new RedoubtError(
      'usage',
      'policy-invalid',
      `${path} exports no policy, but ${names.length === 0 ? 'nothing' : names.join(', ')}`,
      { remedy: 'Write export const policy = { ... }.', details: { path } },
    );
  }
  return module['policy'];
}

/** Where in the file a fault is stands in the stack alone. */
function reasonOf(cause: unknown, file: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const [, line] = new RegExp(`${RegExp.escape(file)}:(\\d+)`).exec(cause.stack ?? '') ?? [];
  return `${line === undefined ? '' : `line ${line}: `}${cause.name}: ${cause.message.split('\n')[0] ?? ''}`;
}
