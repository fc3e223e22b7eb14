import type { Sweeps } from '../../kit/manifest.ts';
import type { Platform } from '../../kit/platform.ts';
import { ALL_CACHES } from './reconcilers/names.ts';
import { liveBatches } from './store/batches.ts';
import { keysInSlots } from './store/builds.ts';
import { keysWithUnasked } from './store/commands.ts';
import { statusIds } from './store/commit-statuses.ts';
import { hasLocalCaches } from './store/local-caches.ts';

const SWEEP = 1000;

const live = ({ db }: Platform) => keysInSlots(db, ['running', 'queued'], SWEEP);

const batches = ({ db }: Platform) => liveBatches(db, SWEEP);

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codebuild/build': live,
  'codebuild/work': live,
  'codebuild/local-caches': async ({ db }) => ((await hasLocalCaches(db)) ? [ALL_CACHES] : []),
  'codebuild/sandbox-commands': ({ db }: Platform) => keysWithUnasked(db, SWEEP),
  'codebuild/batch': batches,
  'codebuild/batch-work': batches,
  'codebuild/commit-status': ({ db }: Platform) => statusIds(db, SWEEP),
} satisfies Sweeps;
