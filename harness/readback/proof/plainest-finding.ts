import type { Finding } from '../../verdict/finding.ts';
import type { ReadbackFindingCode } from '../../verdict/finding-code.ts';
import type { Readback } from '../readback.ts';

/** Indexes that everybody has, before those that few have. */
const plainIndexes = ['sorted.words_word', 'sorted.named_pkey', 'cased.words_lower', 'cased.accounts_lower'];

/** Of the findings of one code the one about the plainest index; undefined when there is none. */
export function plainestFinding({ findings }: Readback, code: ReadbackFindingCode): Finding | undefined {
  const all = findings.filter((finding) => finding.code === code);
  const about = (index: string): Finding | undefined =>
    all.find(({ details }) => details?.['index'] === index);
  return plainIndexes.map(about).find((finding) => finding !== undefined) ?? all[0];
}
