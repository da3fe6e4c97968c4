import { describeEnding } from '../host/describe-ending.ts';
import type { Ending } from '../host/engine.ts';
import type { Finding } from './finding.ts';
import type { InitdbFindingCode } from './finding-code.ts';

interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: InitdbFindingCode;
  readonly words: (match: RegExpExecArray) => string;
}

/** What initdb of 14 to 18 says (bin/initdb/initdb.c, common/username.c, common/exec.c), and what it means for a bundle. */
const known: readonly KnownFailure[] = [
  {
    pattern: /could not look up effective user ID (\d+)/,
    code: 'initdb-no-passwd-entry',
    words: ([, uid]) =>
      `the bundle has no passwd entry for uid ${uid ?? ''}, without which initdb does not run`,
  },
  {
    pattern:
      /invalid locale name "([^"]*)"|could not (?:create|load) locale "([^"]*)"|locale "([^"]*)" does not exist/,
    code: 'initdb-locale-missing',
    words: ([, ...names]) => `the locale ${names.find((name) => name !== undefined) ?? ''} is missing`,
  },
  {
    pattern: /invalid locale settings; check LANG and LC_\* environment variables/,
    code: 'initdb-locale-missing',
    words: () => 'the locale that it takes when none is named is missing',
  },
  {
    pattern:
      /could not (?:open collator for|get language from ICU) locale "([^"]*)"|ICU locale "([^"]*)" has unknown language/,
    code: 'initdb-locale-missing',
    words: ([, ...names]) =>
      `the ICU locale ${names.find((name) => name !== undefined) ?? ''} cannot be opened`,
  },
  {
    pattern: /ICU is not supported in this build/,
    code: 'initdb-provider-missing',
    words: () => 'the server was built without ICU',
  },
  {
    pattern:
      /program "postgres" is needed by|could not execute command|could not read from command|no data was returned by command/,
    code: 'initdb-command-failed',
    words: () => 'it could not run the server beside it: for that it needs /bin/sh',
  },
];

/** Why an initdb failed, by its own words where they are known. */
export function describeInitdbFailure(ending: Ending, stderr: string): Finding {
  const said = stderr.trim().slice(-300);
  for (const { pattern, code, words } of known) {
    const match = pattern.exec(stderr);
    if (match !== null)
      return { code, message: `initdb ${describeEnding(ending)}: ${words(match)}; it said: ${said}` };
  }
  return { code: 'initdb-failed', message: `initdb ${describeEnding(ending)}: ${said}` };
}
