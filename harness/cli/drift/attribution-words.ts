import type { ExampleString } from '../../collation/example-string.ts';
import type { Palette } from '../../report/console-view.ts';
import type { CauseView } from '../../report/html/drift-html.ts';
import { table } from '../table.ts';

const shownNames = 6;

/** Which part is to blame for what changes, and the runs that show it, in lines. */
export function attributionLines(causes: readonly CauseView[], palette: Palette): readonly string[] {
  const lines = causes.flatMap((cause) => causeLines(cause, palette));
  return ['', ...(lines.length === 0 ? ['cause    nothing to attribute'] : lines)];
}

function causeLines(
  { provider, locales, cause, pairs, characters, runs, idle, notExchanged }: CauseView,
  palette: Palette,
): readonly string[] {
  const more = locales.length - shownNames;
  const listed = `${locales.slice(0, shownNames).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  const asked = [
    ...pairs.map(({ left, right }) => `${shown(left)} ? ${shown(right)}`),
    ...characters.map(({ what, character }) => `${what}(${placed(character)})`),
  ].join('   ');
  return [
    `cause    ${provider} ${palette.strong(listed)}: ${cause}`,
    `    asked${locales.length > 1 ? ` of ${locales[0] ?? ''}` : ''}: ${asked}`,
    ...table(
      ['    exchanged', 'libraries', 'server', 'environment'],
      runs.map(({ exchanged, libraries, server, environment }) => [
        `    ${exchanged}`,
        libraries,
        server,
        environment,
      ]),
    ),
    ...(idle.length === 0 ? [] : [`    exchanged without effect: ${idle.join(', ')}`]),
    ...notExchanged.map(({ part, why }) => `    not exchanged: ${part}: ${why}`),
  ];
}

/** A letter as it looks and as it is; many that differ look the same. */
function placed(character: ExampleString): string {
  return [...new Set([shown(character), ...character.codePoints])].join(' ');
}

/** Control characters and lone marks would spoil the line. */
function shown({ text, codePoints }: ExampleString): string {
  return /[\p{C}\p{Zl}\p{Zp}]|^\p{M}/u.test(text) ? codePoints.join(' ') : `"${text}"`;
}
