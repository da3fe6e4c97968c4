import { RedoubtError } from '../../error.ts';

/** Why an archive is not unpacked; stable, for tests and machines. */
export type RefusalReason =
  | 'absolute-name'
  | 'control-character'
  | 'duplicate-name'
  | 'empty-name'
  | 'hard-link-out'
  | 'link-out'
  | 'name-not-utf8'
  | 'parent-not-a-folder'
  | 'parent-reference'
  | 'set-user-id'
  | 'special-file'
  | 'too-deep'
  | 'too-large'
  | 'too-many-entries'
  | 'truncated';

/** An error of kind usage that names the entry for which an archive is refused. */
export function refuse(reason: RefusalReason, entry: string, why: string): RedoubtError {
  // The name is the archive's: what a terminal would act upon is shown, not sent.
  const shown = JSON.stringify(entry.length > 200 ? `${entry.slice(0, 200)}…` : entry);
  return new RedoubtError('usage', `archive-${reason}`, `the archive is refused: entry ${shown} ${why}`, {
    remedy: 'Ask whoever made this bundle: a bundle holds only plain files, folders and links among them.',
    details: { reason, entry },
  });
}
