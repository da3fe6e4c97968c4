/** What a server of PostgreSQL says of itself in its strings; read, not executed. */
export interface ServerFacts {
  readonly major: number;
  /** As `postgres --version` has it behind the name: `17.11 (Debian 17.11-0+deb13u1)`. */
  readonly version: string;
  /** The kind of machine: `x86_64-pc-linux-gnu`. */
  readonly platform: string;
  readonly compiler: string;
  /** `CATALOG_VERSION_NO`, out of the name of a tablespace's folder (`PG_17_202406281`). */
  readonly catalogVersion: number | undefined;
  /** What `configure` was called with, as `pg_config --configure` prints it; undefined where the build left it out. */
  readonly configuration: string | undefined;
  /** Absolute paths that are compiled in, sorted. */
  readonly paths: readonly string[];
}

/** `PG_VERSION_STR` of every major (configure and meson). */
const versionWords = /^PostgreSQL ((\d+)\S*(?: \([^)]*\))?) on (\S+), compiled by (.+), (?:32|64)-bit$/;

const mostStringBytes = 4096;
const mostPaths = 2000;

/** Reads what the strings of a server tell; undefined for a file that is none. */
export function readServerFacts(bytes: Buffer): ServerFacts | undefined {
  for (let at = bytes.indexOf('PostgreSQL '); at >= 0; at = bytes.indexOf('PostgreSQL ', at + 1)) {
    const match = versionWords.exec(stringAround(bytes, at));
    if (match === null) continue;
    const [, version = '', major, platform = '', compiler = ''] = match;
    return {
      major: Number(major),
      version,
      platform,
      compiler,
      catalogVersion: readCatalogVersion(bytes, Number(major)),
      configuration: readConfiguration(bytes),
      paths: readPaths(bytes),
    };
  }
  return undefined;
}

/** Whether a server was built with an option (`icu`, `lz4`, `zstd`); undefined where its build does not tell. */
export function builtWith({ configuration }: ServerFacts, option: string): boolean | undefined {
  return configuration === undefined ? undefined : configuration.includes(`'--with-${option}'`);
}

/** Size of a block and of a relation's segment and of a WAL block in bytes; what `configure` was not told is PostgreSQL's default. */
export function storageSizes({ configuration }: ServerFacts):
  | {
      readonly blockBytes: number;
      readonly segmentBytes: number;
      readonly walBlockBytes: number;
    }
  | undefined {
  if (configuration === undefined) return undefined;
  const option = (name: string, usual: number): number =>
    Number(new RegExp(`'--with-${name}=(\\d+)'`).exec(configuration)?.[1] ?? usual);
  return {
    blockBytes: option('blocksize', 8) * 1024,
    segmentBytes: option('segsize', 1) * 2 ** 30,
    walBlockBytes: option('wal-blocksize', 8) * 1024,
  };
}

function readCatalogVersion(bytes: Buffer, major: number): number | undefined {
  const prefix = `PG_${String(major)}_`;
  for (let at = bytes.indexOf(prefix); at >= 0; at = bytes.indexOf(prefix, at + 1)) {
    const match = /^\d{9}$/.exec(stringAround(bytes, at).slice(prefix.length));
    if (match !== null) return Number(match[0]);
  }
  return undefined;
}

function readConfiguration(bytes: Buffer): string | undefined {
  for (let at = bytes.indexOf("'--"); at >= 0; at = bytes.indexOf("'--", at + 1)) {
    const text = stringAround(bytes, at).trim();
    if (/^'.*'$/.test(text)) return text;
  }
  return undefined;
}

function readPaths(bytes: Buffer): readonly string[] {
  const paths = new Set<string>();
  for (let at = bytes.indexOf('\0/'); at >= 0 && paths.size < mostPaths; at = bytes.indexOf('\0/', at + 1)) {
    const end = bytes.indexOf(0, at + 1);
    if (end < 0 || end - at > 256) continue;
    const text = bytes.toString('latin1', at + 1, end);
    if (/^\/[\w./+-]{2,}$/.test(text)) paths.add(text);
  }
  return [...paths].toSorted();
}

/** The whole string, from zero byte to zero byte, of which a part was found. */
function stringAround(bytes: Buffer, at: number): string {
  const before = bytes.lastIndexOf(0, at);
  const start = Math.max(before + 1, at - mostStringBytes);
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', start, end < 0 ? at + mostStringBytes : Math.min(end, at + mostStringBytes));
}
