import { readMessage } from '../replay/message.ts';

/** A request taken apart: the pushed page, if any, and the records with their end LSNs. */
export interface RequestRecords {
  readonly base: Buffer | undefined;
  readonly records: readonly { readonly endLsn: number; readonly bytes: Buffer }[];
}

/** Takes a request's bytes apart. Throws RedoubtError `walredo-message-invalid` with the offset. */
export function readRequestRecords(request: Buffer): RequestRecords {
  const records: { endLsn: number; bytes: Buffer }[] = [];
  let base: Buffer | undefined;
  for (let offset = 0; offset < request.length;) {
    const { message, nextOffset } = readMessage(request, offset);
    if (message.kind === 'push') base = message.page;
    if (message.kind === 'apply') records.push({ endLsn: message.endLsn, bytes: message.record });
    offset = nextOffset;
  }
  return { base, records };
}
