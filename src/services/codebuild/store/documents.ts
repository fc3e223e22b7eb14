import type { Build, BuildBatch } from '@aws-sdk/client-codebuild';
import { defineDocument } from '../../../db/document.ts';
import type { BatchInputs, BatchRun } from '../model/batch/record.ts';
import type { BuildInputs, BuildRun } from '../model/build-record.ts';

// What decisions are made from: a release that needs another form of one brings the upgrade from the form before.

export const BUILD = defineDocument<Build>();
export const INPUTS = defineDocument<BuildInputs>();
export const RUN = defineDocument<BuildRun>();
export const BATCH = defineDocument<BuildBatch>();
export const BATCH_INPUTS = defineDocument<BatchInputs>();
export const BATCH_RUN = defineDocument<BatchRun>();
