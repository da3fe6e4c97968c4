import { RedoubtError } from '../error.ts';
import type { LibraryProvider, Probe } from './probe.ts';

/** The ranks of a corpus under a locale that the environment has. Throws RedoubtError `locale-refused`. */
export async function requiredRanks(
  probe: Probe,
  provider: LibraryProvider,
  locale: string,
  corpus: number,
): Promise<Uint32Array> {
  const answer = await probe.ranks(provider, locale, corpus);
  if (answer instanceof Uint32Array) return answer;
  throw new RedoubtError(
    'infrastructure',
    'locale-refused',
    `${probe.environment.name} cannot order by ${provider} ${locale}: ${answer.words}`,
    { details: { environment: probe.environment.name, provider, locale } },
  );
}
