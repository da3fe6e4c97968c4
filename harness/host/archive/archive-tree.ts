import { posix } from 'node:path';

import type { RedoubtError } from '../../error.ts';
import { hasInvisible, refuse, type RefusalReason } from './archive-refusal.ts';

/** The most that an archive may ask for. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Sum of all files' sizes. */
  readonly totalBytes: number;
  /** Names on the way to an entry. */
  readonly depth: number;
}

export const defaultArchiveLimits: ArchiveLimits = { entries: 200_000, totalBytes: 8 * 2 ** 30, depth: 64 };

/** What tar says of an entry, as far as it decides anything. */
export interface ArchiveHeader {
  readonly name: string;
  readonly type: string | null;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly linkName: string | null;
  /** Keys of the PAX records that are about it. */
  readonly attributes: readonly string[];
}

/** What an accepted entry becomes on disk; `path` is relative, normal, and leads through folders of the archive only. */
export type AcceptedEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly sizeBytes: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'hard-link'; readonly path: string; readonly target: string };

/** What may stand in an archive, by what it is unpacked for. */
export interface ArchiveRules {
  /** Devices, fifos and sockets: a distro's root has them, and does without. */
  readonly specialFiles: 'refuse' | 'leave out';
  /** Run bits that lend rights: a distro's root has them, and loses them. */
  readonly setUserId: 'refuse' | 'strip';
}

/** A bundle is nothing but plain files, folders and links among them. */
export const bundleRules: ArchiveRules = { specialFiles: 'refuse', setUserId: 'refuse' };

/** A distro's root, or a layer of one. Its links mean the root itself wherever they lead, and are never followed here. */
export const rootRules: ArchiveRules = { specialFiles: 'leave out', setUserId: 'strip' };

const setUserOrGroupId = 0o6000;
const sticky = 0o1000;
/** File capabilities, as GNU tar and libarchive keep them: they lend rights as run bits do. */
const capabilities = /^(SCHILY|LIBARCHIVE)\.xattr\.security\.capability$/;
/** NAME_MAX of Linux, in bytes. */
const mostNameBytes = 255;
/** Half of Linux's PATH_MAX: the other half is for where it is unpacked. */
const mostPathBytes = 2048;
const mostLinks = 40;

const specialTypes = new Set(['block-device', 'character-device', 'fifo']);

/** Where a bundle may point although it does not hold it: the harness provides these. */
const providedPaths = new Set(['/dev/null', '/dev/zero', '/dev/urandom']);

/**
 * The names an archive has made so far, kept apart from any disk: decides for each entry whether it may be written,
 * and at the end whether every link stays inside. Pure. Everything it throws names the entry.
 */
export class ArchiveTree {
  readonly #archive: string;
  readonly #limits: ArchiveLimits;
  readonly #rules: ArchiveRules;
  readonly #kinds = new Map<string, AcceptedEntry['kind']>([['', 'directory']]);
  readonly #targets = new Map<string, string>();
  #entries = 0;
  #totalBytes = 0;

  /** `archive` is its path, for errors. */
  constructor(
    archive: string,
    limits: ArchiveLimits = defaultArchiveLimits,
    rules: ArchiveRules = bundleRules,
  ) {
    this.#archive = archive;
    this.#limits = limits;
    this.#rules = rules;
  }

  /** Links whose target is absolute: they mean the bundle's own root, so only a bundle that is chrooted into may have them. */
  get absoluteLinks(): readonly string[] {
    return [...this.#targets].filter(([, target]) => target.startsWith('/')).map(([path]) => path);
  }

  /** Accepts the next entry, or throws. `undefined` for what is left out, and for the root folder itself, which is there. */
  accept(header: ArchiveHeader): AcceptedEntry | undefined {
    this.#count(header);
    const path = this.#normalName(header.name);
    if (path === '') {
      if (header.type === 'directory') return undefined;
      throw this.#refusal('empty-name', header.name, 'has no name');
    }
    this.#checkParents(header.name, path);
    const entry = this.#entry(header, path);
    if (entry === undefined) return undefined;
    const before = this.#kinds.get(path);
    if (before !== undefined && !(before === 'directory' && entry.kind === 'directory')) {
      throw this.#refusal('duplicate-name', header.name, 'occurs twice');
    }
    // A link to a file is that file under another name.
    this.#kinds.set(path, entry.kind === 'hard-link' ? 'file' : entry.kind);
    return entry;
  }

  /** To be called after the last entry: throws if a link leads out of the archive, by itself or through others. */
  checkLinks(): void {
    for (const path of this.#targets.keys()) this.#follow(path);
  }

  #count({ name, sizeBytes }: ArchiveHeader): void {
    this.#entries += 1;
    this.#totalBytes += sizeBytes;
    if (this.#entries > this.#limits.entries) {
      throw this.#refusal(
        'too-many-entries',
        name,
        `is one more than the ${this.#limits.entries} that are allowed`,
      );
    }
    if (this.#totalBytes > this.#limits.totalBytes) {
      throw this.#refusal(
        'too-large',
        name,
        `makes the whole larger than the ${this.#limits.totalBytes} bytes allowed`,
      );
    }
  }

  #normalName(name: string): string {
    if (name.includes('�')) throw this.#refusal('name-not-utf8', name, 'is not valid UTF-8');
    if (hasInvisible(name)) {
      const why = 'has a control character, a line break or a mark of direction in its name';
      throw this.#refusal('control-character', name, why);
    }
    if (name.startsWith('/')) throw this.#refusal('absolute-name', name, 'has an absolute name');
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw this.#refusal('parent-reference', name, 'has ".." in its name');
    if (parts.length > this.#limits.depth) {
      throw this.#refusal(
        'too-deep',
        name,
        `lies deeper than the ${this.#limits.depth} folders that are allowed`,
      );
    }
    if (parts.some((part) => Buffer.byteLength(part) > mostNameBytes) || isTooLong(parts.join('/')))
      throw this.#refusal('name-too-long', name, 'has a name that is too long for Linux');
    return parts.join('/');
  }

  /** Folders on the way may be missing in the archive, but what is there must be a folder: never a link. */
  #checkParents(name: string, path: string): void {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      const kind = this.#kinds.get(parent);
      if (kind === undefined) this.#kinds.set(parent, 'directory');
      else if (kind !== 'directory') {
        throw this.#refusal(
          'parent-not-a-folder',
          name,
          `would be written through ${parent}, which is a ${kind}`,
        );
      }
    }
  }

  #entry(
    { name, type, mode, sizeBytes, linkName, attributes }: ArchiveHeader,
    path: string,
  ): AcceptedEntry | undefined {
    if (this.#rules.setUserId === 'refuse' && attributes.some((key) => capabilities.test(key)))
      throw this.#refusal('file-capabilities', name, 'has file capabilities');
    switch (type ?? 'unknown') {
      case 'directory':
        this.#checkRights(name, mode, setUserOrGroupId);
        return { kind: 'directory', path, mode: mode & 0o777 };
      case 'file':
      case 'contiguous-file':
        this.#checkRights(name, mode, setUserOrGroupId | sticky);
        if (name.endsWith('/')) throw this.#refusal('empty-name', name, "is a file with a folder's name");
        return { kind: 'file', path, mode: mode & 0o777, sizeBytes };
      case 'symlink': {
        const target = linkName ?? '';
        if (target === '' || isUnfit(target))
          throw this.#refusal('link-out', name, `is a link to ${JSON.stringify(target)}, which is no path`);
        this.#targets.set(path, target);
        return { kind: 'symlink', path, target };
      }
      case 'link': {
        const target = this.#hardLinkTarget(name, linkName ?? '');
        return { kind: 'hard-link', path, target };
      }
      default:
        if (this.#rules.specialFiles === 'leave out' && specialTypes.has(type ?? '')) return undefined;
        throw this.#refusal(
          'special-file',
          name,
          `is neither file, folder nor link but ${type ?? 'of an unknown type'}`,
        );
    }
  }

  #hardLinkTarget(name: string, linkName: string): string {
    const isPlain = !linkName.startsWith('/') && !isUnfit(linkName);
    const parts = linkName.split('/').filter((part) => part !== '' && part !== '.');
    const target = parts.join('/');
    if (!isPlain || parts.includes('..') || this.#kinds.get(target) !== 'file') {
      throw this.#refusal(
        'hard-link-out',
        name,
        `is a hard link to ${JSON.stringify(linkName)}, no earlier file of the archive`,
      );
    }
    return target;
  }

  /** Walks a link as a process chrooted into the archive would, but for `..` above the root, which is refused. */
  #follow(link: string): void {
    let links = 0;
    let done = '';
    let wasAbsolute = false;
    const rest = link.split('/');
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (done === '')
          throw this.#refusal('link-out', link, `is a link to ${this.#shown(link)}, outside of the bundle`);
        done = done.includes('/') ? posix.dirname(done) : '';
        continue;
      }
      const next = done === '' ? name : `${done}/${name}`;
      const target = this.#targets.get(next);
      if (target === undefined) {
        if (wasAbsolute && !this.#kinds.has(next) && !providedPaths.has(posix.join('/', next, ...rest))) {
          throw this.#refusal(
            'link-out',
            link,
            `is a link to ${this.#shown(link)}, which the bundle does not hold`,
          );
        }
        done = next;
        continue;
      }
      links += 1;
      // A loop leads nowhere, so not out either.
      if (links > mostLinks) return;
      if (target.startsWith('/')) {
        done = '';
        wasAbsolute = true;
      }
      rest.unshift(...target.split('/'));
    }
  }

  #checkRights(name: string, mode: number, refused: number): void {
    if (this.#rules.setUserId === 'refuse' && (mode & refused) !== 0)
      throw this.#refusal('set-user-id', name, 'is setuid, setgid or sticky');
  }

  #refusal(reason: RefusalReason, entry: string, why: string): RedoubtError {
    return refuse(this.#archive, reason, entry, why);
  }

  #shown(link: string): string {
    return JSON.stringify(this.#targets.get(link) ?? '');
  }
}

/** Whether no link leads to what is so called: it is too long, not UTF-8, or not what it seems. */
function isUnfit(target: string): boolean {
  return isTooLong(target) || target.includes('�') || hasInvisible(target);
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > mostPathBytes;
}
