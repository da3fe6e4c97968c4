import { RedoubtError } from '../../error.ts';

/** Why an archive is not unpacked; stable, for tests and machines. */
export type RefusalReason =
  | 'absolute-name'
  | 'contents'
  | 'control-character'
  | 'duplicate-name'
  | 'empty-name'
  | 'extended-header'
  | 'file-capabilities'
  | 'hard-link-out'
  | 'link-out'
  | 'name-not-utf8'
  | 'name-too-long'
  | 'number'
  | 'parent-not-a-folder'
  | 'parent-reference'
  | 'set-user-id'
  | 'sparse'
  | 'special-file'
  | 'too-deep'
  | 'too-large'
  | 'too-many-entries'
  | 'trailing-data';

const shownLength = 200;

/** An error of kind usage that names the archive, the entry for which it is refused, and why. */
export function refuse(archive: string, reason: RefusalReason, entry: string, why: string): RedoubtError {
  return new RedoubtError(
    'usage',
    `archive-${reason}`,
    `${archive} is refused: entry ${showName(entry)} ${why}`,
    {
      remedy: 'Ask whoever made this archive: it may hold only plain files, folders and links among them.',
      details: { reason, archive, entry },
    },
  );
}

/** A name out of an archive, in quotes: what a terminal would act upon is shown, not sent. */
export function showName(name: string): string {
  const short = name.length > shownLength ? `${name.slice(0, shownLength)}…` : name;
  return JSON.stringify(short).replaceAll(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Control characters, breaks of lines, and what turns the direction of text. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Whether a terminal or a reader could be misled by a name: it has control characters, line breaks or marks of direction. */
export function hasInvisible(text: string): boolean {
  return text.search(invisible) >= 0;
}
