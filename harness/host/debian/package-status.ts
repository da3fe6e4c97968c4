/**
 * Versions of the installed packages in the text of dpkg's `var/lib/dpkg/status` (deb-control(5) stanzas), by name, in
 * the order of names.
 */
export function parsePackageStatus(status: string): Readonly<Record<string, string>> {
  const versions = status.split('\n\n').flatMap((stanza): readonly (readonly [string, string])[] => {
    const name = field(stanza, 'Package');
    const version = field(stanza, 'Version');
    const isInstalled = field(stanza, 'Status')?.endsWith(' installed') ?? false;
    return name === undefined || version === undefined || !isInstalled ? [] : [[name, version]];
  });
  return Object.fromEntries(versions.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function field(stanza: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
}
