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
export type ContractFindingCode = 'launch-failed' | 'version-mismatch' | 'launcher-lenient';

/** What a bundle's initdb can be found to do wrong. */
export type InitdbFindingCode =
  | 'initdb-failed'
  | 'initdb-wrong-place'
  | 'initdb-wrong-major'
  | 'initdb-wrong-settings'
  | 'initdb-hosts-differ';

/** What was found wrong. Codes are stable; each has its entry in docs. */
export type FindingCode = WalredoFindingCode | ContractFindingCode | InitdbFindingCode;
