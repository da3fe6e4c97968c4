import { test } from '@japa/runner';

import { pageChecksum } from '../../harness/page/checksum.ts';
import { thrownBy } from '../support/thrown.ts';
import { heapPage } from './page-builder.ts';

const mask = 0xffff_ffffn;

function mix(sum: bigint, word: bigint): bigint {
  const mixed = (sum ^ word) & mask;
  return ((mixed * 16_777_619n) & mask) ^ (mixed >> 17n);
}

/** pg_checksum_page after the description in checksum_impl.h, in BigInt: lane starts are given by the caller. */
function slowChecksum(page: Buffer, block: bigint, starts: readonly bigint[]): number {
  const words = Buffer.from(page);
  words.writeUInt16LE(0, 8);
  const sums = [...starts];
  for (let row = 0; row < 64; row++) {
    for (let lane = 0; lane < 32; lane++) {
      sums[lane] = mix(sums[lane]!, BigInt(words.readUInt32LE(4 * (row * 32 + lane))));
    }
  }
  let folded = block;
  for (const sum of sums) folded ^= mix(mix(sum, 0n), 0n);
  return Number((folded % 65535n) + 1n);
}

// prettier-ignore
const starts = [
  0x5B1F36E9n, 0xB8525960n, 0x02AB50AAn, 0x1DE66D2An, 0x79FF467An, 0x9BB9F8A3n, 0x217E7CD2n, 0x83E13D2Cn,
  0xF8D4474Fn, 0xE39EB970n, 0x42C6AE16n, 0x993216FAn, 0x7B093B5Dn, 0x98DAFF3Cn, 0xF718902An, 0x0B1C9CDBn,
  0xE58F764Bn, 0x187636BCn, 0x5D7B3BB1n, 0xE73DE7DEn, 0x92BEC979n, 0xCCA6C0B2n, 0x304A0979n, 0x85AA43D4n,
  0x783125BBn, 0x6CA8EAA2n, 0xE407EAC6n, 0x4B5CFC3En, 0x9FBF8C76n, 0x15CA20BEn, 0xF2CA9FD3n, 0x959BD756n,
];

test.group('pageChecksum', () => {
  test('agrees with the slow way', ({ assert }) => {
    for (const page of [heapPage(), Buffer.alloc(8192), Buffer.alloc(8192, 0xff)]) {
      for (const block of [0, 1, 131_071, 0xffff_fffe]) {
        assert.equal(pageChecksum(page, block), slowChecksum(page, BigInt(block), starts));
      }
    }
  });

  test('does not look at the stored one, but at every other byte and the block number', ({ assert }) => {
    const page = heapPage();
    const checksum = pageChecksum(page, 5);
    page.writeUInt16LE(0xffff, 8);
    assert.equal(pageChecksum(page, 5), checksum);
    assert.notEqual(pageChecksum(page, 6), checksum);
    for (const at of [0, 7, 10, 100, 8191]) {
      const other = Buffer.from(page);
      other[at]! ^= 1;
      assert.notEqual(pageChecksum(other, 5), checksum);
    }
  });

  test('refuses what is no page', ({ assert }) => {
    assert.equal(thrownBy(() => pageChecksum(Buffer.alloc(100), 0)).code, 'page-size-invalid');
  });
});
