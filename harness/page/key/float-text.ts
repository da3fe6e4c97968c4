/** DBL_DIG and FLT_DIG: from so many digits before the point on, PostgreSQL writes an exponent (common/d2s.c, common/f2s.c). */
const mostDigits = { double: 15, single: 6 } as const;
/** Beyond it every double is whole. */
const mostFractional = 2 ** 53;
const longestDouble = 17;
const longestSingle = 9;

/**
 * A float8 as PostgreSQL writes it: the shortest digits that are read as the same number, and not by the rounding of a tie
 * (acceptBounds of common/d2s.c is false; JavaScript's own shortest digits may be such).
 */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const shortest = nearest(value, digitsOf(value.toExponential()) - 1);
  if (!isTie(value, shortest)) return written(value, shortest, mostDigits.double);
  for (let digits = digitsOf(shortest); digits < longestDouble - 1; digits++) {
    const text = nearest(value, digits);
    if (Number(text) === value && !isTie(value, text)) return written(value, text, mostDigits.double);
  }
  return written(value, nearest(value, longestDouble - 1), mostDigits.double);
}

function digitsOf(exponential: string): number {
  return exponential.replace(/e.*$/, '').replaceAll(/\D/g, '').length;
}

/** As many digits as toExponential can give: enough to tell a half from what is nearly one. */
const mostDecimals = 100;

/** `toExponential` that takes the even one of two decimals that are equally near, as PostgreSQL does, and not the larger. */
function nearest(value: number, decimals: number): string {
  const exact = /^(-?)(\d)\.(\d+)(e.*)$/.exec(value.toExponential(mostDecimals));
  const [, sign = '', first = '', more = '', power = ''] = exact ?? [];
  const kept = `${first}${more.slice(0, decimals)}`;
  const isEvenHalf = /^50*$/.test(more.slice(decimals)) && /[02468]$/.test(kept);
  if (!isEvenHalf) return value.toExponential(decimals);
  return `${sign}${first}${decimals === 0 ? '' : `.${kept.slice(1)}`}${power}`;
}

/** Whether a decimal lies just between a double and its neighbour: only whole numbers have so few digits. */
function isTie(value: number, text: string): boolean {
  if (Math.abs(value) < mostFractional) return false;
  const [, sign = '', first = '', more = '', power = ''] = /^(-?)(\d)(?:\.(\d+))?e\+(\d+)$/.exec(text) ?? [];
  const written = BigInt(`${sign}${first}${more.padEnd(Number(power), '0')}`);
  const apart = 2n * (written - BigInt(value));
  return (apart < 0n ? -apart : apart) === unitOf(value);
}

/** How far a double of at least 2^53 is from the next one. */
function unitOf(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return 2n ** BigInt(((bits.getUint16(0) >>> 4) & 0x7ff) - 1075);
}

/** A float4 likewise. */
export function singleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const ties = new Set([-1, 1].map((step) => (value + neighbour(value, step)) / 2));
  for (let digits = 0; digits < longestSingle - 1; digits++) {
    const text = nearest(value, digits);
    const read = Number(text);
    if (Math.fround(read) === value && !ties.has(read)) return written(value, text, mostDigits.single);
  }
  return written(value, nearest(value, longestSingle - 1), mostDigits.single);
}

/** The next single; the middle between two of them is a double. */
function neighbour(value: number, step: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + step);
  return bits.getFloat32(0);
}

function written(value: number, exponential: string, most: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [, sign = '', first = '', more = '', power = ''] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(exponential) ?? [];
  const exponent = Number(power);
  const digits = `${first}${more}`.replace(/0+$/, '') || '0';
  if (exponent < -4 || exponent >= most) {
    const mantissa = digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`;
    const shown = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${shown}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const decimals = digits.slice(exponent + 1);
  return `${sign}${whole}${decimals === '' ? '' : `.${decimals}`}`;
}
