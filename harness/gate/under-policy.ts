import { RedoubtError } from '../error.ts';
import type { LoadedPolicy } from '../policy/load-policy.ts';
import type { RedoubtPolicy } from '../policy/policy.ts';
import type { GateArguments, GateChoices } from './gate-options.ts';

/** The options that a policy can give, and what it calls them. */
const placeOfOption: Readonly<Record<string, keyof RedoubtPolicy>> = {
  '--pg': 'majors',
  '--compute': 'computeImages',
  '--tape': 'tapes',
  '--suites': 'suites',
  '--hosts': 'hosts',
  '--locales': 'locales',
};

/** What the user typed, and what a policy says where nothing was typed. Tapes that were typed bring majors and images of their own. */
export function underPolicy(typed: GateArguments, loaded: LoadedPolicy | undefined): GateArguments {
  const { majors, computeImages, tapes, suites, locales } = loaded?.policy ?? {};
  const hasTapes = typed.tape !== undefined;
  return {
    ...(majors === undefined || hasTapes ? {} : { pg: majors.join(',') }),
    ...(computeImages === undefined || hasTapes ? {} : { compute: computeImages.join(',') }),
    ...(tapes === undefined ? {} : { tape: tapes }),
    ...(suites === undefined ? {} : { suites: suites.join(',') }),
    ...(locales === undefined ? {} : { locales: locales.join(',') }),
    ...typed,
  };
}

/** What there is to choose from under a policy. */
export function choicesUnderPolicy(choices: GateChoices, loaded: LoadedPolicy | undefined): GateChoices {
  if (loaded === undefined) return choices;
  const { hosts, absentHosts } = loaded.policy;
  return {
    ...choices,
    policy: loaded.facts,
    ...(hosts === undefined ? {} : { policyHosts: hosts }),
    ...(absentHosts === undefined ? {} : { absentHosts }),
  };
}

/** Runs `parse`; what is wrong with an option that the policy gave is said of the policy. */
export async function sayingWhose<T>(
  typed: GateArguments,
  loaded: LoadedPolicy | undefined,
  parse: () => T | Promise<T>,
): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof RedoubtError) || loaded === undefined) throw error;
    const [written = ''] = /^--[a-z]+/.exec(error.message) ?? [];
    const option = error.code === 'unknown-compute-image' ? '--compute' : written;
    const place = placeOfOption[option];
    const isTyped = Object.hasOwn(typed, option.slice('--'.length));
    if (place === undefined || isTyped || loaded.policy[place] === undefined) throw error;
    const words = written === '' ? `: ${error.message}` : error.message.slice(written.length);
    throw new RedoubtError(error.kind, error.code, `${loaded.facts.path}, policy.${place}${words}`, {
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      details: error.details,
      cause: error,
    });
  }
}
