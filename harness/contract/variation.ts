import type { BundleLayout } from '../bundle/layout.ts';
import type { Variety } from './probe.ts';

/** Something about the surroundings of a walredo process that must not matter to its pages. */
export interface Variation {
  /** `with umask 0077`: fits behind "walredo". */
  readonly words: string;
  readonly variety: Variety;
}

/** Variations of one thing, which are one promise. */
export interface VariationGroup {
  readonly id: string;
  readonly text: string;
  readonly variations: readonly Variation[];
}

const hostileEnvironment = {
  TZ: 'Asia/Kathmandu',
  PGTZ: 'Asia/Kathmandu',
  LANG: 'de_DE.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  LANGUAGE: 'de',
  PGDATA: '/nonexistent',
  PGOPTIONS: '-c zero_damaged_pages=on',
  PGCLIENTENCODING: 'LATIN1',
  HOME: '/nonexistent',
  PATH: '/nonexistent',
  TMPDIR: '/nonexistent',
} as const;

/**
 * What glibc may choose its string functions by, and may be told not to have: what is left is the first x86-64. Names
 * that a version of glibc does not know are ignored by it.
 */
const maskedFeatures = `
  SSE3 SSSE3 SSE4_1 SSE4_2 POPCNT LZCNT BMI1 BMI2 MOVBE FMA FMA4 F16C AVX AVX2 AVX512F AVX512BW AVX512CD AVX512DQ
  AVX512VL ERMS FSRM RTM AVX_Usable AVX2_Usable AVX512F_Usable AVX_Fast_Unaligned_Load Fast_Unaligned_Load
  Fast_Unaligned_Copy Fast_Copy_Backward Slow_BSF XSAVE XSAVEC OSXSAVE
`
  .trim()
  .split(/\s+/);

const general: readonly VariationGroup[] = [
  {
    id: 'umask',
    text: 'the umask of the caller does not matter to pages',
    variations: [
      variation('umask 0', { circumstances: { umask: 0 } }),
      variation('umask 0077', { circumstances: { umask: 0o77 } }),
    ],
  },
  {
    id: 'working-directory',
    text: 'the working directory of the caller does not matter to pages',
    variations: ['/inout', '/dev'].map((path) =>
      variation(`working directory ${path}`, { workingDirectory: path }),
    ),
  },
  {
    id: 'environment',
    text: 'time zone, locale, PG* variables and malloc settings in the environment do not matter to pages',
    variations: [
      ...(['TZ', 'LC_ALL', 'PGOPTIONS', 'PGDATA'] as const).map((name) =>
        variation(`${name}=${hostileEnvironment[name]}`, { env: { [name]: hostileEnvironment[name] } }),
      ),
      variation(`${Object.keys(hostileEnvironment).join(', ')} all set`, { env: hostileEnvironment }),
      variation('MALLOC_PERTURB_=165 and MALLOC_ARENA_MAX=1', {
        // Memory that is used before it is set, or after it is freed, then has other bytes.
        env: { MALLOC_PERTURB_: '165', MALLOC_ARENA_MAX: '1' },
      }),
    ],
  },
  {
    id: 'limits',
    text: 'resource limits, low and high, do not matter to pages',
    variations: [
      variation('few open files (64)', { circumstances: { resourceLimits: { 'open-files': 64 } } }),
      variation('many open files', { circumstances: { resourceLimits: { 'open-files': 'unlimited' } } }),
      variation('a stack of 1 MiB', { circumstances: { resourceLimits: { stack: 2 ** 20 } } }),
      variation('a stack without limit, core dumps on and 4 GiB of address space', {
        circumstances: {
          resourceLimits: { stack: 'unlimited', core: 'unlimited', 'address-space': 4 * 2 ** 30 },
        },
      }),
    ],
  },
  {
    id: 'descriptors',
    text: 'descriptors that the caller left open do not matter to pages',
    variations: [variation('61 inherited descriptors', { circumstances: { inheritedDescriptors: 61 } })],
  },
  {
    id: 'cpu-features',
    text: 'the CPU features by which glibc chooses its code do not matter to pages (GLIBC_TUNABLES masks all beyond the first x86-64; code that asks the CPU itself is not reached)',
    variations: [
      variation('GLIBC_TUNABLES masking CPU features', {
        env: { GLIBC_TUNABLES: `glibc.cpu.hwcaps=${maskedFeatures.map((name) => `-${name}`).join(',')}` },
      }),
    ],
  },
  {
    id: 'no-devices',
    text: 'walredo runs in a root that has not even /dev/null, /dev/zero and /dev/urandom',
    variations: [variation('no devices', { circumstances: { devices: 'none' } })],
  },
];

const ofLauncher: VariationGroup = {
  id: 'launcher-name',
  text: 'LAUNCHER does not care by what name it was called',
  variations: ['', '-sh', '../other/name'].map((argv0) =>
    variation(`argv[0] ${JSON.stringify(argv0)}`, { circumstances: { argv0 } }),
  ),
};

/** What is varied for a bundle of a layout. */
export function variationGroups(layout: BundleLayout): readonly VariationGroup[] {
  return layout === 'chroot' ? [...general, ofLauncher] : general;
}

function variation(what: string, variety: Variety): Variation {
  return { words: `with ${what}`, variety };
}
