import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { withChecksum } from '../../page/checksum.ts';
import { readMessage } from '../../redo/replay/message.ts';
import { evidenceFiles } from '../../verdict/page-history.ts';
import { diffPages } from '../../page/diff.ts';
import type { PageKind } from '../../page/kind.ts';
import type { PageWithHistory } from '../../verdict/history-steps.ts';
import { pageAnswers, type AnsweringSide } from './page-answers.ts';

/** What a bundle makes of a bad page's requests when it is asked again. */
export type ReplayedPage =
  | { readonly kind: 'right' | 'as found'; readonly page: Buffer }
  | { readonly kind: 'other'; readonly page: Buffer; readonly bytesDiffering: number }
  | { readonly kind: 'none' };

/**
 * Asks a bundle once more for the page of a folder of evidence, and says whether it is what it must be or what was found.
 * @throws RedoubtError `evidence-invalid`, and what replaying throws.
 */
export async function replayPage(
  folder: string,
  { history, expected, actual }: PageWithHistory,
  side: AnsweringSide,
): Promise<ReplayedPage> {
  const path = join(folder, evidenceFiles.requests);
  const requests = readFileSync(path);
  const { message } = readMessage(requests, 0);
  if (message.kind !== 'begin') {
    throw new RedoubtError(
      'infrastructure',
      'evidence-invalid',
      `${path} does not begin with a page's name`,
      {
        remedy: 'The evidence is damaged; take a fresh copy of the report.',
      },
    );
  }
  const [page] = await pageAnswers(side)([requests]);
  if (page === undefined) return { kind: 'none' };
  // Walredo leaves the checksum to whoever writes the page.
  if (page.equals(expected) || withChecksum(page, message.key.blockNumber).equals(expected))
    return { kind: 'right', page };
  if (actual !== undefined && page.equals(actual)) return { kind: 'as found', page };
  const { bytesDiffering } = diffPages(expected, page, history.kind as PageKind);
  return { kind: 'other', page, bytesDiffering };
}
