import type { ExecutionTrigger } from '@aws-sdk/client-codepipeline';

/** What is said of runs. Pure. */

const GOING = new Set(['InProgress', 'Stopping']);

export const isOver = (status: string | undefined) => status !== undefined && !GOING.has(status);

const TRIGGERS: Record<string, string> = {
  CreatePipeline: 'The pipeline was created',
  StartPipelineExecution: 'Release change',
  PollForSourceChanges: 'A change in the source',
  Webhook: 'A webhook',
  WebhookV2: 'A push',
  CloudWatchEvent: 'An event',
  PutActionRevision: 'A new revision',
  ManualRollback: 'A rollback',
  AutomatedRollback: 'An automatic rollback',
};

/** How it came to be, and by whom where that is known. */
export function triggerText({ trigger }: { trigger?: ExecutionTrigger | undefined }): string {
  const type = trigger?.triggerType ?? '';
  const text = Object.hasOwn(TRIGGERS, type) ? TRIGGERS[type] : type;
  const who = trigger?.triggerDetail?.split(/[/:]/).pop();
  return who ? `${text} (${who})` : `${text}`;
}
