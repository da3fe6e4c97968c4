import type { FileFaultCode } from '../bundle/files/file-fault.ts';

/** What the pages that a bundle's walredo makes, and its process, can be found to do wrong. */
export type WalredoFindingCode =
  | 'page-content'
  | 'page-lsn'
  | 'page-map-bits'
  | 'page-previous-answer'
  | 'page-records-missing'
  | 'page-zero'
  | 'page-unanswered'
  | 'hosts-differ'
  | 'baseline-differs'
  | 'walredo-died'
  | 'walredo-blocked-call'
  | 'walredo-hung'
  | 'walredo-output-short'
  | 'walredo-extra-bytes'
  | 'walredo-chatter';

/** What of the agreement about a bundle's layout, files and launching can be found broken. */
export type ContractFindingCode =
  'launch-failed' | 'version-mismatch' | BehaviourFindingCode | StaticFindingCode | FileFaultCode;

/** What a bundle of two static programs can be found to need beside them (variant 1 of the RFC). */
export type StaticFindingCode =
  | 'static-needs-passwd'
  | 'static-needs-shell'
  | 'static-needs-locales'
  | 'static-needs-share'
  | 'static-needs-modules';

/** What of a bundle's behaviour, its launcher's included, can be found against the agreement. */
export type BehaviourFindingCode =
  | 'launcher-lenient'
  | 'launcher-flags'
  | 'launcher-exit-code'
  | 'launcher-signals'
  | 'launcher-forks'
  | 'majors-disturb-each-other'
  | 'circumstance-matters'
  | 'protocol-hang'
  | 'protocol-answer-missing'
  | 'protocol-answer-extra'
  | 'protocol-wrong-answer'
  | 'protocol-residue'
  | 'protocol-bad-end'
  | 'protocol-no-answer-in-step'
  | 'protocol-unlike-baseline'
  | 'memory-growth'
  | 'ambient-dependency'
  | 'ambient-connection'
  | 'kernel-floor'
  | 'kernel-pages-differ';

/** In what bundle, compute image and pg_install can be found not to be of one build. */
export type ArtefactFindingCode =
  | 'artefact-version'
  | 'artefact-catalog-version'
  | 'artefact-build-options'
  | 'artefact-libicu'
  | 'artefact-libc';

/** What a bundle's initdb can be found to do wrong. */
export type InitdbFindingCode =
  | 'initdb-failed'
  | 'initdb-no-passwd-entry'
  | 'initdb-command-failed'
  | 'initdb-locale-missing'
  | 'initdb-provider-missing'
  | 'initdb-wrong-place'
  | 'initdb-wrong-major'
  | 'initdb-wrong-settings'
  | 'initdb-wrong-encoding'
  | 'initdb-wrong-locale'
  | 'initdb-locale-fallback'
  | 'initdb-wrong-checksums'
  | 'initdb-wrong-segment-size'
  | 'initdb-no-system-locales'
  | 'initdb-time-zone-leak'
  | 'initdb-databases-differ'
  | 'initdb-collations-differ'
  | 'initdb-collation-versions-differ'
  | 'initdb-settings-differ'
  | 'initdb-control-differs'
  | 'initdb-pages-differ'
  | 'initdb-files-differ'
  | 'initdb-output-differs'
  | 'compute-start-failed'
  | 'compute-start-warns'
  | 'collation-version-mismatch';

/** What was found wrong. Codes are stable; each has its entry in docs. */
export type FindingCode = WalredoFindingCode | ContractFindingCode | ArtefactFindingCode | InitdbFindingCode;
