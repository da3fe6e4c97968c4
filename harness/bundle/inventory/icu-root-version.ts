import type { ElfSource } from '../../host/elf/elf-source.ts';

/** `UCOL_RUNTIME_VERSION` of ICU 53 and later (ucol.h), as `ucol_getVersion` adds it to the first part. */
const runtimeVersion = 9 << 4;
/** `ucadata.icu` of ICU 53 and later; before, collators were built otherwise. */
const firstFormat = 4;
const mostNames = 100_000;

/**
 * The version that PostgreSQL would record for ICU's root collation (`collversion`), out of ICU's data: the table of
 * contents, looked for in the first `searchedBytes`, leads to `coll/ucadata.icu`, whose header has it but for the
 * runtime's part (udata.h, ucmndata.h). Undefined when the file holds no such data. Collations with a tailoring of their
 * own have other versions.
 */
export function readIcuRootVersion(source: ElfSource, searchedBytes: number): string | undefined {
  const bytes = source.slice(0, Math.min(source.sizeBytes, searchedBytes));
  const format = bytes.indexOf('CmnD');
  if (format < 12) return undefined;
  const start = format - 12;
  if (bytes.readUInt16LE(start + 2) !== 0x27da) return undefined;
  const contents = start + bytes.readUInt16LE(start);
  const count = numberAt(bytes, contents);
  if (count === undefined || count > mostNames) return undefined;
  for (let index = 0; index < count; index++) {
    const name = numberAt(bytes, contents + 4 + 8 * index);
    const data = numberAt(bytes, contents + 8 + 8 * index);
    if (name === undefined || data === undefined) return undefined;
    const end = bytes.indexOf(0, contents + name);
    if (end < 0 || end - contents - name > 128) continue;
    if (!bytes.toString('latin1', contents + name, end).endsWith('/coll/ucadata.icu')) continue;
    const at = contents + data;
    return at + headerBytes > source.sizeBytes ? undefined : versionOf(source.slice(at, headerBytes));
  }
  return undefined;
}

/** Up to the version of the data in it. */
const headerBytes = 24;

function versionOf(header: Buffer): string | undefined {
  if (header.toString('latin1', 12, 16) !== 'UCol') return undefined;
  const [formatVersion = 0] = header.subarray(16);
  const [builder = 0, ...rest] = header.subarray(20, headerBytes);
  if (formatVersion < firstFormat) return undefined;
  const parts = [(builder + runtimeVersion) & 0xff, ...rest];
  while (parts.at(-1) === 0) parts.pop();
  return parts.map(printed).join('.');
}

/** As `u_versionToString` prints a part: of 104 it drops the zero. */
function printed(part: number): string {
  const digits = part >= 100 ? [Math.floor(part / 100)] : [];
  const rest = part % 100;
  if (rest >= 10) digits.push(Math.floor(rest / 10));
  return [...digits, rest % 10].join('');
}

function numberAt(bytes: Buffer, at: number): number | undefined {
  return at + 4 > bytes.length ? undefined : bytes.readUInt32LE(at);
}
