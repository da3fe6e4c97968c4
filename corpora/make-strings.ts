import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// Writes corpora/strings: names of regions, languages, months, days and currencies in many languages, out of the CLDR that
// Node carries. Run it by hand: node corpora/make-strings.ts

const directory = join(import.meta.dirname, 'strings');

const languages =
  'en zh es hi ar pt ru ja de fr ko tr vi it pl uk fa nl th id cs ro hu el sv he da fi no bg sk hr lt lv et sl sr is ga cy eu ca ka hy az kk km lo my ta te bn ur ne si am mk sq bs mt'.split(
    ' ',
  );
const regions =
  'AD AE AF AL AM AO AR AT AU AZ BA BD BE BG BO BR BY CA CD CH CI CL CN CO CR CU CY CZ DE DK DZ EC EE EG ES ET FI FR GB GE GH GR GT HK HN HR HU ID IE IL IN IQ IR IS IT JM JO JP KE KH KR KW KZ LA LB LK LT LU LV LY MA MD ME MG MK MM MN MT MX MY NE NG NL NO NP NZ OM PA PE PH PK PL PT PY QA RO RS RU SA SD SE SG SI SK SN SO SV SY TH TN TR TW TZ UA UG US UY UZ VE VN YE ZA ZM ZW'.split(
    ' ',
  );
const currencies =
  'USD EUR JPY GBP CNY AUD CAD CHF SEK NOK DKK PLN CZK HUF RUB TRY INR BRL ZAR KRW MXN ILS THB VND'.split(
    ' ',
  );

function namesIn(language: string): readonly string[] {
  const regionNames = new Intl.DisplayNames([language], { type: 'region' });
  const languageNames = new Intl.DisplayNames([language], { type: 'language' });
  const currencyNames = new Intl.DisplayNames([language], { type: 'currency' });
  const months = new Intl.DateTimeFormat([language], { month: 'long', timeZone: 'UTC' });
  const days = new Intl.DateTimeFormat([language], { weekday: 'long', timeZone: 'UTC' });
  return [
    ...regions.map((code) => regionNames.of(code) ?? code),
    ...languages.map((code) => languageNames.of(code) ?? code),
    ...currencies.map((code) => currencyNames.of(code) ?? code),
    ...Array.from({ length: 12 }, (_, month) => months.format(new Date(Date.UTC(2024, month, 1)))),
    ...Array.from({ length: 7 }, (_, day) => days.format(new Date(Date.UTC(2024, 0, 1 + day)))),
  ];
}

const lines = languages.flatMap((language) => {
  const names = [...new Set(namesIn(language).map((name) => name.normalize('NFC').trim()))];
  return [`# ${language}`, ...names];
});
const content = `${lines.join('\n')}\n`;
await mkdir(directory, { recursive: true });
await writeFile(join(directory, 'cldr-names.txt'), content);
const manifest = {
  schemaVersion: 1,
  file: 'cldr-names.txt',
  sha256: createHash('sha256').update(content).digest('hex'),
  what: 'Names of regions, languages, currencies, months and days, a line each, after a line with the language.',
  origin: `Unicode CLDR ${process.versions['cldr'] ?? ''}, as Node.js carries it; made by corpora/make-strings.ts`,
  licence: 'Unicode-3.0',
};
await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
