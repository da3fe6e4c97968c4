import { SlruPages, type SlruPage, type SlruSource } from './slru-pages.ts';

const committed = 0x01;
const aborted = 0x02;
const bitsPerXid = 2;
const xidsPerByte = 4;
const xidsPerPage = 8192 * xidsPerByte;

/** pg_xact as a pageserver keeps it: two bits for each transaction (clog.c, 14-18). */
export class TransactionStatuses {
  readonly #pages: SlruPages;

  constructor(source: SlruSource) {
    this.#pages = new SlruPages(source);
  }

  end(xids: readonly number[], outcome: 'committed' | 'aborted'): void {
    const status = outcome === 'committed' ? committed : aborted;
    for (const xid of xids) {
      const page = this.#pages.page(Math.floor(xid / xidsPerPage));
      const at = Math.floor((xid % xidsPerPage) / xidsPerByte);
      const shift = (xid % xidsPerByte) * bitsPerXid;
      page[at] = ((page[at] ?? 0) & ~(0x03 << shift)) | (status << shift);
    }
  }

  zero(page: number): void {
    this.#pages.zero(page);
  }

  changed(): readonly SlruPage[] {
    return this.#pages.changed();
  }
}
