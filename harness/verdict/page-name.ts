import type { PageEvidence } from './finding.ts';

/** `public.words main block 12`, or numbers where the relation has no name. */
export function pageName({ relation, page }: Pick<PageEvidence, 'relation' | 'page'>): string {
  return relation === 'unknown' ? page : page.replace(/^\S+/, () => relation);
}
