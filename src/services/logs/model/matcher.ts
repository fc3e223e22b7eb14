/** Whether a message matches. */
export type Matcher = (message: string) => boolean;

/** A pattern that AWS would refuse. */
export class FilterPatternError extends Error {}
/** A pattern that AWS knows and Slipway does not. */
export class UnsupportedPatternError extends Error {}
