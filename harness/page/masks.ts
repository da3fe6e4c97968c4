import { brinPageType } from './brin.ts';
import { gistFlag } from './gist.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { hasStorage, readItems } from './item.ts';
import type { Item } from './item.ts';
import type { MaskedPage } from './masked-page.ts';

/** One resource manager's `rm_mask`. */
export interface Mask {
  /** sizeof its special space: a page with less than that is none of its pages. */
  readonly specialSizeBytes: number;
  /** Whether free space is always masked, so that a page without sound bounds cannot be masked. */
  readonly needsSoundBounds: (masked: MaskedPage) => boolean;
  readonly apply: (masked: MaskedPage, blockNumber: number) => void;
}

const always = (): boolean => true;

/** HEAP_XACT_MASK, HEAP_XMIN_FROZEN, and HEAP_XMAX_COMMITTED with HEAP_XMAX_INVALID (access/htup_details.h). */
const heapXactMask = 0xfff0;
const heapXminFrozen = 0x0300;
const heapXmaxHints = 0x0c00;
/** SpecTokenOffsetNumber: t_ctid is no pointer but the token of a speculative insertion. */
const speculativeToken = 0xfffe;
const fieldOffset = { commandId: 8, ctid: 12, infomask: 20 } as const;
const heapTupleHeaderSizeBytes = 23;

/** heap_mask (heapam.c; heapam_xlog.c in 18). On a page of the visibility map it hides all that is behind the header. */
export const heapMask: Mask = {
  specialSizeBytes: 0,
  needsSoundBounds: always,
  apply: (masked, blockNumber) => {
    masked.lsnAndChecksum();
    masked.headerHintBits();
    masked.unusedSpace();
    for (const item of readItems(masked.bytes, masked.header)) {
      if (item.state === 'normal' && hasStorage(item) && item.length >= heapTupleHeaderSizeBytes) {
        maskHeapTuple(masked, item, blockNumber);
      }
      if (hasStorage(item)) {
        const end = item.offset + item.length;
        masked.clear(end, -end & 7, `padding after item ${item.number}`);
      }
    }
  },
};

function maskHeapTuple(masked: MaskedPage, item: Item, blockNumber: number): void {
  const of = `of item ${item.number}`;
  const infomaskAt = item.offset + fieldOffset.infomask;
  const isFrozen = (masked.bytes.readUInt16LE(infomaskAt) & heapXminFrozen) === heapXminFrozen;
  if (isFrozen) {
    masked.maskBits(infomaskAt, heapXmaxHints, 0, `t_infomask ${of}: HEAP_XMAX_COMMITTED, HEAP_XMAX_INVALID`);
  } else {
    masked.maskBits(infomaskAt, heapXactMask, 0, `t_infomask ${of}: HEAP_XACT_MASK`);
  }
  masked.clear(item.offset + fieldOffset.commandId, 4, `t_field3 (t_cid) ${of}`);
  const ctidAt = item.offset + fieldOffset.ctid;
  if (masked.bytes.readUInt16LE(ctidAt + 4) === speculativeToken) {
    const self = Buffer.alloc(6);
    self.writeUInt16LE(blockNumber >>> 16, 0);
    self.writeUInt16LE(blockNumber & 0xffff, 2);
    self.writeUInt16LE(item.number, 4);
    masked.replace(ctidAt, self, `t_ctid ${of} (speculative)`);
  }
}

const btreeFlag = { leaf: 0x01, splitEnd: 0x20, hasGarbage: 0x40 } as const;

/** btree_mask (nbtxlog.c). */
export const btreeMask: Mask = {
  specialSizeBytes: 16,
  needsSoundBounds: always,
  apply: (masked) => {
    const flagsAt = masked.header.special + 12;
    masked.lsnAndChecksum();
    masked.headerHintBits();
    masked.unusedSpace();
    if ((masked.bytes.readUInt16LE(flagsAt) & btreeFlag.leaf) !== 0) {
      masked.itemFlags();
    }
    const { hasGarbage, splitEnd } = btreeFlag;
    masked.maskBits(flagsAt, hasGarbage | splitEnd, 0, 'btpo_flags: BTP_HAS_GARBAGE, BTP_SPLIT_END');
    masked.clear(flagsAt + 2, 2, 'btpo_cycleid');
  },
};

const hashFlag = { overflow: 0x01, bucket: 0x02, pageType: 0x0f, hasDeadTuples: 0x80 } as const;

/** hash_mask (hash_xlog.c). */
export const hashMask: Mask = {
  specialSizeBytes: 16,
  needsSoundBounds: always,
  apply: (masked) => {
    const flagAt = masked.header.special + 12;
    masked.lsnAndChecksum();
    masked.headerHintBits();
    masked.unusedSpace();
    const pageType = masked.bytes.readUInt16LE(flagAt) & hashFlag.pageType;
    if (pageType === 0) {
      masked.content('all of an unused page');
    } else if (pageType === hashFlag.bucket || pageType === hashFlag.overflow) {
      masked.itemFlags();
    }
    masked.maskBits(flagAt, hashFlag.hasDeadTuples, 0, 'hasho_flag: LH_PAGE_HAS_DEAD_TUPLES');
  },
};

const ginDeleted = 0x04;

/** gin_mask (ginxlog.c). */
export const ginMask: Mask = {
  specialSizeBytes: 8,
  needsSoundBounds: (masked) => !isDeletedGinPage(masked) && masked.header.lower > pageHeaderSizeBytes,
  apply: (masked) => {
    const deleted = isDeletedGinPage(masked);
    masked.lsnAndChecksum();
    masked.headerHintBits();
    if (deleted) {
      masked.content('all of a deleted page');
    } else if (masked.header.lower > pageHeaderSizeBytes) {
      masked.unusedSpace();
    }
  },
};

function isDeletedGinPage(masked: MaskedPage): boolean {
  return (masked.bytes.readUInt16LE(masked.header.special + 6) & ginDeleted) !== 0;
}

/** gist_mask (gistxlog.c). */
export const gistMask: Mask = {
  specialSizeBytes: 16,
  needsSoundBounds: always,
  apply: (masked) => {
    const { special } = masked.header;
    masked.lsnAndChecksum();
    masked.headerHintBits();
    masked.unusedSpace();
    masked.clear(special, 8, 'nsn');
    const flagsAt = special + 12;
    const isLeaf = (masked.bytes.readUInt16LE(flagsAt) & gistFlag.leaf) !== 0;
    const reason = 'flags: F_FOLLOW_RIGHT, F_HAS_GARBAGE';
    masked.maskBits(flagsAt, gistFlag.hasGarbage, gistFlag.followRight, reason);
    if (isLeaf) {
      masked.itemFlags();
    }
  },
};

/** spg_mask (spgxlog.c). */
export const spgistMask: Mask = {
  specialSizeBytes: 8,
  needsSoundBounds: (masked) => masked.header.lower >= pageHeaderSizeBytes,
  apply: (masked) => {
    masked.lsnAndChecksum();
    masked.headerHintBits();
    if (masked.header.lower >= pageHeaderSizeBytes) {
      masked.unusedSpace();
    }
  },
};

const brinEvacuatePage = 0x01;

/** brin_mask (brin_xlog.c). */
export const brinMask: Mask = {
  specialSizeBytes: 8,
  needsSoundBounds: hasMaskedBrinSpace,
  apply: (masked) => {
    const { special } = masked.header;
    masked.lsnAndChecksum();
    masked.headerHintBits();
    if (hasMaskedBrinSpace(masked)) {
      masked.unusedSpace();
    }
    masked.maskBits(special + 4, brinEvacuatePage, 0, 'BrinPageFlags: BRIN_EVACUATE_PAGE');
  },
};

function hasMaskedBrinSpace(masked: MaskedPage): boolean {
  const pageType = masked.bytes.readUInt16LE(masked.header.special + 6);
  const isMeta = pageType === brinPageType.meta && masked.header.lower > pageHeaderSizeBytes;
  return pageType === brinPageType.regular || isMeta;
}

/** seq_mask (sequence.c) and generic_mask (generic_xlog.c). */
export const plainMask: Mask = {
  specialSizeBytes: 0,
  needsSoundBounds: always,
  apply: (masked) => {
    masked.lsnAndChecksum();
    masked.unusedSpace();
  },
};
