import { readMessage } from '../replay/message.ts';

/**
 * The same request with its first `records` records alone: it asks for the page as it was in between. 0 asks for what was
 * pushed. Throws RedoubtError `walredo-message-invalid` with the offset.
 */
export function prefixRequest(request: Buffer, records: number): Buffer {
  const parts: Buffer[] = [];
  let applied = 0;
  for (let offset = 0; offset < request.length;) {
    const { message, nextOffset } = readMessage(request, offset);
    const isWanted = message.kind !== 'apply' || applied < records;
    if (message.kind === 'apply') applied++;
    if (isWanted) parts.push(request.subarray(offset, nextOffset));
    offset = nextOffset;
  }
  return Buffer.concat(parts);
}
