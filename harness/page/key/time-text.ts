/* Times as PostgreSQL writes them with DateStyle ISO and TimeZone UTC (utils/adt/datetime.c, 14-18). */

const dayMicroseconds = 86_400_000_000n;
/** From 0000-03-01 to 2000-01-01, the epoch of dates (POSTGRES_EPOCH_JDATE). */
const daysBeforeEpoch = 730_425;
const daysOf400Years = 146_097;

/** A date: days since 2000-01-01. */
export function dateText(days: number): string {
  if (days === 0x7fff_ffff) return 'infinity';
  if (days === -0x8000_0000) return '-infinity';
  const { date, era } = civil(days);
  return `${date}${era}`;
}

/** A timestamp without time zone: microseconds since 2000-01-01; `zone` is put behind it. */
export function timestampText(microseconds: bigint, zone = ''): string {
  if (microseconds === 0x7fff_ffff_ffff_ffffn) return 'infinity';
  if (microseconds === -0x8000_0000_0000_0000n) return '-infinity';
  const inDay = ((microseconds % dayMicroseconds) + dayMicroseconds) % dayMicroseconds;
  const { date, era } = civil(Number((microseconds - inDay) / dayMicroseconds));
  return `${date} ${timeText(inDay)}${zone}${era}`;
}

/** A time of day: microseconds since midnight. */
export function timeText(microseconds: bigint): string {
  const seconds = Number(microseconds / 1_000_000n);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = String(microseconds % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${parts.map(two).join(':')}${fraction === '' ? '' : `.${fraction}`}`;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}

/** The Gregorian day, with years that begin in March so that a leap day ends one. */
function civil(days: number): { readonly date: string; readonly era: string } {
  const shifted = days + daysBeforeEpoch;
  const cycle = Math.floor(shifted / daysOf400Years);
  const day = shifted - cycle * daysOf400Years;
  const yearOfCycle = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const dayOfYear = day - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0);
  const shown = year > 0 ? year : 1 - year;
  return {
    date: `${String(shown).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`,
    era: year > 0 ? '' : ' BC',
  };
}
