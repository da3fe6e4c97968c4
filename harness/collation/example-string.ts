import { codePointName } from './code-point-set.ts';

/** A string as people can see it and as they can be sure of it. */
export interface ExampleString {
  readonly text: string;
  /** `U+0041`, and so on. */
  readonly codePoints: readonly string[];
}

/** A string with the names of its code points. */
export function exampleString(text: string): ExampleString {
  return {
    text,
    codePoints: Array.from(text, (character) => codePointName(character.codePointAt(0) ?? 0)),
  };
}
