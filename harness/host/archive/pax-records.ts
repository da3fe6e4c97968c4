/** One record of a PAX extended header. */
export interface PaxRecord {
  readonly key: string;
  readonly value: string;
}

/** The records (`LENGTH KEY=VALUE` and a newline, the length in bytes and of all of it); undefined when they are malformed. */
export function readPaxRecords(body: Buffer): readonly PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 ? '' : body.toString('latin1', at, space);
    if (!/^[1-9]\d{0,6}$/.test(digits)) return undefined;
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    if (end > body.length || equals === -1 || equals >= end || body[end - 1] !== 0x0a) return undefined;
    records.push({
      key: body.toString('utf8', space + 1, equals),
      value: body.toString('utf8', equals + 1, end - 1),
    });
    at = end;
  }
  return records;
}
