import { RedoubtError } from '../error.ts';
import { withChecksum } from '../page/checksum.ts';
import type { Answers } from '../redo/tape/answers.ts';
import { formatPageKey, visibilityMapFork, type PageKey } from '../redo/page-key.ts';
import type { PageSource } from '../redo/page-source.ts';
import { clearVisibilityMapFlags, truncateVisibilityMap } from '../redo/pageserver/pageserver-model.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { MapChange, TapeStorage } from '../redo/tape/tape-storage.ts';

type Fork = Omit<PageKey, 'blockNumber'>;

const pageBytes = 8192;

/** The pages of a cluster as a pageserver would hand them out: walredo's answers, and what is done to them behind walredo. */
export class ForkPages {
  readonly #answers: Answers;
  readonly #base: PageSource;
  readonly #checksums: boolean;
  /** The last request of each page, by fork. */
  readonly #requests = new Map<string, Map<number, number>>();
  readonly #mapChanges: ReadonlyMap<string, readonly MapChange[]>;

  constructor(tape: Tape, answers: Answers, storage: TapeStorage, base: PageSource) {
    this.#answers = answers;
    this.#base = base;
    this.#checksums = tape.manifest.checksums;
    for (const { number, key } of tape.index) {
      const fork = forkId(key);
      const pages = this.#requests.get(fork) ?? new Map<number, number>();
      pages.set(key.blockNumber, number);
      this.#requests.set(fork, pages);
    }
    this.#mapChanges = new Map(
      storage.mapChanges.map(({ changes, ...page }) => [
        formatPageKey({ ...page, forkNumber: visibilityMapFork }),
        changes,
      ]),
    );
  }

  /**
   * The pages of a fork that are not those of initdb, up to `blocks`, in order.
   * @throws RedoubtError `answer-missing` for one that walredo did not answer.
   */
  changed(fork: Fork, blocks: number, baseBlocks: number): readonly { block: number; page: Buffer }[] {
    const requests = this.#requests.get(forkId(fork)) ?? new Map<number, number>();
    const numbers = new Set(requests.keys());
    if (fork.forkNumber === visibilityMapFork)
      for (let block = 0; block < blocks; block++)
        if (this.#changes(fork, block).length > 0) numbers.add(block);
    return [...numbers]
      .filter((block) => block < blocks)
      .toSorted((left, right) => left - right)
      .map((block) => ({ block, page: this.#page(fork, block, requests.get(block), baseBlocks) }));
  }

  #page(fork: Fork, blockNumber: number, request: number | undefined, baseBlocks: number): Buffer {
    const key: PageKey = { ...fork, blockNumber };
    const page = Buffer.alloc(pageBytes);
    if (request !== undefined) this.#answer(request, key).copy(page);
    else if (blockNumber < baseBlocks) this.#base.readPage(key)?.copy(page);
    for (const { kind, heapBlock, bits } of this.#changes(fork, blockNumber)) {
      if (kind === 'truncate') truncateVisibilityMap(page, heapBlock);
      else clearVisibilityMapFlags(page, heapBlock, bits);
    }
    // Walredo knows nothing of checksums: whoever stores its pages sees to them.
    return this.#checksums ? withChecksum(page, blockNumber) : page;
  }

  #answer(request: number, key: PageKey): Buffer {
    const page = this.#answers.page(request);
    if (page !== undefined) return page;
    throw new RedoubtError(
      'infrastructure',
      'answer-missing',
      `${formatPageKey(key)} has no answer of walredo (request ${String(request)})`,
      { remedy: 'The suite walredo says why.' },
    );
  }

  #changes(fork: Fork, blockNumber: number): readonly MapChange[] {
    if (fork.forkNumber !== visibilityMapFork) return [];
    return this.#mapChanges.get(formatPageKey({ ...fork, blockNumber })) ?? [];
  }
}

function forkId({ spcOid, dbOid, relNumber, forkNumber }: Fork): string {
  return `${String(spcOid)}/${String(dbOid)}/${String(relNumber)}/${String(forkNumber)}`;
}
