import { RedoubtError } from '../../error.ts';
import { catalogueHost, catalogueHosts } from '../host-catalogue.ts';
import type { NpmServer } from '../npm/npm-server.ts';
import type { DebianRecipe, NpmServerRecipe } from './root-recipe.ts';

/** The suite whose archive has the server and the headers of a major. */
const debianServers: Readonly<Record<number, string>> = {
  13: 'bullseye',
  15: 'bookworm',
  17: 'trixie',
  18: 'forky',
};

/** The host to which npm's servers are added: a libc between the oldest and the newest, and made for each run anyway. */
const npmServerHost = 'debian:12';

/** The host on which a bundle's C library is laid: the programs of the oldest release run on any that is newer. */
export const bundleBaseHost = 'debian:11';

/** Every host that is made of Debian's packages, as the user names it. */
export function hostNames(): readonly string[] {
  return catalogueHosts().flatMap(({ name, source }) => (source.kind === 'debian' ? [name] : []));
}

/** Every major of which Debian has a server and its headers. */
export function debianServerMajors(): readonly number[] {
  return Object.keys(debianServers).map(Number);
}

/** Of these the ones that a run has that names none. */
export function defaultHostNames(): readonly string[] {
  return hostNames().filter((name) => catalogueHost(name)?.judged === 'always');
}

/**
 * The root in which a bundle runs. It holds every locale, so that a bundle that leans on the host's locales finds them
 * and shows it. Throws `usage` for a name that is not in the table.
 */
export function hostRecipe(name: string): DebianRecipe {
  const source = catalogueHost(name)?.source;
  if (source?.kind !== 'debian') {
    throw new RedoubtError('usage', 'unknown-host', `there is no host named ${name}`, {
      remedy: `Known hosts: ${hostNames().join(', ')}.`,
      details: { name, known: hostNames() },
    });
  }
  return { kind: 'debian', name, suite: source.suite, packages: ['locales-all'] };
}

/** The root of a compute image: Debian with its own server of that major. Throws `usage` when Debian has none. */
export function debianServerRecipe(major: number): DebianRecipe {
  return {
    kind: 'debian',
    name: `compute:${major}`,
    suite: serverSuite(major),
    packages: ['locales-all', `postgresql-${major}`, 'tzdata'],
    // The package's script would make a cluster of its own, of which nobody has any use.
    files: { '/etc/postgresql-common/createcluster.conf': 'create_main_cluster = false\n' },
  };
}

/** The root of a compute image: a host with a server of npm's in it. */
export function npmServerRecipe(server: NpmServer): NpmServerRecipe {
  return {
    kind: 'npm-server',
    name: `compute:npm-${server.serverVersion}`,
    base: hostRecipe(npmServerHost),
    server,
  };
}

/**
 * The root in which native code is compiled against a major's headers. The headers' package is only unpacked: it
 * depends on clang and LLVM. Throws `usage` when Debian has no server of that major.
 */
export function buildRecipe(major: number): DebianRecipe {
  return {
    kind: 'debian',
    name: `build:${major}`,
    suite: serverSuite(major),
    packages: ['binutils', 'busybox-static', 'gcc', 'libc6-dev', 'patchelf', 'strace'],
    extracted: [`postgresql-server-dev-${major}`],
  };
}

/** A root with the source of Debian's server of a major, and what compiles its regression suite's C functions. */
export function regressionRecipe(major: number): DebianRecipe {
  return {
    kind: 'debian',
    name: `regress:${major}`,
    suite: serverSuite(major),
    packages: ['bzip2', 'dpkg-dev', 'gcc', 'libc6-dev', 'patch', 'xz-utils'],
    extracted: [`postgresql-server-dev-${major}`],
    sources: [serverSource(major)],
  };
}

/** A root with the source of Debian's server of a major, and what builds it with static libraries alone. */
export function staticBuildRecipe(major: number): DebianRecipe {
  return {
    kind: 'debian',
    name: `static:${major}`,
    suite: serverSuite(major),
    packages: [
      'bison',
      'bzip2',
      'dpkg-dev',
      'flex',
      'g++',
      'gcc',
      'libc6-dev',
      'libicu-dev',
      'liblz4-dev',
      'libzstd-dev',
      'make',
      'patch',
      'perl',
      'xz-utils',
    ],
    sources: [serverSource(major)],
  };
}

/** The source package of Debian's server of a major. */
export function serverSource(major: number): string {
  return `postgresql-${major}`;
}

/** The kernel of Debian 11's last point release; its archive is complete, so that this one stays. */
export const floorKernelRelease = '5.10.0-32-cloud-amd64';

/** What that kernel needs to see disks (ext4 is built in), in the order in which it is loaded. */
export const floorKernelModules: readonly string[] = [
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio_pci',
  'drivers/block/virtio_blk',
];

/** A root with an emulator, and of Debian 11's Linux 5.10, the RFC's oldest, what is needed to run it there. */
export function floorKernelRecipe(): DebianRecipe {
  return {
    kind: 'debian',
    name: 'kernel:5.10',
    suite: 'bookworm',
    packages: ['e2fsprogs', 'qemu-system-x86'],
    otherSuites: ['bullseye'],
    extracted: [`linux-image-${floorKernelRelease}`],
    extractedPaths: [
      `./boot/vmlinuz-${floorKernelRelease}`,
      ...floorKernelModules.map((module) => `./lib/modules/${floorKernelRelease}/kernel/${module}.ko`),
    ],
  };
}

/** The root in which the harness's own native helper is compiled. */
export function helperRecipe(): DebianRecipe {
  return buildRecipe(15);
}

function serverSuite(major: number): string {
  const suite = debianServers[major];
  if (suite === undefined) {
    throw new RedoubtError('usage', 'unknown-major', `no Debian suite has PostgreSQL ${major}`, {
      remedy: `Majors that can be had: ${debianServerMajors().join(', ')}.`,
      details: { major },
    });
  }
  return suite;
}
