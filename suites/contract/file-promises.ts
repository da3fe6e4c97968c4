import type { FileFault } from '../../harness/bundle/files/file-fault.ts';
import { accountFaults, layoutFaults } from '../../harness/bundle/files/layout-files.ts';
import { libraryFaults } from '../../harness/bundle/files/library-faults.ts';
import { localeFaults } from '../../harness/bundle/files/locale-faults.ts';
import { machineFaults } from '../../harness/bundle/files/machine-faults.ts';
import type { MajorFiles } from '../../harness/bundle/files/major-files.ts';
import { moduleFaults } from '../../harness/bundle/files/module-faults.ts';
import { scriptFaults } from '../../harness/bundle/files/script-faults.ts';
import { serverFaults } from '../../harness/bundle/files/server-faults.ts';
import { shareFaults } from '../../harness/bundle/files/share-faults.ts';
import { staticFaults } from '../../harness/bundle/files/static-faults.ts';
import { timeZoneFaults } from '../../harness/bundle/files/time-zone-faults.ts';
import { treeFaults } from '../../harness/bundle/files/tree-faults.ts';
import { leanings } from '../../harness/bundle/files/leanings.ts';
import type { BundleLayout } from '../../harness/bundle/layout.ts';

/** One promise about a bundle's files: what it says, of which layouts, and the rules that find it broken. */
export interface FilePromise {
  readonly id: string;
  readonly layouts: readonly BundleLayout[];
  readonly text: string;
  readonly rules: readonly ((files: MajorFiles) => readonly FileFault[])[];
  /** What is no fault and ought to be known. */
  readonly note?: (files: MajorFiles) => readonly string[];
}

const all: readonly BundleLayout[] = ['chroot', 'pg-install', 'static'];
const dynamic: readonly BundleLayout[] = ['chroot', 'pg-install'];

/** Every promise about files, in the order in which they are examined. */
export const filePromises: readonly FilePromise[] = [
  {
    id: 'layout',
    layouts: all,
    text: 'the programs lie where the interface names them, and nothing lies in /inout',
    rules: [layoutFaults, serverFaults],
  },
  {
    id: 'tree',
    layouts: all,
    text: 'every link leads to something inside, and nothing is setuid, a device or a pipe',
    rules: [treeFaults],
  },
  {
    id: 'machine',
    layouts: all,
    text: 'every program and library is for x86-64 and Linux 5.10 or older, and undamaged',
    rules: [machineFaults],
  },
  {
    id: 'static-linkage',
    layouts: ['static'],
    text: 'initdb and postgres are fully statically linked',
    rules: [staticFaults],
  },
  {
    id: 'libraries',
    layouts: dynamic,
    text: 'every loader, library and symbol version that is needed is found where it is looked for',
    rules: [libraryFaults],
    note: leanings,
  },
  {
    id: 'scripts',
    layouts: dynamic,
    text: 'the program that a script names is there',
    rules: [scriptFaults],
  },
  {
    id: 'modules',
    layouts: dynamic,
    text: 'every module and conversion that catalogs, extensions and tables load by name is there',
    rules: [moduleFaults],
  },
  {
    id: 'share-files',
    layouts: dynamic,
    text: 'the share files that initdb, the server and the extensions read are there, and of the same major',
    rules: [shareFaults],
  },
  {
    id: 'time-zones',
    layouts: dynamic,
    text: 'the time zones that the server reads are there',
    rules: [timeZoneFaults],
  },
  {
    id: 'locales',
    layouts: ['chroot'],
    text: 'locales are there, C.UTF-8 among them, and each is whole',
    rules: [localeFaults],
  },
  {
    id: 'accounts',
    layouts: dynamic,
    text: 'there are a shell for what initdb runs and an entry for the uid that runs it',
    rules: [accountFaults],
  },
];
