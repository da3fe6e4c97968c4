/** SEQ_MAGIC (commands/sequence.c, 14-18): the first four bytes of a sequence page's special space. */
export const sequenceMagic = 0x1717;

/** The columns of a sequence's only tuple, FormData_pg_sequence_data (commands/sequence.h, 14-18). */
export const sequenceColumns: readonly (readonly [name: string, length: number])[] = [
  ['last_value', 8],
  ['log_cnt', 8],
  ['is_called', 1],
];
