import type { Comment, Location } from '@aws-sdk/client-codecommit';

/** Comments as threads: what was said of a line or of the whole, with its replies. Pure. */

export interface Side {
  path: string;
  /** Line, from 1. */
  line: number;
  version: 'BEFORE' | 'AFTER';
}

export interface Thread {
  /** The first comment's id. */
  id: string;
  /** Undefined: about the whole. */
  location: Location | undefined;
  beforeBlobId: string | undefined;
  afterBlobId: string | undefined;
  comments: Comment[];
}

interface Group {
  location?: Location | undefined;
  beforeBlobId?: string | undefined;
  afterBlobId?: string | undefined;
  comments?: Comment[] | undefined;
}

const at = ({ creationDate }: Comment) => creationDate?.getTime() ?? 0;

/** Each first comment with its replies in the order of their times; threads in the order of their first. */
export function threadsOf(groups: readonly Group[]): Thread[] {
  const byId = new Map<string, Thread>();
  const replies: Comment[] = [];
  for (const { comments = [], location, beforeBlobId, afterBlobId } of groups)
    for (const comment of comments) {
      if (comment.inReplyTo !== undefined) replies.push(comment);
      else
        byId.set(comment.commentId ?? '', {
          ...{ id: comment.commentId ?? '', location, beforeBlobId, afterBlobId },
          comments: [comment],
        });
    }
  const rootOf = new Map([...byId.keys()].map((id) => [id, id]));
  for (const reply of replies.sort((a, b) => at(a) - at(b))) {
    const root = rootOf.get(reply.inReplyTo ?? '');
    if (root === undefined) continue;
    rootOf.set(reply.commentId ?? '', root);
    byId.get(root)?.comments.push(reply);
  }
  return [...byId.values()].sort((a, b) => at(a.comments[0] ?? {}) - at(b.comments[0] ?? {}));
}

/**
 * Where a thread stands in a comparison: only where its file is still the one that was spoken of, as lines move.
 * @returns `undefined` where it is about the whole, or about what is not shown
 */
export function placeOf(
  thread: Thread,
  file: { path: string; beforeBlobId?: string | undefined; afterBlobId?: string | undefined },
): Side | undefined {
  const { location, beforeBlobId, afterBlobId } = thread;
  if (location?.filePath !== file.path || location.filePosition === undefined) return undefined;
  const version = location.relativeFileVersion === 'BEFORE' ? 'BEFORE' : 'AFTER';
  const [said, shown] =
    version === 'BEFORE' ? [beforeBlobId, file.beforeBlobId] : [afterBlobId, file.afterBlobId];
  if (said !== undefined && said !== shown) return undefined;
  return { path: file.path, line: location.filePosition, version };
}

/** The same for a call; none: about the whole. */
export const locationOf = (side: Side | undefined): Location | undefined =>
  side && {
    filePath: side.path,
    filePosition: side.line,
    relativeFileVersion: side.version,
  };

/** No line was said: it may still name a file. */
export const isOfWhole = (location: Location | undefined) =>
  location?.filePath === undefined || location.filePosition === undefined;

export const sideKey = ({ version, line }: Pick<Side, 'version' | 'line'>) => `${version} ${line}`;

/** As the server knows them, in the order in which they are offered. */
export const REACTIONS: readonly { name: string; code: string; emoji: string }[] = [
  ['thumbsup', '👍'],
  ['thumbsdown', '👎'],
  ['smile', '😄'],
  ['heart', '❤'],
  ['clap', '👏'],
  ['confetti_ball', '🎊'],
  ['ship', '🚢'],
  ['eyes', '👀'],
  ['confused', '😕'],
  ['angry', '😠'],
  ['scream', '😱'],
  ['sob', '😭'],
].map(([code = '', emoji = '']) => ({ name: code.toUpperCase(), code: `:${code}:`, emoji }));
