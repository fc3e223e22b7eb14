import type { Subscription } from '../engine/events.ts';
import type { Platform } from '../kit/service.ts';
import type { OtlpSettings } from '../lib/otlp-settings.ts';
import { sendTrace, TraceRefused } from './otlp.ts';
import { readExecution } from './read-execution.ts';
import { traceOf } from './tree.ts';

/**
 * Traces of pipeline executions. The end of each is an event that is owed to this subscription in the transaction that
 * ended it, so a server that is killed owes it still; one that cannot be sent is tried again for a day, later and later,
 * beside all other work.
 */
export function traces(settings: OtlpSettings): Subscription<Platform> {
  return {
    name: 'telemetry/executions',
    pattern: {
      source: ['aws.codepipeline'],
      'detail-type': ['CodePipeline Pipeline Execution State Change'],
      detail: { state: ['SUCCEEDED', 'FAILED', 'STOPPED', 'SUPERSEDED', 'CANCELED'] },
    },
    async deliver(ctx, event) {
      const execution = await readExecution(ctx, event);
      if (!execution) return;
      const trace = traceOf(execution);
      Object.assign(trace.resource, settings.resource);
      try {
        await sendTrace(settings, trace);
      } catch (error) {
        if (!(error instanceof TraceRefused)) throw error;
        const { pipeline, executionId } = execution;
        ctx.log.warn({ err: error, pipeline, executionId }, 'A trace is lost');
      }
    },
  };
}
