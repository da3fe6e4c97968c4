import type { CharacterDrift } from '../../collation/locale-drift.ts';

/** How many characters have another case or class, in words, with one of them; undefined where none has. */
export function characterWords({ changed, examples }: CharacterDrift): string | undefined {
  const { lower, upper, ...classes } = changed;
  const others = Object.values(classes).reduce((sum, count) => sum + count, 0);
  if (lower + upper + others === 0) return undefined;
  const [example] = examples;
  const shown = example === undefined ? '' : `, "${example.character}" (${example.codePoint}) among them`;
  return `${String(lower)} characters have another lower(), ${String(upper)} another upper(), ${String(others)} changes of class${shown}`;
}
