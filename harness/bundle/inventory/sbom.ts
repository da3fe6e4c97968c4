import { hash } from 'node:crypto';

import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

import { redoubtVersion } from '../../version.ts';
import type { BundleDescription } from './describe-bundle.ts';
import type { OwningPackage } from './package-manifest.ts';

/** One thing that a bundle is made of, wherever in it it occurs. */
interface Part {
  readonly type: Enums.ComponentType;
  readonly name: string;
  readonly version: string | null;
  readonly purl: string | null;
  readonly properties: Set<string>;
}

/**
 * The bill of materials of a bundle as CycloneDX 1.6 in JSON: servers; the packages that the bundle names, with their
 * libraries; and each library of which no package of a distro is known. The same bundle gives the same bytes: there is no
 * time in it, and its serial number is made of the bundle's digest.
 */
export function writeSbom(description: BundleDescription): string {
  const bundle = new Models.Component(Enums.ComponentType.Application, 'postgres-bundle', {
    bomRef: `bundle:${description.digest}`,
    version: description.digest.slice(0, 12),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], description.digest]]),
    properties: new Models.PropertyRepository([new Models.Property('redoubt:layout', description.layout)]),
  });
  const components = [...partsOf(description)].map(([reference, part]) => {
    const { type, name, version, purl, properties } = part;
    return new Models.Component(type, name, {
      bomRef: reference,
      ...(version === null ? {} : { version }),
      ...(purl === null ? {} : { purl }),
      properties: new Models.PropertyRepository(
        [...properties].map((text) => {
          const at = text.indexOf('=');
          return new Models.Property(text.slice(0, at), text.slice(at + 1));
        }),
      ),
    });
  });
  for (const { bomRef } of components) bundle.dependencies.add(bomRef);
  const tool = new Models.Component(Enums.ComponentType.Application, 'redoubt', { version: redoubtVersion });
  const bom = new Models.Bom({
    serialNumber: serialNumber(description),
    metadata: new Models.Metadata({
      component: bundle,
      tools: new Models.Tools({ components: new Models.ComponentRepository([tool]) }),
    }),
    components: new Models.ComponentRepository(components),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function partsOf({ majors }: BundleDescription): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  const add = (part: Omit<Part, 'properties'>, ...properties: readonly string[]): void => {
    const reference = part.purl ?? `${part.name}@${part.version ?? ''}`;
    const known = parts.get(reference) ?? { ...part, properties: new Set<string>() };
    for (const property of properties) known.properties.add(property);
    parts.set(reference, known);
  };
  for (const { major, server, packages, libraries } of majors) {
    const [, version = server.version] = /^(\S+)/.exec(server.version) ?? [];
    add(
      {
        type: Enums.ComponentType.Application,
        name: 'postgresql',
        version,
        purl: `pkg:generic/postgresql@${version}`,
      },
      `redoubt:major=${String(major)}`,
      `redoubt:path=${server.path}`,
    );
    for (const owner of packages) add(packagePart(owner), `redoubt:major=${String(major)}`);
    for (const library of libraries) {
      const properties = [`redoubt:major=${String(major)}`, `redoubt:path=${library.path}`];
      const { package: owner } = library;
      if (owner?.distro !== undefined) {
        add(packagePart(owner), ...properties);
        continue;
      }
      // What a package of npm's carries along has versions, and faults, of its own.
      const name = library.soname.replace(/\.so.*$/, '');
      add(
        {
          type: Enums.ComponentType.Library,
          name,
          version: library.version,
          purl: `pkg:generic/${encodeURIComponent(name)}${library.version === null ? '' : `@${library.version}`}`,
        },
        ...properties,
        ...(owner === null ? [] : [`redoubt:package=${owner.name}@${owner.version}`]),
      );
    }
  }
  return parts;
}

function packagePart(owner: OwningPackage): Omit<Part, 'properties'> {
  const { name, version } = owner;
  const type = name.startsWith('postgresql-') ? Enums.ComponentType.Application : Enums.ComponentType.Library;
  return { type, name, version, purl: packageUrl(owner) };
}

/** https://github.com/package-url/purl-spec: a package of Debian's, or of npm's with its scope. */
function packageUrl({ name, version, distro, suite = '' }: OwningPackage): string {
  const [scope, plain] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const path = [scope, plain]
    .filter((part) => part !== undefined)
    .map(encodeURIComponent)
    .join('/');
  return distro === undefined
    ? `pkg:npm/${path}@${encodeURIComponent(version)}`
    : `pkg:deb/${encodeURIComponent(distro)}/${path}@${encodeURIComponent(version)}?arch=amd64&distro=${encodeURIComponent(suite)}`;
}

/** A UUID of the form that CycloneDX wants, out of the bundle's digest (RFC 9562, version 8). */
function serialNumber({ digest }: BundleDescription): string {
  const hex = hash('sha256', `redoubt sbom ${digest}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
