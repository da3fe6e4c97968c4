import { doubleText, singleText } from './float-text.ts';
import { numericText } from './numeric-text.ts';
import { dateText, timestampText, timeText } from './time-text.ts';

/** Says what the bytes of a value are, as a SELECT would; undefined where they are no such value. */
type Reading = (bytes: Buffer) => string | undefined;

function sized(lengthBytes: number, read: (bytes: Buffer) => string): Reading {
  return (bytes) => (bytes.length === lengthBytes ? read(bytes) : undefined);
}

const oid = sized(4, (bytes) => String(bytes.readUInt32LE(0)));

function point(bytes: Buffer, at: number): string {
  return `(${doubleText(bytes.readDoubleLE(at))},${doubleText(bytes.readDoubleLE(at + 8))})`;
}

const readings: Readonly<Record<string, Reading>> = {
  bool: sized(1, (bytes) => (bytes[0] === 0 ? 'f' : 't')),
  int2: sized(2, (bytes) => String((bytes.readUInt16LE(0) << 16) >> 16)),
  int4: sized(4, (bytes) => String(bytes.readInt32LE(0))),
  int8: sized(8, (bytes) => String(bytes.readBigInt64LE(0))),
  oid,
  regproc: oid,
  xid: oid,
  xid8: sized(8, (bytes) => String(bytes.readBigUInt64LE(0))),
  float4: sized(4, (bytes) => singleText(singleOf(bytes))),
  float8: sized(8, (bytes) => doubleText(bytes.readDoubleLE(0))),
  numeric: numericText,
  date: sized(4, (bytes) => dateText(bytes.readInt32LE(0))),
  time: sized(8, (bytes) => timeText(bytes.readBigInt64LE(0))),
  timestamp: sized(8, (bytes) => timestampText(bytes.readBigInt64LE(0))),
  timestamptz: sized(8, (bytes) => timestampText(bytes.readBigInt64LE(0), '+00')),
  uuid: sized(16, (bytes) =>
    bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  ),
  bytea: (bytes) => `\\x${bytes.toString('hex')}`,
  point: sized(16, (bytes) => point(bytes, 0)),
  box: sized(32, (bytes) => `${point(bytes, 0)},${point(bytes, 16)}`),
};

/** IEEE 754 single precision out of its bits: DataView has it, a Buffer of the browser's need not. */
function singleOf(bytes: Buffer): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}

/** Types whose values are text. */
export const textTypes: ReadonlySet<string> = new Set([
  'text',
  'varchar',
  'bpchar',
  'cstring',
  'name',
  'char',
]);

/** A value of a type, `pg_type.typname`, as a SELECT writes it (DateStyle ISO, TimeZone UTC); undefined for types that are not known. */
export function datumText(type: string, bytes: Buffer): string | undefined {
  return readings[type]?.(bytes);
}
