import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { PageKind } from '../../page/kind.ts';
import { forkName, type PageKey } from '../../redo/page-key.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import { tapeFiles } from '../../redo/tape/tape-manifest.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';

/** True for a folder that has a tape's manifest. */
export function isTape(path: string): boolean {
  return existsSync(join(path, tapeFiles.manifest));
}

/** A whole number that is not negative. Throws `number` (usage) naming the option. */
export function parseNumber(text: string, option: string): number {
  if (!/^\d{1,10}$/.test(text)) {
    throw new RedoubtError('usage', 'invalid-number', `${option} ${text}: that is no whole number`, {
      remedy: `Write it as in ${option} 12.`,
    });
  }
  return Number(text);
}

/** The request of a tape for `RELATION:FORK:BLOCK`, the relation by name or as `1663/5/16384`. Throws `page-unknown` (usage). */
export function findPage(tape: Tape, words: string): TapeRequest {
  const [, relation, fork, block] = /^(.+):(main|fsm|vm|init):(\d{1,10})$/.exec(words) ?? [];
  if (relation === undefined) {
    throw new RedoubtError('usage', 'page-words', `"${words}" names no page`, {
      remedy: 'Write RELATION:FORK:BLOCK, as in public.words_idx:main:12 or 1663/5/16384:vm:0.',
    });
  }
  for (const request of tape.index) {
    const { key } = request;
    if (
      forkName(key.forkNumber) === fork &&
      key.blockNumber === Number(block) &&
      names(tape, key, relation)
    ) {
      return request;
    }
  }
  throw new RedoubtError('usage', 'page-unknown', `the tape ${tape.directory} has no request for ${words}`, {
    remedy: 'Type ./redoubt explain TAPE --all for its requests.',
  });
}

function names(tape: Tape, key: PageKey, relation: string): boolean {
  const name = tape.relationOf(key)?.name;
  return name === relation || `${key.spcOid}/${key.dbOid}/${key.relNumber}` === relation;
}

/** The words for a kind that was guessed. */
export function kindWords(kind: PageKind, given: string | undefined): string {
  return given === undefined ? `${kind} (guessed from the page; --kind says it)` : kind;
}
