import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { tellCommands } from '../run/sandbox-commands.ts';
import { findBuild } from '../store/builds.ts';
import { sweeps } from '../sweeps.ts';
import { parseBuildKey, SANDBOX_COMMANDS } from './names.ts';

/** Tells a sandbox of its commands; what becomes of them it says itself, to who follows it. */
export const sandboxCommandsReconciler = defineReconciler<Platform>({
  name: SANDBOX_COMMANDS,
  async reconcile(platform, key) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await findBuild(platform.db, owner, id);
    if (stored) await tellCommands(platform, stored);
    return undefined;
  },
  sweep: sweeps[SANDBOX_COMMANDS],
});
