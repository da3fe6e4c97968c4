import { RedoubtError } from '../error.ts';
import { walCorrupt } from './corruption.ts';
import type { BlockReference } from './decode.ts';
import { formatLsn } from './lsn.ts';
import { decompressPglz } from './pglz.ts';
import type { RawRecord } from './raw-record.ts';

const pageSizeBytes = 8192;

/**
 * Restores the full-page image of a block reference into an 8,192-byte page (`into`, or a new one), its hole zeroed, as
 * `RestoreBlockImage` does (xlogreader.c, 14-18): pd_lsn stays as stored, redo sets it to the end LSN afterwards unless
 * the page is new. Throws `wal-corrupt-image`, `fpi-compression-unsupported` (lz4, zstd),
 * `fpi-missing`, `page-size-invalid`.
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
  const { holeOffset, holeLength } = image;
  const stored = raw.bytes.subarray(image.offset, image.offset + image.length);
  let unfolded = stored;
  if (image.compression === 'pglz') {
    unfolded = Buffer.allocUnsafe(pageSizeBytes - holeLength);
    const fault = decompressPglz(stored, unfolded);
    if (fault !== undefined) {
      throw walCorrupt('image', `pglz: ${fault.problem}`, {
        lsn: raw.startLsn,
        field: `image of block ${block.id}`,
        recordOffset: image.offset - raw.offset + fault.offset,
      });
    }
  } else if (image.compression !== 'none') {
    throw new RedoubtError(
      'infrastructure',
      'fpi-compression-unsupported',
      `the image of block ${block.id} in the record at ${formatLsn(raw.startLsn)} is compressed with ${image.compression}, which is not supported`,
      {
        remedy: 'Capture with wal_compression off or pglz.',
        details: { lsn: formatLsn(raw.startLsn), compression: image.compression },
      },
    );
  }
  unfolded.copy(page, 0, 0, holeOffset);
  page.fill(0, holeOffset, holeOffset + holeLength);
  unfolded.copy(page, holeOffset + holeLength, holeOffset);
  return page;
}
