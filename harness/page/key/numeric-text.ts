/** Bits of the first header word (utils/adt/numeric.c, 14-18). */
const signMask = 0xc000;
const isShort = 0x8000;
const isSpecial = 0xc000;
const shortNegative = 0x2000;
const longNegative = 0x4000;
const digitsOfGroup = 4;

/** A numeric as PostgreSQL writes it; undefined where the bytes are none. */
export function numericText(bytes: Buffer): string | undefined {
  if (bytes.length < 2) return undefined;
  const header = bytes.readUInt16LE(0);
  switch (header & signMask) {
    case isSpecial:
      return new Map([
        [0xc000, 'NaN'],
        [0xd000, 'Infinity'],
        [0xf000, '-Infinity'],
      ]).get(header);
    case isShort: {
      const weight = (header & 0x3f) - (header & 0x40);
      return written(bytes.subarray(2), weight, (header >>> 7) & 0x3f, (header & shortNegative) !== 0);
    }
    default: {
      if (bytes.length < 4) return undefined;
      const weight = (bytes.readUInt16LE(2) << 16) >> 16;
      return written(bytes.subarray(4), weight, header & 0x3fff, (header & signMask) === longNegative);
    }
  }
}

/** `weight` is the power of 10000 of the first group, `scale` how many decimals are shown. */
function written(bytes: Buffer, weight: number, scale: number, isNegative: boolean): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const group = (power: number): string => {
    const at = 2 * (weight - power);
    const value = at >= 0 && at < bytes.length ? bytes.readUInt16LE(at) : 0;
    return String(value).padStart(digitsOfGroup, '0');
  };
  let whole = '';
  for (let power = weight; power >= 0; power--) whole += group(power);
  let decimals = '';
  for (let power = -1; decimals.length < scale; power--) decimals += group(power);
  const shown = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${isNegative ? '-' : ''}${shown}${scale === 0 ? '' : `.${decimals.slice(0, scale)}`}`;
}
