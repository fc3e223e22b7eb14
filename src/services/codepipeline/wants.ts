import type { Tx } from '../../db/database.ts';
import type { EventKind, NewEvent } from '../../engine/events.ts';
import type { Wants } from '../../kit/manifest.ts';
import { ANY_ITEM, type Watching } from './model/action-type.ts';
import {
  branch,
  connectedRepository,
  gitHubRepository,
  OWN_BUILDS,
  object,
} from './providers/watches.ts';
import { findWatchers, isWatched, type WatchedSource } from './store/pipelines.ts';

/** What a source action type watches. */
interface Watcher {
  provider: string;
  watching: Watching;
}

/** The source actions that watch what an event tells of, and those whose trigger decides whether they do. */
export async function watchersOf(
  tx: Tx,
  { provider, watching }: Watcher,
  event: NewEvent,
): Promise<WatchedSource[]> {
  const { resource, item, change } = watching.changed(event);
  const items = [...(item ? [item] : []), ...(change ? [ANY_ITEM] : [])];
  if (!resource || items.length === 0) return [];
  const { account: accountId, region } = event;
  return findWatchers(tx, { accountId, region, provider, resource, items });
}

const wanted = ({ provider, watching }: Watcher) => ({
  [`codepipeline/${watching.name}`]: Object.assign(
    async (tx: Tx, event: NewEvent) =>
      (await watchersOf(tx, { provider, watching }, event)).length > 0,
    watching.about && {
      may: (tx: Tx, { account: accountId, region, about: its }: EventKind) => {
        const about = its === undefined ? undefined : watching.about?.(its);
        return isWatched(tx, { accountId, region, provider, about });
      },
    },
  ),
});

const ofOwnBuild = ({ detail }: NewEvent) => String(detail['project-name']).startsWith(OWN_BUILDS);

/** The end of a build is heard by who may have started it: of projects' by one subscription, of our own by the others. */
const buildEnds: Wants = {
  'codepipeline/build-ended': async (_tx, event) => !ofOwnBuild(event),
  'codepipeline/commands-ended': async (_tx, event) => ofOwnBuild(event),
  'codepipeline/image-build-ended': async (_tx, event) => ofOwnBuild(event),
};

/** Most branches and objects are watched by no pipeline: then nothing is delivered. */
export const wants: Wants = {
  ...buildEnds,
  ...wanted({ provider: 'CodeCommit', watching: branch }),
  ...wanted({ provider: 'S3', watching: object }),
  ...wanted({ provider: 'CodeStarSourceConnection', watching: connectedRepository }),
  ...wanted({ provider: 'GitHub', watching: gitHubRepository }),
};
