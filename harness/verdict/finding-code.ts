import { fileFaultCodes } from '../bundle/files/file-fault.ts';

/** What the pages that a bundle's walredo makes, and its process, can be found to do wrong. */
export const walredoFindingCodes = [
  'page-content',
  'page-lsn',
  'page-map-bits',
  'page-previous-answer',
  'page-records-missing',
  'page-zero',
  'page-unanswered',
  'hosts-differ',
  'baseline-differs',
  'walredo-died',
  'walredo-blocked-call',
  'walredo-hung',
  'walredo-output-short',
  'walredo-extra-bytes',
  'walredo-chatter',
] as const;

/** What a bundle of two static programs can be found to need beside them (variant 1 of the RFC). */
export const staticFindingCodes = [
  'static-needs-passwd',
  'static-needs-shell',
  'static-needs-locales',
  'static-needs-share',
  'static-needs-modules',
] as const;

export type StaticFindingCode = (typeof staticFindingCodes)[number];

/** What of a bundle's behaviour, its launcher's included, can be found against the agreement. */
export const behaviourFindingCodes = [
  'launcher-lenient',
  'launcher-flags',
  'launcher-exit-code',
  'launcher-signals',
  'launcher-forks',
  'majors-disturb-each-other',
  'circumstance-matters',
  'protocol-hang',
  'protocol-answer-missing',
  'protocol-answer-extra',
  'protocol-wrong-answer',
  'protocol-residue',
  'protocol-bad-end',
  'protocol-no-answer-in-step',
  'protocol-unlike-baseline',
  'memory-growth',
  'ambient-dependency',
  'ambient-connection',
  'kernel-floor',
  'kernel-pages-differ',
] as const;

/** What of the agreement about a bundle's layout, files and launching can be found broken. */
export const contractFindingCodes = [
  'launch-failed',
  'version-mismatch',
  ...behaviourFindingCodes,
  ...staticFindingCodes,
  ...fileFaultCodes,
] as const;

export type ContractFindingCode = (typeof contractFindingCodes)[number];

/** In what bundle, compute image and pg_install can be found not to be of one build. */
export const artefactFindingCodes = [
  'artefact-version',
  'artefact-catalog-version',
  'artefact-build-options',
  'artefact-libicu',
  'artefact-libc',
] as const;

/** What a bundle's initdb can be found to do wrong. */
export const initdbFindingCodes = [
  'initdb-failed',
  'initdb-no-passwd-entry',
  'initdb-command-failed',
  'initdb-locale-missing',
  'initdb-provider-missing',
  'initdb-wrong-place',
  'initdb-wrong-major',
  'initdb-wrong-settings',
  'initdb-wrong-encoding',
  'initdb-wrong-locale',
  'initdb-locale-fallback',
  'initdb-wrong-checksums',
  'initdb-wrong-segment-size',
  'initdb-no-system-locales',
  'initdb-time-zone-leak',
  'initdb-databases-differ',
  'initdb-collations-differ',
  'initdb-collation-versions-differ',
  'initdb-settings-differ',
  'initdb-control-differs',
  'initdb-pages-differ',
  'initdb-files-differ',
  'initdb-output-differs',
  'compute-start-failed',
  'compute-start-warns',
  'collation-version-mismatch',
] as const;

export type InitdbFindingCode = (typeof initdbFindingCodes)[number];

/** In what a candidate can be found to differ from the bundle that `bundle.lock.json` pins. */
export const pinFindingCodes = [
  'pin-libicu-changed',
  'pin-libc-changed',
  'pin-locales-changed',
  'pin-initdb-changed',
  'pin-format-changed',
  'pin-major-gone',
] as const;

export type PinFindingCode = (typeof pinFindingCodes)[number];

/** What a server can be found to make of a data directory that others wrote, or that was written under other libraries. */
export const readbackFindingCodes = [
  'readback-table-corrupt',
  'readback-index-corrupt',
  'readback-read-failed',
  'readback-row-not-found',
  'readback-row-repeated',
  'readback-order-wrong',
  'readback-range-wrong',
  'readback-join-wrong',
  'readback-duplicate-stored',
  'readback-duplicate-accepted',
  'readback-wrong-partition',
  'readback-constraint-broken',
  'readback-value-stale',
  'readback-reindex-refused',
  'readback-rows-differ',
  'readback-map-wrong',
  'readback-start-failed',
  'readback-server-warns',
  'readback-server-died',
  'readback-unanswered',
] as const;

export type ReadbackFindingCode = (typeof readbackFindingCodes)[number];

/** What of a bundle's libraries can be found to order strings otherwise than the compute image's. */
export const collationFindingCodes = [
  'collation-order-drift',
  'collation-equality-drift',
  'collation-locale-missing',
  'collation-library-missing',
] as const;

/** Every code, in the order of the suites. Codes are stable; each has its entry in docs. */
export const findingCodes = [
  ...contractFindingCodes,
  ...artefactFindingCodes,
  ...pinFindingCodes,
  ...initdbFindingCodes,
  ...walredoFindingCodes,
  ...collationFindingCodes,
  ...readbackFindingCodes,
] as const;

/** What was found wrong. */
export type FindingCode = (typeof findingCodes)[number];
