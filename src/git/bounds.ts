import { type Outage, OutageError } from '../lib/outage.ts';

/** What one git process, or one walk through a repository, may take: a few small objects can stand for any number of files. */
export interface Bounds {
  /** Memory of each process of git's that it allocates itself; files that it maps do not count. */
  heapMib: number;
  /** Time until it is ended; default: as long as its caller stays. It is also the processor time that it may use. */
  seconds?: number;
  /** Size of each file that it writes. */
  fileMib?: number;
  /** Ends it when it aborts: its caller is gone, or the server stops. */
  signal?: AbortSignal | undefined;
}

const MINUTE = 60;

/** Commands that answer at once. */
export const SHORT: Bounds = { heapMib: 512, seconds: MINUTE };
/** Kept for further questions; it ends with its input. */
export const READER: Bounds = { heapMib: 512 };
/** A walk through a history that looks for renames. */
export const HISTORY: Bounds = { heapMib: 512, seconds: MINUTE };
/** A merge, which has three versions of a file and what becomes of them in memory. */
export const MERGE: Bounds = { heapMib: 1024, seconds: MINUTE };
/** Blobs beyond LARGE_BLOB are streamed; those below, and what git compresses them to, are in memory. */
export const ARCHIVE: Bounds = { heapMib: 1024, seconds: 15 * MINUTE };
/** Writing what a call brought. */
export const WRITE: Bounds = { heapMib: 1024, seconds: 5 * MINUTE };
/** Clones and pushes go on as long as their client does, but no longer than anybody counts on (codecommit/references). */
export const TRANSPORT: Bounds = { heapMib: 2048, seconds: 6 * 60 * MINUTE };
/** A question to a repository elsewhere. */
export const REMOTE: Bounds = { heapMib: 512, seconds: MINUTE };
/** What comes from elsewhere is as large as who answers likes. */
export const FETCH: Bounds = { heapMib: 1024, seconds: 55 * MINUTE, fileMib: 4096 };
export const MAINTENANCE: Bounds = { heapMib: 2048, seconds: 60 * MINUTE };

/** What of git's may run at one time for all callers, where a single process may take much. */
export const AT_ONCE = { history: 2, archive: 4, maintenance: 1, merge: 4, look: 4 } as const;

/** CC-GIT-07: what a push may bring, in bytes. */
export interface PushBounds {
  blob: number;
  commit: number;
}
export const PUSH: PushBounds = { blob: 2 * 1024 ** 3, commit: 20 * 1024 ** 2 };

/** Output of a command whose whole answer is held in memory. */
export const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Objects that are read as a whole: a folder of about 200,000 entries, and a commit, of which whatever a push may bring is read. */
export const MOST_BYTES = { tree: 8 * 1024 * 1024, commit: PUSH.commit } as const;
/** Tree objects that one walk has open, one within the other. */
export const MOST_OPEN_BYTES = 64 * 1024 * 1024;
/** Folders within folders: as git itself has it (core.maxTreeDepth). */
export const MOST_DEPTH = 2048;

const NO_ROOM: Outage = {
  reason: 'it has no room for the repository (--working-copies)',
  sentence:
    'There is no room for working copies of repositories (--working-copies): calls that need one are answered with 503 until others end',
};

/** There is no room to work on a repository: there may be later, when others have gone. */
export class GitRoomError extends OutageError {
  override name = 'GitRoomError';
  readonly outage = NO_ROOM;
  constructor() {
    super('This server has no room for the repository now');
  }
}

/** What was asked is more than one call may do; the text says what of it. */
export class GitLimitError extends Error {
  override name = 'GitLimitError';
}
