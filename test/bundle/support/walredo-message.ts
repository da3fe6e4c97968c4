import type { PageKey } from '../../../harness/redo/page-key.ts';

/** An independent writer of the walredo protocol: what a pageserver sends, by hand. */
export function message(type: 'A' | 'B' | 'G' | 'H' | 'P', ...payload: readonly Buffer[]): Buffer {
  const body = Buffer.concat(payload);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function tag(key: PageKey): Buffer {
  const bytes = Buffer.alloc(17);
  bytes.writeUInt8(key.forkNumber, 0);
  bytes.writeUInt32BE(key.spcOid, 1);
  bytes.writeUInt32BE(key.dbOid, 5);
  bytes.writeUInt32BE(key.relNumber, 9);
  bytes.writeUInt32BE(key.blockNumber, 13);
  return bytes;
}

export function lsn(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export const ping = message('H');

/** A request for one page: begin, maybe a base, records with their end LSN, get. */
export function request(
  key: PageKey,
  records: readonly { readonly endLsn: bigint; readonly bytes: Buffer }[],
  base?: Buffer,
): Buffer {
  return Buffer.concat([
    message('B', tag(key)),
    ...(base === undefined ? [] : [message('P', tag(key), base)]),
    ...records.map(({ endLsn, bytes }) => message('A', lsn(endLsn), bytes)),
    message('G', tag(key)),
  ]);
}
