import { zstdDecompressSync } from 'node:zlib';

import { RedoubtError } from '../error.ts';
import { walCorrupt } from './corruption.ts';
import type { BlockReference, ImageCompression } from './decode.ts';
import { formatLsn } from './lsn.ts';
import { decompressLz4 } from './lz4.ts';
import { decompressPglz } from './pglz.ts';
import type { RawRecord } from './raw-record.ts';
import type { UnfoldFault } from './unfold-fault.ts';

const pageSizeBytes = 8192;

/**
 * Restores the full-page image of a block reference into an 8,192-byte page (`into`, or a new one), its hole zeroed, as
 * `RestoreBlockImage` does (xlogreader.c, 14-18): pd_lsn stays as stored, redo sets it to the end LSN afterwards unless
 * the page is new. Throws `wal-corrupt-image`, `fpi-missing`, `page-size-invalid`.
 */
export function restoreImage(raw: RawRecord, block: BlockReference, into?: Buffer): Buffer {
  const { image } = block;
  const page = into ?? Buffer.allocUnsafe(pageSizeBytes);
  if (image === undefined) {
    throw new RedoubtError(
      'infrastructure',
      'fpi-missing',
      `block reference ${block.id} of the record at ${formatLsn(raw.startLsn)} carries no image`,
    );
  }
  if (page.length !== pageSizeBytes) {
    throw new RedoubtError(
      'infrastructure',
      'page-size-invalid',
      `a page of ${page.length} bytes was given for an image`,
    );
  }
  const { holeOffset, holeLength, compression } = image;
  let unfolded = raw.bytes.subarray(image.offset, image.offset + image.length);
  if (compression !== 'none') {
    const stored = unfolded;
    unfolded = Buffer.allocUnsafe(pageSizeBytes - holeLength);
    const fault = unfold[compression](stored, unfolded);
    if (fault !== undefined) {
      throw walCorrupt('image', `${compression}: ${fault.problem}`, {
        lsn: raw.startLsn,
        field: `image of block ${block.id}`,
        recordOffset: image.offset - raw.offset + fault.offset,
      });
    }
  }
  unfolded.copy(page, 0, 0, holeOffset);
  page.fill(0, holeOffset, holeOffset + holeLength);
  unfolded.copy(page, holeOffset + holeLength, holeOffset);
  return page;
}

type Unfold = (source: Buffer, target: Buffer) => UnfoldFault | undefined;

const unfold: Readonly<Record<Exclude<ImageCompression, 'none'>, Unfold>> = {
  pglz: decompressPglz,
  lz4: decompressLz4,
  zstd: decompressZstd,
};

/** Node's own zstd; it does not say at which byte it fails. */
function decompressZstd(source: Buffer, target: Buffer): UnfoldFault | undefined {
  try {
    const unfolded = zstdDecompressSync(source, { maxOutputLength: target.length });
    unfolded.copy(target);
    return unfolded.length === target.length
      ? undefined
      : { offset: 0, problem: `${unfolded.length} instead of ${target.length} bytes came out` };
  } catch (error) {
    return { offset: 0, problem: error instanceof Error ? error.message : String(error) };
  }
}
