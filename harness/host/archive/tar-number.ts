/**
 * A number in a tar header: octal digits between spaces and NULs, nothing at all for 0, or GNU's base 256, which begins
 * with 0x80, or 0xff when it is negative. Undefined for anything else.
 */
export function readTarNumber(field: Buffer): bigint | undefined {
  const first = field[0] ?? 0;
  if (first === 0x80) return BigInt(`0x${field.toString('hex', 1)}`);
  if (first === 0xff) return BigInt.asIntN(8 * field.length, BigInt(`0x${field.toString('hex')}`));
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : BigInt(`0o0${digits}`);
}
