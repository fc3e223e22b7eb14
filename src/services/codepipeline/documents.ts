import { defineDocument } from '../../db/document.ts';
import type { ActionRun, ExecutionState, StageState } from './model/state.ts';

// What decisions are made from: a release that needs another form of one brings the upgrade from the form before.

export const EXECUTION = defineDocument<ExecutionState>();
export const STAGE = defineDocument<StageState>();
export const ACTION = defineDocument<ActionRun>();
