import { isNewPage } from './header.ts';
import { pageSizeBytes, requirePage } from './page-bytes.ts';

/** Sums that run side by side, so that C compilers can vectorise them (storage/checksum_impl.h, 14-18). */
const lanes = 32;
const fnvPrime = 16777619;
const checksumOffset = 8;

// prettier-ignore
const laneStarts = Int32Array.of(
  0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c,
  0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb,
  0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4,
  0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756,
);

/** The pd_checksum that a page must carry at `blockNumber` in its fork (`pg_checksum_page`); the stored one is not looked at. Throws `page-size-invalid`. */
export function pageChecksum(page: Buffer, blockNumber: number): number {
  requirePage(page);
  const sums = Int32Array.from(laneStarts);
  for (let at = 0; at < pageSizeBytes; at += 4 * lanes) {
    for (let lane = 0; lane < lanes; lane++) {
      const offset = at + 4 * lane;
      const word = page.readInt32LE(offset);
      sums[lane] = mix(sums[lane]!, offset === checksumOffset ? word & ~0xffff : word);
    }
  }
  let folded = blockNumber | 0;
  for (let lane = 0; lane < lanes; lane++) {
    folded ^= mix(mix(sums[lane]!, 0), 0);
  }
  return ((folded >>> 0) % 65535) + 1;
}

/** A copy of the page with the pd_checksum that it must carry at `blockNumber`; a page that was never made has none. */
export function withChecksum(page: Buffer, blockNumber: number): Buffer {
  const copy = Buffer.from(page);
  if (!isNewPage(page)) copy.writeUInt16LE(pageChecksum(page, blockNumber), checksumOffset);
  return copy;
}

function mix(sum: number, word: number): number {
  const mixed = sum ^ word;
  return Math.imul(mixed, fnvPrime) ^ (mixed >>> 17);
}
