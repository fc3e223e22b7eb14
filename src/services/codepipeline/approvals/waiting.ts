import { HttpError } from '../../../aws/http-error.ts';
import type { Platform } from '../../../kit/service.ts';
import type { ActionRun, PipelineState } from '../model/state.ts';
import { findAction } from '../store/executions.ts';
import { findPipelineById } from '../store/pipelines.ts';
import { openLink } from './link.ts';

/** An approval that waits for its answer. */
export interface Waiting {
  pipeline: PipelineState;
  run: ActionRun;
  token: string;
}

/** What a link is about. @throws HttpError where it is none, and where nothing waits for an answer any more */
export async function waitingApproval(
  ctx: Pick<Platform, 'db' | 'vault' | 'clock'>,
  query: string,
): Promise<Waiting> {
  const id = openLink(ctx, query);
  if (id === undefined) throw new HttpError(403, 'This link is not valid.');
  const found = await findAction(ctx.db, id);
  const pipeline =
    found && (await findPipelineById(ctx.db, found.pipelineId, found.run.pipelineVersion));
  const isOver =
    found?.run.status !== 'InProgress' || found.run.deadline <= ctx.clock.now().getTime();
  if (!pipeline || isOver) throw new HttpError(410, 'This approval has been answered, or is over.');
  const { token } = found.run.progress;
  if (token === undefined) throw new HttpError(503, 'The approval is not ready yet. Try again.');
  return { pipeline, run: found.run, token };
}
