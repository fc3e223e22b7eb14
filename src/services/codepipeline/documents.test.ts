import { expect, it } from 'vitest';
import { encodeJson } from '../../lib/json.ts';
import { start } from './model/commands.ts';
import { report } from './model/outcome.ts';
import { Bench, build, pipelineOf, source, stage, trigger } from './model/testing.ts';
import { EXECUTION } from './store/documents.ts';

it('reads executions of 0.1.0, which go on', () => {
  const bench = new Bench(pipelineOf([stage('Source', source()), stage('Build', build())]));
  bench.do((d) => start(d, { executionId: 'e', trigger }));
  const { mode: _mode, type: _type, stages, ...rest } = bench.execution('e');
  const {
    phase: _phase,
    autoRetries: _auto,
    conditions: _conditions,
    ...run
  } = stages.Source as NonNullable<typeof stages.Source>;
  const old = encodeJson({ ...rest, stages: { Source: { ...run, manualRetries: 1 } } });
  const execution = EXECUTION.decode(old);
  expect(execution).toMatchObject({
    mode: 'SUPERSEDED',
    type: 'STANDARD',
    stages: { Source: { phase: 'actions', autoRetries: 0, latestRetry: 'ManualStageRetry' } },
  });
  bench.snapshot = { ...bench.snapshot, executions: [execution] };
  for (const action of ['Source', 'Build'])
    bench.do((d) => report(d, bench.action('e', action).actionExecutionId, { state: 'succeeded' }));
  expect(bench.execution('e').status).toBe('Succeeded');
  expect(EXECUTION.decode(EXECUTION.encode(execution))).toEqual(execution);
});
