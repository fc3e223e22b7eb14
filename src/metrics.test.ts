import { expect, test } from 'vitest';
import type { CallRecord } from './aws/record.ts';
import { makeMetrics } from './metrics.ts';

const call = (operation: string, milliseconds: number, status = 200) =>
  ({ api: 's3', operation, status, milliseconds }) as CallRecord;

test('calls are counted by operation and status, and their times by API', async () => {
  const metrics = makeMetrics();
  // Sums of halves are exact.
  for (const ms of [1000 / 1024, 1000 / 256, 1000 / 32, 16_000])
    metrics.observe(call('PutObject', ms));
  metrics.observe(call('GetObject', 500, 404));
  const length = { due: 2, failing: 1 } as never;
  // Twice: nothing is counted by being read.
  await metrics.text(new Map());
  const lines = (await metrics.text(new Map([['codebuild.build', length]]))).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE slipway_calls_total counter',
      'slipway_calls_total{api="s3",operation="PutObject",status="200"} 4',
      'slipway_calls_total{api="s3",operation="GetObject",status="404"} 1',
      '# TYPE slipway_call_seconds histogram',
      'slipway_call_seconds_bucket{le="0.001",api="s3"} 1',
      'slipway_call_seconds_bucket{le="0.005",api="s3"} 2',
      'slipway_call_seconds_bucket{le="0.5",api="s3"} 4',
      'slipway_call_seconds_bucket{le="10",api="s3"} 4',
      'slipway_call_seconds_bucket{le="+Inf",api="s3"} 5',
      'slipway_call_seconds_sum{api="s3"} 16.5361328125',
      'slipway_call_seconds_count{api="s3"} 5',
      'slipway_queue_due{reconciler="codebuild.build"} 2',
      'slipway_queue_failing{reconciler="codebuild.build"} 1',
    ]),
  );
  expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_seconds'))).toBe(true);
});
