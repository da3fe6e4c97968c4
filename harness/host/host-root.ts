import { RedoubtError } from '../error.ts';
import { openGivenRoot } from './archive-root.ts';
import { ensureImageRoot } from './docker/image-root.ts';
import { catalogueHost } from './host-catalogue.ts';
import { catalogueReference, imageReference } from './named-root.ts';
import type { Progress } from './progress.ts';
import { hostRecipe } from './debian/recipes.ts';
import { ensureRoot } from './root.ts';
import { libcWords, readRootFacts, type RootFacts } from './root-facts.ts';

/** A host that a run wants. */
export interface HostRequest {
  readonly name: string;
  /** A root tarball, an image's archive or layout, a folder, or `image:` and a reference, that is to be this host. */
  readonly archive: string | undefined;
  /** Asked for by name: a run without it says nothing. */
  readonly isRequired: boolean;
}

/** The root of a host on this machine, and what it says of itself. */
export interface HostRoot extends RootFacts {
  readonly name: string;
  readonly path: string;
  /** What the root is made of, fit for a name: the key of its recipe, or the digest of its archive; undefined for a folder. */
  readonly key: string | undefined;
  /** Path of the archive and its SHA-256, for a host that was given. */
  readonly archive: { readonly path: string; readonly digest: string | undefined } | undefined;
  /** Of the image in the machine's Docker daemon that it is. */
  readonly imageId?: string;
}

/** A host that cannot be had here. */
export interface AbsentHost {
  readonly name: string;
  readonly reason: string;
}

export type HostOutcome =
  { readonly kind: 'root'; readonly root: HostRoot } | { readonly kind: 'absent'; readonly host: AbsentHost };

/** Whether a host is made on this machine, of Debian's packages. */
export function isMadeHere({ name, archive }: HostRequest): boolean {
  return archive === undefined && catalogueHost(name)?.source.kind === 'debian';
}

/**
 * The root of a host: of its archive, or as the catalogue says. Throws `unknown-host` and `host-not-as-named` (usage),
 * and what opening an archive or making a root throws; one that this machine cannot have is `absent`, or, when it is
 * required, `host-absent` (infrastructure).
 */
export async function ensureHostRoot(request: HostRequest, progress: Progress): Promise<HostOutcome> {
  const { name, archive } = request;
  const reference = archive === undefined ? catalogueReference(name) : imageReference(archive);
  if (reference !== undefined) return imageHost(request, reference, progress);
  if (archive !== undefined) {
    const given = await openGivenRoot(archive, progress);
    const { path, digest, ...facts } = given;
    requireNamedLibc(name, archive, facts);
    return { kind: 'root', root: { ...facts, name, path, key: digest, archive: { path: archive, digest } } };
  }
  const { path, key, packages } = await ensureRoot(hostRecipe(name), progress);
  const facts = await readRootFacts(path);
  return { kind: 'root', root: { ...facts, packages, name, path, key, archive: undefined } };
}

async function imageHost(
  { name, archive, isRequired }: HostRequest,
  reference: string,
  progress: Progress,
): Promise<HostOutcome> {
  const image = await ensureImageRoot(reference, isRequired ? 'required' : 'optional', progress);
  if (typeof image === 'string') {
    if (isRequired) throw hostAbsent({ name, reason: image });
    return { kind: 'absent', host: { name, reason: image } };
  }
  requireNamedLibc(name, reference, image);
  const digest = image.imageId.slice('sha256:'.length);
  const given = { path: archive ?? `image:${reference}`, digest };
  return { kind: 'root', root: { ...image, name, key: digest, archive: given } };
}

/** The error for a host without which a run says nothing. */
export function hostAbsent({ name, reason }: AbsentHost): RedoubtError {
  return new RedoubtError('infrastructure', 'host-absent', `the host ${name} cannot be had here: ${reason}`, {
    remedy: `Give its root: --host ${name}=ARCHIVE (a root tarball, docker save, an OCI archive), or leave it out.`,
    details: { host: name, reason },
  });
}

/** A root under the name of a distro that it is not would be judged under a false name. */
function requireNamedLibc(name: string, archive: string, { libc }: Omit<RootFacts, 'source'>): void {
  const expected = catalogueHost(name)?.libc;
  if (expected === undefined) return;
  const isSame =
    libc.kind === expected.kind && (expected.version === null || libc.version === expected.version);
  if (isSame) return;
  const words = `${expected.kind}${expected.version === null ? '' : ` ${expected.version}`}`;
  throw new RedoubtError(
    'usage',
    'host-not-as-named',
    `${name} has ${words}, and ${archive} has ${libcWords(libc)}`,
    {
      remedy: 'Give it a name of its own.',
      details: { name, expected: words, found: libcWords(libc) },
    },
  );
}
