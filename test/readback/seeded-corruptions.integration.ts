import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { assembleDataDirectory } from '../../harness/assembly/assemble.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import { copyTree } from '../../harness/compute/copy-tree.ts';
import { makeDataDirectory } from '../../harness/gate/initdb/bundle-initdb.ts';
import { wholeLifePlan } from '../../harness/gate/capture/capture-plan.ts';
import { pageAnswers } from '../../harness/gate/replay/page-answers.ts';
import { replayTape } from '../../harness/gate/replay/replay-tape.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import {
  readBackDataDirectory,
  type DataDirectoryReadback,
} from '../../harness/readback/data-directory-readback.ts';
import { Answers } from '../../harness/redo/tape/answers.ts';
import { samePage, type PageKey } from '../../harness/redo/page-key.ts';
import { prefixRequest } from '../../harness/redo/request/prefix-request.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { FindingCode } from '../../harness/verdict/finding-code.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { wholeLifeTape } from '../support/whole-life.ts';
import { referenceBundle } from '../support/small-tape.ts';
import * as damage from './page-damage.ts';

const pageBytes = 8192;
const collation = 'icu_de';
const table = `corpus.text_${collation}`;
const index = `${table}_label`;

/** A data directory that walredo made, and what else its pages were on the way. */
interface Sound {
  readonly tape: Tape;
  readonly directory: string;
  /** The page after half of its records. */
  readonly stale: (key: PageKey) => Promise<Buffer>;
}

/** One relation's file, read and written page by page. */
class RelationFile {
  readonly #path: string;
  readonly key: Omit<PageKey, 'blockNumber'>;
  readonly bytes: Buffer;

  private constructor(path: string, key: Omit<PageKey, 'blockNumber'>, bytes: Buffer) {
    this.#path = path;
    this.key = key;
    this.bytes = bytes;
  }

  static async open(directory: string, tape: Tape, name: string, fork = ''): Promise<RelationFile> {
    // Storage that was made anew has its name last.
    const relation = tape.manifest.relations.findLast((each) => each.name === name);
    if (relation === undefined) throw new TypeError(`no relation ${name}`);
    const { spcOid, dbOid, relNumber } = relation;
    const path = join(directory, 'base', String(dbOid), `${String(relNumber)}${fork}`);
    return new RelationFile(path, { spcOid, dbOid, relNumber, forkNumber: 0 }, await readFile(path));
  }

  page(block: number): Buffer {
    return this.bytes.subarray(block * pageBytes, (block + 1) * pageBytes);
  }

  /** The first block that is as wanted. */
  find(wanted: (page: Buffer, block: number) => boolean): number {
    for (let block = 0; block * pageBytes < this.bytes.length; block++)
      if (wanted(this.page(block), block)) return block;
    throw new TypeError(`no such page in ${this.#path}`);
  }

  /** A leaf of a btree that others follow. */
  leaf(from = 1): number {
    return this.find(
      (page, block) =>
        block >= from && damage.isPlainLeaf(page) && !damage.isRightmost(page) && damage.itemCount(page) > 10,
    );
  }

  /** A page of a table with many rows. */
  filled(from = 0): number {
    return this.find((page, block) => block >= from && damage.normalItems(page).length > 10);
  }

  async save(): Promise<void> {
    await writeFile(this.#path, this.bytes);
  }
}

interface Corruption {
  readonly name: string;
  /** Spoils the copy; returns what the words must say of the place. */
  readonly spoil: (directory: string, sound: Sound) => Promise<RegExp>;
  readonly code: FindingCode;
}

const corruptions: readonly Corruption[] = [
  {
    name: 'two items of an index are swapped',
    code: 'readback-index-corrupt',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      const block = file.leaf();
      damage.swapItems(file.page(block), 3, 8);
      await file.save();
      return new RegExp(`${index}.*item order invariant violated.*tid=\\(${String(block)},`);
    },
  },
  {
    name: 'an item of an index is lost',
    code: 'readback-row-not-found',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      damage.removeItem(file.page(file.leaf()), 5);
      await file.save();
      return new RegExp(`1 row.*${index}|${index}.*1 row`);
    },
  },
  {
    name: 'a page of an index is stale',
    code: 'readback-row-not-found',
    spoil: async (directory, sound) => {
      const file = await RelationFile.open(directory, sound.tape, index);
      const block = file.leaf();
      (await sound.stale({ ...file.key, blockNumber: block })).copy(file.page(block));
      await file.save();
      return new RegExp(index);
    },
  },
  {
    name: 'a page of an index has a wrong high key',
    code: 'readback-index-corrupt',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      const block = file.leaf();
      // That of another leaf: all keys of one of the two are on the wrong side of it.
      const [one, other] = [file.page(block), file.page(file.leaf(block + 1))];
      const isOrdered = one.readUInt32LE(one.readUInt16LE(16) + 4) === file.leaf(block + 1);
      if (isOrdered) damage.replaceItem(other, 1, damage.itemBytes(one, 1));
      else damage.replaceItem(one, 1, damage.itemBytes(other, 1));
      await file.save();
      return new RegExp(`${index}.*high key invariant violated`);
    },
  },
  {
    name: 'an item of an index leads to another row',
    code: 'readback-index-corrupt',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      const page = file.page(file.leaf());
      const [one, other] = [damage.itemOffset(page, 4), damage.itemOffset(page, 7)];
      page.copy(page, one, other, other + 6);
      await file.save();
      return new RegExp(`${index}.*lacks matching index tuple`);
    },
  },
  {
    name: 'a page of an index is that of another block',
    code: 'readback-index-corrupt',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      const block = file.leaf();
      file.page(file.leaf(block + 1)).copy(file.page(block));
      await file.save();
      return new RegExp(
        `${index}.*(invariant violated|circular link chain|left link/right link|sibling|cross page|down-link|lacks matching)`,
      );
    },
  },
  {
    name: 'a page of an index is zeroed',
    code: 'readback-index-corrupt',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, index);
      const block = file.leaf();
      file.page(block).fill(0);
      await file.save();
      return new RegExp(`${index}.*unexpected zero page at block ${String(block)}`);
    },
  },
  {
    name: 'a page of a table is torn',
    code: 'readback-read-failed',
    spoil: async (directory, sound) => {
      const file = await RelationFile.open(directory, sound.tape, table);
      const half = pageBytes / 2;
      const block = file.filled();
      const old = await sound.stale({ ...file.key, blockNumber: block });
      old.copy(file.page(block), half, half);
      await file.save();
      return new RegExp(`table ${table}, block ${String(block)}, cannot be read`);
    },
  },
  {
    name: 'a page of a table is stale',
    code: 'readback-rows-differ',
    spoil: async (directory, sound) => {
      const file = await RelationFile.open(directory, sound.tape, table);
      const block = file.filled();
      (await sound.stale({ ...file.key, blockNumber: block })).copy(file.page(block));
      await file.save();
      return new RegExp(`table ${table}, block ${String(block)}, holds`);
    },
  },
  {
    name: 'a row of a table is lost',
    code: 'readback-rows-differ',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, 'corpus.imported_frozen');
      const block = file.filled();
      const page = file.page(block);
      const rows = damage.normalItems(page).length;
      damage.freeItem(page, 7);
      await file.save();
      return new RegExp(
        `corpus.imported_frozen, block ${String(block)}, holds ${String(rows - 1)} rows, on the primary ${String(rows)}`,
      );
    },
  },
  {
    name: 'a line pointer of a table leads to another row',
    code: 'readback-rows-differ',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, 'corpus.imported_frozen');
      const block = file.filled(1);
      damage.pointAt(file.page(block), 7, 8);
      await file.save();
      return new RegExp(
        `corpus.imported_frozen, block ${String(block)}, holds \\d+ rows, as on the primary, but other`,
      );
    },
  },
  {
    name: 'a page of a table is that of another block',
    code: 'readback-rows-differ',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, 'corpus.imported_frozen');
      const block = file.filled(2);
      file.page(block - 1).copy(file.page(block));
      await file.save();
      return new RegExp(`corpus.imported_frozen, block ${String(block)}, holds`);
    },
  },
  {
    name: 'a page of a table is zeroed',
    code: 'readback-rows-differ',
    spoil: async (directory, { tape }) => {
      const file = await RelationFile.open(directory, tape, 'corpus.imported_frozen');
      const block = file.filled(1);
      file.page(block).fill(0);
      await file.save();
      return new RegExp(`corpus.imported_frozen, block ${String(block)}, holds 0 rows, on the primary`);
    },
  },
  {
    name: 'a bit of a visibility map is set wrongly',
    code: 'readback-map-wrong',
    spoil: async (directory, { tape }) => {
      const heap = await RelationFile.open(directory, tape, table);
      const map = await RelationFile.open(directory, tape, table, '_vm');
      const isVisible = (block: number): boolean =>
        (((map.bytes[24 + Math.floor(block / 4)] ?? 0) >> (2 * (block % 4))) & 1) !== 0;
      const block = heap.find((page, each) => damage.normalItems(page).length > 0 && !isVisible(each));
      const at = 24 + Math.floor(block / 4);
      map.bytes[at] = (map.bytes[at] ?? 0) | (0x3 << (2 * (block % 4)));
      await map.save();
      return new RegExp(`visibility map of table ${table} says that every row of block ${String(block)} is`);
    },
  },
];

const undamaged: Pick<Corruption, 'name' | 'spoil'> = {
  name: 'nothing is spoiled',
  spoil: () => Promise.resolve(/^/),
};

interface Outcome {
  readonly read: DataDirectoryReadback;
  readonly words: RegExp;
}

for (const major of [15, 17]) {
  test.group(`a data directory of walredo's pages, ${String(major)}`, (group) => {
    let host: Host;
    let scratch: TemporaryDirectory;
    let sound: Sound;
    const cases = [undamaged, ...corruptions];
    const outcomes = new Map<string, Promise<Outcome>>();
    group.setup(async () => {
      const bundle = await referenceBundle();
      const tape = await wholeLifeTape(major);
      host = await openComputeImage(major);
      scratch = await temporaryDirectory('data directories');
      const initdbDirectory = join(scratch.path, 'initdb');
      const directory = join(scratch.path, 'sound');
      await makeDataDirectory(bundle, major, host, initdbDirectory, wholeLifePlan.checksums);
      const { runs } = await replayTape(tape, bundle, host, join(scratch.path, 'answers'));
      using answers = new Answers(runs);
      await assembleDataDirectory({ initdbDirectory, tape, answers, directory });
      await rm(initdbDirectory, { recursive: true });
      sound = { tape, directory, stale: (key) => stalePage(tape, key, bundle, host) };

      return async () => {
        await Promise.allSettled(outcomes.values());
        await host[Symbol.asyncDispose]();
        await scratch[Symbol.asyncDispose]();
      };
    });

    /** Opens a copy, spoiled or not. */
    async function readBack(spoil: Corruption['spoil']): Promise<Outcome> {
      await using copy = await temporaryDirectory('a copy');
      const dataDirectory = join(copy.path, 'data');
      await copyTree(sound.directory, dataDirectory);
      const words = await spoil(dataDirectory, sound);
      const primary = sound.tape.readStorage()?.contents ?? { database: '', tables: [] };
      return { read: await readBackDataDirectory({ host, major, dataDirectory, primary }), words };
    }

    /** Begins with the next one meanwhile: a server mostly waits for its client, or the client for it. */
    function outcomeOf(name: string): Promise<Outcome> {
      const position = cases.findIndex((each) => each.name === name);
      for (const { name: each, spoil } of cases.slice(position, position + 2)) {
        if (outcomes.has(each)) continue;
        const outcome = readBack(spoil);
        outcome.catch(() => undefined);
        outcomes.set(each, outcome);
      }
      return outcomes.get(name) ?? Promise.reject(new TypeError(name));
    }

    test('is read back without a finding', async ({ assert }) => {
      const { findings, tables, rows, readback, notChecked } = (await outcomeOf(undamaged.name)).read;
      assert.deepEqual(findings, []);
      assert.deepEqual(notChecked, []);
      assert.isAbove(tables, 80);
      assert.isAbove(rows, 30_000);
      assert.isAbove(readback?.counts.indexesSensitive ?? 0, 70);
      assert.isAbove(readback?.counts.rowsLookedUp ?? 0, 30_000);
    });

    test('shows it when the server cannot even open the database', async ({ assert }) => {
      const { read } = await readBack(async (directory, { tape }) => {
        const file = await RelationFile.open(directory, tape, 'pg_catalog.pg_attribute');
        file.bytes.fill(0xee);
        await file.save();
        return /^/;
      });
      const [first] = read.findings;
      assert.equal(first?.code, 'readback-start-failed');
      assert.match(first?.message ?? '', /the data directory cannot be opened: .*FATAL/s);
    });

    for (const { name, code } of corruptions) {
      test(`shows it when ${name}`, async ({ assert }) => {
        const { read, words } = await outcomeOf(name);
        const messages = read.findings.map((finding) => `${finding.code}: ${finding.message}`);
        assert.isTrue(
          read.findings.some((finding) => finding.code === code && words.test(finding.message)),
          `no ${code} with ${String(words)} in:\n${messages.join('\n')}`,
        );
        // Nothing else is called corrupt.
        for (const message of messages)
          assert.match(message, /corpus\.(text_icu_de|imported_frozen)\b|corpus\.text_icu_de_/);
      });
    }
  });
}

/** The page as it was after half of its records. */
async function stalePage(tape: Tape, key: PageKey, bundle: Bundle, host: Host): Promise<Buffer> {
  const request = [...tape.index].findLast((each) => samePage(each.key, key));
  if (request === undefined) throw new TypeError('no request for the page');
  const half = prefixRequest(tape.readRequest(request), Math.floor(request.records / 2));
  const side = { bundle, major: tape.manifest.major, host, answerTimeoutMs: 60_000 };
  const [page] = await pageAnswers(side)([half]);
  if (page === undefined) throw new TypeError('no answer');
  return page;
}
