import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { readRequestRecords } from '../../../harness/redo/request/request-records.ts';
import type { TapeManifest } from '../../../harness/redo/tape/tape-manifest.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, makeTinyTape, markedPage } from '../tiny-tape.ts';

const files = ['requests', 'index', 'oracle'] as const;

test.group('Tape', (group) => {
  let scratch: TemporaryDirectory;
  let directory: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a tape');
    directory = join(scratch.path, 'tape');
    makeTinyTape(directory);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  /** Rewrites the manifest so that it fits the files again, as somebody who forges a tape would. */
  function reseal(change: (manifest: TapeManifest) => unknown): void {
    const path = join(directory, 'manifest.json');
    const manifest = change(JSON.parse(readFileSync(path, 'utf8')) as TapeManifest) as TapeManifest;
    const facts = Object.fromEntries(
      files.map((name) => {
        const bytes = readFileSync(join(directory, name));
        return [name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
      }),
    );
    writeFileSync(path, JSON.stringify({ ...manifest, files: facts }));
  }

  test('opens, names its pages and gives requests and oracle pages', ({ assert }) => {
    const tape = Tape.open(directory);
    assert.equal(tape.index.length, 4);
    assert.match(tape.digest, /^[0-9a-f]{64}$/);
    const [first] = [...tape.index];
    assert.isDefined(first);
    if (first === undefined) return;
    assert.equal(tape.nameOf(first.key), 'public.words main block 0');
    assert.equal(tape.nameOf({ ...first.key, relNumber: 9, forkNumber: 2 }), '1663/5/9 vm block 0');
    assert.equal(tape.relationOf(first.key)?.kind, 'heap');
    assert.isTrue(tape.readOraclePage(first).equals(markedPage(0xa0, first.lastLsn)));
    const { base, records } = readRequestRecords(tape.readRequest(first));
    assert.isTrue(base?.equals(markedPage(1, 8)));
    assert.lengthOf(records, 3);
    assert.equal(records[2]?.endLsn, first.lastLsn);
    const all = [...tape.index].map((request) => tape.readRequest(request));
    assert.isTrue(Buffer.concat(all).equals(readFileSync(tape.requestsPath)));
  });

  test('that is not there is a usage error', ({ assert }) => {
    const error = thrownBy(() => Tape.open(join(scratch.path, 'elsewhere')));
    assert.deepEqual([error.kind, error.code], ['usage', 'tape-missing']);
    rmSync(join(directory, 'manifest.json'));
    assert.equal(thrownBy(() => Tape.open(directory)).code, 'tape-missing');
  });

  for (const name of files) {
    test(`whose ${name} is missing, a folder, longer or shorter by a byte, or empty is refused`, ({
      assert,
    }) => {
      const path = join(directory, name);
      const bytes = readFileSync(path);
      const damages: readonly (() => void)[] = [
        () => rmSync(path),
        () => {
          rmSync(path);
          mkdirSync(path);
        },
        () => writeFileSync(path, Buffer.concat([bytes, Buffer.of(0)])),
        () => truncateSync(path, bytes.length - 1),
        () => truncateSync(path, 0),
      ];
      for (const damage of damages) {
        damage();
        const error = thrownBy(() => Tape.open(directory));
        assert.deepEqual([error.kind, error.code], ['infrastructure', 'tape-invalid']);
        assert.include(error.message, path);
        rmSync(path, { recursive: true, force: true });
        writeFileSync(path, bytes);
      }
      Tape.open(directory);
    });

    test(`whose ${name} was cut anywhere is refused`, ({ assert }) => {
      const path = join(directory, name);
      const bytes = readFileSync(path);
      const step = Math.max(1, Math.floor(bytes.length / 200));
      for (let length = 0; length < bytes.length; length += step) {
        writeFileSync(path, bytes.subarray(0, length));
        assert.equal(thrownBy(() => Tape.open(directory)).code, 'tape-invalid');
      }
    });

    test(`with one byte of its ${name} changed is refused`, ({ assert }) => {
      const path = join(directory, name);
      const bytes = readFileSync(path);
      const step = Math.max(1, Math.floor(bytes.length / 100));
      for (let at = 0; at < bytes.length; at += step) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 0x10;
        writeFileSync(path, damaged);
        const error = thrownBy(() => Tape.open(directory));
        assert.equal(error.code, 'tape-invalid');
        assert.match(error.message, /sha256 differs/);
      }
    });
  }

  test('whose manifest was cut anywhere is refused', ({ assert }) => {
    const path = join(directory, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    // Without its last line break alone it is still whole.
    for (let length = 0; length < text.length - 1; length += 11) {
      writeFileSync(path, text.slice(0, length));
      assert.equal(thrownBy(() => Tape.open(directory)).code, 'tape-invalid');
    }
  });

  test('whose manifest counts other things than its index is refused, digests or not', ({ assert }) => {
    reseal((manifest) => manifest);
    Tape.open(directory);
    const { counts } = Tape.open(directory).manifest;
    for (const wrong of [
      { requests: counts.requests + 1 },
      { records: counts.records - 1 },
      { judged: counts.judged + 1 },
      { notJudged: { fsm: 1 } },
      { requestsOnPushedBase: 0 },
      { recordsOnPushedBase: counts.records },
    ]) {
      reseal((manifest) => ({ ...manifest, counts: { ...counts, ...wrong } }));
      const error = thrownBy(() => Tape.open(directory));
      assert.equal(error.code, 'tape-invalid');
      assert.match(error.message, /disagree on what it holds/);
    }
  });

  test('whose oracle has not a page for each request is refused, digests or not', ({ assert }) => {
    truncateSync(join(directory, 'oracle'), 3 * 8192);
    reseal((manifest) => manifest);
    assert.match(thrownBy(() => Tape.open(directory)).message, /disagree on what it holds/);
  });

  test('has another digest when its manifest says something else', ({ assert }) => {
    const before = Tape.open(directory).digest;
    reseal((manifest) => ({ ...manifest, workload: 'another' }));
    assert.notEqual(Tape.open(directory).digest, before);
    assert.equal(Tape.open(directory).index.at(0).key.blockNumber, keyOf(0).blockNumber);
  });
});
