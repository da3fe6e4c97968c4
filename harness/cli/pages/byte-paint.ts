import type { Colors } from 'picocolors/types.js';

import type { ByteClass } from '../../page/byte-classes.ts';

/** How bytes of a page are coloured. */
export interface BytePaint {
  readonly class: (of: ByteClass, text: string) => string;
  readonly differs: (text: string) => string;
}

/** The colours of the report's page explorer, as near as a terminal has them. */
export function bytePaint(colours: Colors): BytePaint {
  const ofClass: Readonly<Record<ByteClass, (text: string) => string>> = {
    header: colours.cyan,
    pointer: colours.magenta,
    tuple: colours.yellow,
    data: colours.green,
    content: colours.blue,
    free: colours.dim,
    special: colours.cyanBright,
  };
  return {
    class: (of, text) => ofClass[of](text),
    differs: (text) => colours.inverse(colours.red(text)),
  };
}
