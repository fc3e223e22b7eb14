/** What a restore that was ended leaves in the data directory: a server does not start beside it. */
export const UNFINISHED = '.restoring';
