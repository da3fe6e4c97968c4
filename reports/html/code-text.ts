import { element, type Child } from './dom.ts';

/** Words in which code stands between backticks. */
export function codeText(words: string): readonly Child[] {
  return words
    .split('`')
    .map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part))
    .filter((part) => part !== '');
}
