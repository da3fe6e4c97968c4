import type { BundleLock, PinnedLibrary, PinnedMajor } from '../../harness/pin/bundle-lock.ts';

/** A library of a version, with files of its own. */
export function library(version: string, digit = 'a'): PinnedLibrary {
  return { version, package: `lib ${version}-1`, sha256: digit.repeat(64) };
}

/** A major with libicu 72.1 and libc 2.36, and what a test changes in it. */
export function pinnedMajor(change: Partial<PinnedMajor> = {}): PinnedMajor {
  return {
    major: 17,
    server: {
      version: '17.10',
      sha256: '1'.repeat(64),
      catalogVersion: 202406281,
      sizes: '8192/1073741824/8192',
    },
    libicu: library('72.1'),
    libc: library('2.36'),
    collversions: { libc: '2.36', icuRoot: '153.120' },
    locales: '0123456789abcdef',
    libraries: { 'libssl.so.3': library('3.0.15') },
    initdb: {
      host: null,
      settings: { lc_messages: 'C.UTF-8' },
      databases: { postgres: 'encoding 6, libc' },
      collations: [
        { provider: 'ICU', version: '153.120', count: 868, names: '0123456789abcdef' },
        { provider: 'libc', version: '2.36', count: 651, names: '0123456789abcdef' },
      ],
      relations: '2'.repeat(64),
    },
    order: [
      { provider: 'icu', locale: 'und', collversion: '153.120', pairs: '<<' },
      { provider: 'libc', locale: 'C.UTF-8', collversion: null, pairs: '<>' },
    ],
    ...change,
  };
}

/** A lock with one major. */
export function smallLock(change: Partial<BundleLock> = {}): BundleLock {
  return {
    schemaVersion: 1,
    bundle: { digest: 'b'.repeat(64), layout: 'chroot', flavour: 'vanilla', name: 'bundle.tar.zst' },
    reviewers: ['Storage team'],
    approved: {
      report: 'c'.repeat(64),
      sentence: 'compatible (contract, walredo)',
      redoubtVersion: '0.1.0',
      suites: ['contract', 'walredo'],
      hosts: ['debian:12'],
      computeImages: ['debian:13'],
      policy: null,
      accepted: [],
    },
    majors: [pinnedMajor()],
    canaries: '0123456789abcdef',
    localeSets: { '0123456789abcdef': { 'C.utf8': `${'1'.repeat(16)}/${'2'.repeat(16)}` } },
    ...change,
  };
}
