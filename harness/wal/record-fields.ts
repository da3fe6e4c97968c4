import { formatLsn } from './lsn.ts';
import { recordStruct, type FieldType } from './record-structs.ts';

/** A field of a record's main data by PostgreSQL's own name. */
export interface RecordField {
  readonly name: string;
  readonly value: string;
}

const sizes: Readonly<Record<FieldType, number>> = {
  bool: 1,
  flags: 1,
  i8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  double: 8,
  lsn: 8,
};

/** The fields that begin a record's main data; none for kinds that are not known, and no more than the bytes hold. */
export function recordFields(
  rmgr: string,
  kind: string,
  mainData: Buffer,
  major: number,
): readonly RecordField[] {
  const fields: RecordField[] = [];
  let at = 0;
  for (const [field, type] of recordStruct(rmgr, kind, major) ?? []) {
    const size = sizes[type];
    at = Math.ceil(at / size) * size;
    if (at + size > mainData.length) break;
    if (field !== '') fields.push({ name: field, value: valueAt(mainData, at, type) });
    at += size;
  }
  return rmgr === 'Sequence' ? [...fields, ...sequenceFields(mainData)] : fields;
}

function valueAt(data: Buffer, at: number, type: FieldType): string {
  switch (type) {
    case 'bool':
      return String(data[at] !== 0);
    case 'flags':
      return `0x${data.readUInt8(at).toString(16).padStart(2, '0')}`;
    case 'i8':
      return String(data.readInt8(at));
    case 'i32':
      return String(data.readInt32LE(at));
    case 'u64':
      return String(data.readBigUInt64LE(at));
    case 'i64':
      return String(data.readBigInt64LE(at));
    case 'double':
      return String(data.readDoubleLE(at));
    case 'lsn':
      return formatLsn(Number(data.readBigUInt64LE(at)));
    case 'u16':
    case 'u32':
      return String(data.readUIntLE(at, sizes[type]));
  }
}

/** RelFileLocator, and t_hoff within HeapTupleHeaderData (access/htup_details.h). */
const locatorBytes = 12;
const hoffOffset = 22;

/** What a sequence is set to: FormData_pg_sequence_data (commands/sequence.h) in the tuple that follows the locator. */
function sequenceFields(mainData: Buffer): readonly RecordField[] {
  const hoff = mainData[locatorBytes + hoffOffset];
  if (hoff === undefined) return [];
  const start = locatorBytes + hoff;
  if (start + 17 > mainData.length) return [];
  return [
    { name: 'last_value', value: valueAt(mainData, start, 'i64') },
    { name: 'log_cnt', value: valueAt(mainData, start + 8, 'i64') },
    { name: 'is_called', value: valueAt(mainData, start + 16, 'bool') },
  ];
}
