import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { majorsOfRecording, tapeOfRecording } from '../../redo/tape/recording.ts';
import { Tape } from '../../redo/tape/tape.ts';

/** A tape that the user named, and the name by which it goes in the report. */
export interface GivenTape {
  readonly label: string;
  readonly tape: Tape;
}

/**
 * Opens tapes that were given: folders that `capture` made, and recordings, which become tapes below `scratch`. A
 * recording does not say its major: it is taken from `majors`, which must then be one.
 * @throws RedoubtError what opening throws; `recording-major` or `tape-twice` (usage).
 */
export function openGivenTapes(
  paths: readonly string[],
  majors: readonly number[] | undefined,
  scratch: string,
): readonly GivenTape[] {
  const given = paths.map((path, number): GivenTape => {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
      return { label: labelOf(resolve(path)), tape: Tape.open(path) };
    }
    const directory = join(scratch, `recording-${String(number)}`);
    tapeOfRecording(path, majorOfRecording(path, majors), directory);
    return { label: basename(path), tape: Tape.open(directory) };
  });
  const names = given.map(({ label, tape }) => `${label} of PostgreSQL ${String(tape.manifest.major)}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return given;
  throw new RedoubtError('usage', 'tape-twice', `--tape: two tapes go by the name ${twice}`, {
    remedy: 'Give them folders of different names.',
  });
}

/** A tape of the cache lies in a folder that is just called `tape`. */
function labelOf(directory: string): string {
  return basename(directory) === 'tape' ? basename(dirname(directory)) : basename(directory);
}

function majorOfRecording(path: string, majors: readonly number[] | undefined): number {
  const [major] = majors ?? [];
  if (major !== undefined && majors?.length === 1) return major;
  const fitting = majorsOfRecording(path);
  const [likely = 17] = fitting;
  throw new RedoubtError(
    'usage',
    'recording-major',
    `the recording ${path} does not say of which major it is`,
    {
      remedy:
        fitting.length === 0
          ? 'Name it with --pg, as in --pg 17.'
          : `Name it with --pg, as in --pg ${String(likely)}: its records are such as PostgreSQL ${fitting.join(', ')} would write.`,
    },
  );
}
