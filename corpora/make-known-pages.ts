import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';

import { openBundle } from '../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../harness/bundle/reference/ensure.ts';
import { nativeSourceDirectory } from '../harness/bundle/reference/native-source.ts';
import { recordsOnly } from '../harness/compute/wal-settings.ts';
import { loadWorkload } from '../harness/compute/workload.ts';
import { captureTape } from '../harness/gate/capture/tape-cache.ts';
import { openChrootHost } from '../harness/host/chroot/chroot-host.ts';
import { computeRecipe } from '../harness/host/compute-images.ts';
import { silent } from '../harness/host/progress.ts';
import { ensureRoot } from '../harness/host/root.ts';
import { temporaryDirectory } from '../harness/host/run-directory.ts';
import type { TapeRequest } from '../harness/redo/tape/tape-index.ts';
import { readRequestRecords } from '../harness/redo/request/request-records.ts';
import { Tape } from '../harness/redo/tape/tape.ts';
import { crc32c } from '../harness/wal/crc32c.ts';
import { decodeRecord, rawRecordFromBytes } from '../harness/wal/decode.ts';
import { recordKind, rmgrName } from '../harness/wal/names.ts';

/**
 * Writes harness/bundle/native/walredo-known-pages.h anew: `node corpora/make-known-pages.ts [BUNDLE]`. The pages are
 * those of the workload `known-pages` on the compute image of 17, whose walredo is built from its own headers; what they
 * must be is that server's recovery. Only records without images are taken, and of kinds that are the same from 14 to 18.
 */
const major = 17;
const schema = 'known.';
const pageBytes = 8192;

await using work = await temporaryDirectory('making known pages');
const { path: tapeDirectory } = work;
await capture(tapeDirectory);
const tape = Tape.open(join(tapeDirectory, 'tape'));
const pages = [...tape.index].flatMap((request) => knownPage(tape, request) ?? []);
await writeFile(join(nativeSourceDirectory, 'walredo-known-pages.h'), headerText(tape, pages));

interface Known {
  readonly name: string;
  readonly text: string;
}

async function capture(directory: string): Promise<void> {
  const bundle = await openBundle(argv[2] ?? (await ensureReferenceBundle(silent)).path, silent);
  const computeRoot = await ensureRoot(computeRecipe(major), silent);
  await using initdbHost = await openChrootHost(computeRoot.name, computeRoot.path);
  const plan = {
    label: 'known-pages',
    workload: 'known-pages',
    scale: 'small',
    wal: recordsOnly,
    checksums: false,
  } as const;
  const workload = await loadWorkload(join(import.meta.dirname, 'workloads', plan.workload), plan.scale);
  await captureTape({ plan, major, computeRoot, bundle, initdbHost, progress: silent }, workload, {
    capture: join(directory, 'capture'),
    tape: join(directory, 'tape'),
  });
}

function knownPage(source: Tape, request: TapeRequest): Known | undefined {
  const relation = source.relationOf(request.key)?.name;
  if (request.oracle !== 'recovery' || relation?.startsWith(schema) !== true) return undefined;
  const { base, records } = readRequestRecords(source.readRequest(request));
  const decoded = records.map(({ bytes, endLsn }) => decodeRecord(rawRecordFromBytes(bytes, endLsn), major));
  if (decoded.some(({ blocks }) => blocks.some(({ hasImage }) => hasImage))) return undefined;
  const kinds = new Set(
    decoded.map(({ rmgrId, info }) => `${rmgrName(rmgrId, major)} ${recordKind(rmgrId, info, major)}`),
  );
  const name = `${relation.slice(schema.length)}, ${[...kinds].join(', ')}`;
  const { forkNumber, spcOid, dbOid, relNumber, blockNumber } = request.key;
  const [lower, upper] = withoutHole(base ?? Buffer.alloc(pageBytes));
  const stream = Buffer.concat(
    records.map(({ bytes, endLsn }) => Buffer.concat([head(endLsn, bytes), bytes])),
  );
  const text = [
    '\t{',
    `\t\t.name = "${name}",`,
    `\t\t.tag = {${forkNumber}, {${spcOid}, ${dbOid}, ${relNumber}}, ${blockNumber}},`,
    `\t\t.lower =${literal(lower)},`,
    `\t\t.lower_length = ${lower.length},`,
    `\t\t.upper =${literal(upper)},`,
    `\t\t.upper_length = ${upper.length},`,
    `\t\t.records =${literal(stream)},`,
    `\t\t.records_length = ${stream.length},`,
    `\t\t.checksum = 0x${(crc32c(source.readOraclePage(request)) >>> 0).toString(16)}`,
    '\t}',
  ].join('\n');
  return { name, text };
}

function head(endLsn: number, record: Buffer): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(BigInt(endLsn), 0);
  bytes.writeUInt32LE(record.length, 8);
  return bytes;
}

/** The parts of a page before and behind its longest run of zeros. */
function withoutHole(page: Buffer): readonly [Buffer, Buffer] {
  let best = { start: 0, end: 0 };
  for (let start = 0; start < page.length; start++) {
    let end = start;
    while (end < page.length && page[end] === 0) end++;
    if (end - start > best.end - best.start) best = { start, end };
    start = end;
  }
  return [page.subarray(0, best.start), page.subarray(best.end)];
}

/** A C string literal over as many lines as it takes; octal, since a hexadecimal escape has no end. */
function literal(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 24) {
    const escaped = [...bytes.subarray(at, at + 24)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
    lines.push(`\t\t\t"${escaped.join('')}"`);
  }
  return `\n${lines.join('\n')}`;
}

function headerText({ manifest }: Tape, known: readonly Known[]): string {
  return `/*
 * Made by corpora/make-known-pages.ts from the WAL of PostgreSQL ${manifest.serverVersion}: workload ${manifest.workload}.
 */
static const KnownPage known_pages[] = {
${known.map(({ text }) => text).join(',\n')}
};
`;
}
