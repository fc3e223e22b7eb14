import { expect, it } from 'vitest';
import { compilePattern } from '../kit/event-pattern/compile.ts';
import { traces } from './executions.ts';

const { pattern } = traces({ url: '', headers: {}, gzip: false, timeoutMs: 0, resource: {} });
const hears = compilePattern(pattern);
const event = (state: string) => ({
  source: 'aws.codepipeline',
  'detail-type': 'CodePipeline Pipeline Execution State Change',
  detail: { state },
});

// https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
it.each(['SUCCEEDED', 'FAILED', 'STOPPED', 'SUPERSEDED', 'CANCELED'])(
  'hears of %s, an end',
  (state) => {
    expect(hears(event(state))).toBe(true);
  },
);

it.each(['STARTED', 'RESUMED', 'STOPPING'])('tells nothing of %s, which is no end', (state) => {
  expect(hears(event(state))).toBe(false);
});
