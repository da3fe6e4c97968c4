import type { MultiXactEffect, MultiXactMember } from '../../wal/multixact.ts';
import { SlruPages, type SlruPage, type SlruSource } from './slru-pages.ts';

/** Where each multixact's members begin: 4 bytes each. */
const offsetsPerPage = 8192 / 4;
/** Members lie in groups of four: their statuses, a byte each, then their transactions (multixact.c, 14-18). */
const membersPerGroup = 4;
const groupBytes = 20;
const groupsPerPage = Math.floor(8192 / groupBytes);
const membersPerPage = membersPerGroup * groupsPerPage;

/** pg_multixact as a pageserver keeps it. */
export class MultiXactStatuses {
  readonly #offsets: SlruPages;
  readonly #members: SlruPages;

  constructor(offsets: SlruSource, members: SlruSource) {
    this.#offsets = new SlruPages(offsets);
    this.#members = new SlruPages(members);
  }

  apply(effect: MultiXactEffect): void {
    switch (effect.kind) {
      case 'zero-offsets-page':
        this.#offsets.zero(effect.page);
        break;
      case 'zero-members-page':
        this.#members.zero(effect.page);
        break;
      case 'create': {
        const { multi, offset, members } = effect;
        this.#writeOffset(multi, offset);
        // Minors since the end of 2025 write the next one's, too, and expect it when they read.
        this.#writeOffset(multi + 1, offset + members.length);
        for (const [index, member] of members.entries()) this.#writeMember(offset + index, member);
        break;
      }
      case 'truncate':
        // Old files that stay hurt nobody.
        break;
    }
  }

  changedOffsets(): readonly SlruPage[] {
    return this.#offsets.changed();
  }

  changedMembers(): readonly SlruPage[] {
    return this.#members.changed();
  }

  #writeOffset(multi: number, offset: number): void {
    const page = this.#offsets.page(Math.floor(multi / offsetsPerPage));
    page.writeUInt32LE(offset, (multi % offsetsPerPage) * 4);
  }

  #writeMember(number: number, { xid, status }: MultiXactMember): void {
    const page = this.#members.page(Math.floor(number / membersPerPage));
    const group = Math.floor(number / membersPerGroup) % groupsPerPage;
    const within = number % membersPerGroup;
    page[group * groupBytes + within] = status;
    page.writeUInt32LE(xid, group * groupBytes + membersPerGroup + within * 4);
  }
}
