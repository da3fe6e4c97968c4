import type { Palette } from '../../report/console-view.ts';
import type { Reproduction } from '../../reproduction/reproduction.ts';
import type { ReproductionOutput } from '../../reproduction/run-reproduction.ts';

/** A reproduction for people: the two strings, and what is seen on either side, line by line. */
export function reproductionLines(
  { provider, locale, left, right, compared, warned, from, to }: Reproduction,
  { expected, seen }: ReproductionOutput,
  { bad, faint, strong }: Palette,
): readonly string[] {
  const width = Math.max(from.name.length, ...expected.map((line) => line.length));
  const rows = Array.from({ length: Math.max(expected.length, seen.length) }, (_, index) => {
    const [before = '', after = ''] = [expected[index], seen[index]];
    return `    ${before.padEnd(width)}  ${before === after ? faint(after) : bad(after)}`;
  });
  return [
    `${strong(`${provider} ${locale}`)}: 1 ${compared.from} 2 in ${from.name}, 1 ${compared.to} 2 in ${to.name}; PostgreSQL ${warned ? 'warns' : 'gives no warning'}`,
    `1        "${left.text}"  ${faint(left.codePoints.join(' '))}`,
    `2        "${right.text}"  ${faint(right.codePoints.join(' '))}`,
    '',
    `    ${strong(from.name.padEnd(width))}  ${strong(to.name)}`,
    ...rows,
    '',
  ];
}
