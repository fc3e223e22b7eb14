/** AWS's console signs one out after twelve hours. */
export const SESSION_SECONDS = 12 * 60 * 60;
/** Of one principal, over all browsers: whoever signs in more often ends his oldest. */
export const MOST_SESSIONS = 100;
/** Of what a page posts to its session: two passwords, or a session token. */
export const POST_BYTES = 32 * 1024;
export const POST_MS = 10_000;
/** Passwords that are being looked at, and that wait for it: each takes 16 MiB and a thread. */
export const MOST_CHECKED = 2;
export const MOST_WAITING = 32;
