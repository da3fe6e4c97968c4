import { messageBytes, messageWriter } from '../replay/message.ts';
import type { PageKey } from '../page-key.ts';

/** A request that pushes a page, if there is one, and applies one record to it; `record` is exactly as in the WAL. */
export function singleRecordRequest(
  key: PageKey,
  before: Buffer | undefined,
  record: { readonly endLsn: number; readonly bytes: Buffer },
): Buffer {
  const length =
    messageBytes.begin +
    (before === undefined ? 0 : messageBytes.push) +
    messageBytes.apply(record.bytes.length) +
    messageBytes.get;
  const request = Buffer.alloc(length);
  let offset = messageWriter.begin(request, 0, key);
  if (before !== undefined) offset = messageWriter.push(request, offset, key, before);
  offset = messageWriter.apply(request, offset, record.endLsn, record.bytes);
  messageWriter.get(request, offset, key);
  return request;
}
