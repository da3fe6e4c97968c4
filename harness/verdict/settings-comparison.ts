/** A setting of postgresql.conf that two files do not agree on; null where it is not set. */
export interface SettingDifference {
  readonly name: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

export interface SettingsComparison {
  readonly settings: readonly SettingDifference[];
  /** Lines that are no settings, such as comments, and stand in one file only; at most a few of them. */
  readonly otherLines: readonly string[];
}

const setting = /^\s*([a-z_]+(?:\.[a-z_]+)?)\s*=?\s*('(?:[^']|'')*'|[^#\s]+)/;
const shownLines = 5;

/** The settings of a configuration file that are set, unquoted; the last line of a name counts, as for the server. */
export function readSettings(file: Buffer): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of lines(file)) {
    const match = setting.exec(line);
    if (match?.[1] !== undefined) settings.set(match[1], unquote(match[2] ?? ''));
  }
  return settings;
}

/** What two configuration files do not agree on: the values of settings, then lines that set nothing. */
export function diffSettings(expected: Buffer, actual: Buffer): SettingsComparison {
  const [left, right] = [readSettings(expected), readSettings(actual)];
  const settings = [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => ({ name, expected: left.get(name) ?? null, actual: right.get(name) ?? null }));
  const differing = new Set(settings.map(({ name }) => name));
  const [leftLines, rightLines] = [commentary(expected, differing), commentary(actual, differing)];
  const otherLines = [
    ...leftLines.filter((line) => !rightLines.includes(line)),
    ...rightLines.filter((line) => !leftLines.includes(line)),
  ];
  return { settings, otherLines: otherLines.slice(0, shownLines) };
}

/** The lines but for those of the settings that differ anyway, whether set or commented out. */
function commentary(file: Buffer, differing: ReadonlySet<string>): readonly string[] {
  return lines(file).filter((line) => !differing.has(setting.exec(line.replace(/^#/, ''))?.[1] ?? ''));
}

function lines(file: Buffer): readonly string[] {
  return file.toString('utf8').split('\n');
}

function unquote(value: string): string {
  return value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value;
}
