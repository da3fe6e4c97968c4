/** The unprivileged user and group that servers run as and that own their files, the same in every root. */
export const serverUid = 65534;
