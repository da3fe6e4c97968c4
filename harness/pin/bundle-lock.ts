import type { AcceptedFinding } from '../verdict/tolerance.ts';

/** Version of bundle.lock.json; a reader refuses a newer one. */
export const lockSchemaVersion = 1;

/** A library, or a set of libraries of one make, as a bundle brings it. Nulls are what its files do not tell. */
export interface PinnedLibrary {
  readonly version: string | null;
  /** `libicu72 72.1-3+deb12u1`. */
  readonly package: string | null;
  /** SHA-256 of its files. */
  readonly sha256: string;
}

/** Collations of one provider that initdb recorded with one version. */
export interface PinnedCollations {
  readonly provider: string;
  readonly version: string | null;
  readonly count: number;
  /** Digest over their names. */
  readonly names: string;
}

/** A data directory that a bundle's initdb makes with a pageserver's options. */
export interface PinnedInitdb {
  /** The host it ran on, for a bundle that leans on its host. */
  readonly host: string | null;
  /** Those of postgresql.conf but for what initdb finds out about its machine. */
  readonly settings: Readonly<Record<string, string>>;
  /** Encoding, provider and locales of each. */
  readonly databases: Readonly<Record<string, string>>;
  readonly collations: readonly PinnedCollations[];
  /** SHA-256 over all files of relations. */
  readonly relations: string;
}

/** The order of the canaries (corpora/canaries) in one locale. */
export interface PinnedOrder {
  readonly provider: 'libc' | 'icu';
  readonly locale: string;
  readonly collversion: string | null;
  /** `<` or `>` for each pair. */
  readonly pairs: string;
}

/** What a bundle holds of one major, as far as order and pages can depend on it. */
export interface PinnedMajor {
  readonly major: number;
  readonly server: {
    readonly version: string;
    readonly sha256: string;
    readonly catalogVersion: number | null;
    /** Sizes of blocks, relation segments and WAL blocks in bytes: `8192/1073741824/8192`. */
    readonly sizes: string | null;
  };
  /** Null where the bundle brings none of its own. */
  readonly libicu: PinnedLibrary | null;
  readonly libc: PinnedLibrary | null;
  /** What PostgreSQL records, told from the files. */
  readonly collversions: { readonly libc: string | null; readonly icuRoot: string | null };
  /** Which of `localeSets` it has; null where it has no locales of its own. */
  readonly locales: string | null;
  /** By soname; libicu and libc among them. */
  readonly libraries: Readonly<Record<string, PinnedLibrary>>;
  readonly initdb: PinnedInitdb | null;
  readonly order: readonly PinnedOrder[];
}

/** Which run approved a bundle, and on what grounds. */
export interface Approval {
  /** SHA-256 of its report.json. */
  readonly report: string;
  readonly sentence: string;
  readonly redoubtVersion: string | null;
  readonly suites: readonly string[];
  readonly hosts: readonly string[];
  readonly computeImages: readonly string[];
  /** Digest of the policy that applied; null when none did. */
  readonly policy: string | null;
  /** What was found and let stand. */
  readonly accepted: readonly AcceptedFinding[];
}

/** bundle.lock.json: the bundle that a pageserver's build takes, and all by which a change of it can be told without it. */
export interface BundleLock {
  readonly schemaVersion: typeof lockSchemaVersion;
  readonly bundle: {
    readonly digest: string;
    readonly layout: string;
    readonly flavour: string;
    /** File name alone. */
    readonly name: string;
  };
  /** Who must review a change of this file. */
  readonly reviewers: readonly string[];
  readonly approved: Approval;
  readonly majors: readonly PinnedMajor[];
  /** Digest of the canaries whose order `order` gives. */
  readonly canaries: string;
  /** By digest: for each locale digests of LC_COLLATE and LC_CTYPE, as `0123456789abcdef/0123456789abcdef`. */
  readonly localeSets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
