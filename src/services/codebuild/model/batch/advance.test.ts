import { describe, expect, it, test } from 'vitest';
import { MINUTE } from '../testing.ts';
import { giveUp, retryBatch, stopBatch } from './commands.ts';
import { shownBatch } from './groups.ts';
import { BatchBench, graph } from './testing.ts';

const DIAMOND = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] };
const diamond = (more = {}) => new BatchBench(graph(DIAMOND), more).planned();

test('CB-G5: a graph goes on as its builds end, and asks for each once', () => {
  const bench = new BatchBench(graph(DIAMOND));
  expect(shownBatch(bench.snapshot).buildGroups).toBeUndefined();
  bench.look();
  expect(bench.start()).toEqual(['DOWNLOAD_SOURCE']);
  bench.end('DOWNLOAD_SOURCE');
  expect(bench.statuses).toMatchObject({ a: 'PENDING', b: 'PENDING', d: 'PENDING' });
  expect(bench.start()).toEqual(['a']);
  bench.end('a');
  expect(bench.start()).toEqual(['b', 'c']);
  bench.end('c');
  expect(bench.in('asked')).toEqual([]);
  bench.end('b');
  expect(bench.start()).toEqual(['d']);
  bench.end('d');
  expect(bench.status).toEqual(['SUCCEEDED', 'SUCCEEDED', true]);
  expect(bench.phases).toEqual([
    ...['SUBMITTED SUCCEEDED', 'DOWNLOAD_BATCHSPEC SUCCEEDED', 'IN_PROGRESS SUCCEEDED'],
    ...['COMBINE_ARTIFACTS SUCCEEDED', 'SUCCEEDED '],
  ]);
  expect(bench.asked).toEqual(Array(4).fill('codebuild/batch-work'));
  expect(bench.events).toEqual(['SUCCEEDED']);
});

describe('a build that fails', () => {
  it('ends the batch once all others have ended; what depends on it never runs', () => {
    const bench = diamond();
    bench.start();
    bench.end('a').start();
    bench.end('b', 'FAILED');
    expect(bench.status).toEqual(['IN_PROGRESS', 'IN_PROGRESS', false]);
    expect(bench.statuses).toMatchObject({ b: 'FAILED', c: 'IN_PROGRESS', d: 'STOPPED' });
    bench.end('c');
    expect(bench.status).toEqual(['FAILED', 'FAILED', true]);
    expect(bench.phases.slice(-2)).toEqual(['IN_PROGRESS CLIENT_ERROR', 'FAILED ']);
  });

  it('CB-G1: with fast-fail has those that run stopped, and no other begun', () => {
    const bench = diamond({ fastFail: true });
    bench.start();
    bench.end('a').start();
    bench.end('b', 'FAILED');
    expect(bench.snapshot.run.groups.find(({ task }) => task.identifier === 'c')?.stopping).toBe(
      true,
    );
    expect(bench.status).toEqual(['IN_PROGRESS', 'IN_PROGRESS', false]);
    bench.end('c', 'STOPPED');
    expect(bench.status).toEqual(['FAILED', 'FAILED', true]);
    expect(bench.statuses).toMatchObject({ b: 'FAILED', c: 'STOPPED', d: 'STOPPED' });
  });

  it('CB-G2: with ignore-failure is as good as one that succeeds', () => {
    const bench = new BatchBench(graph(DIAMOND, ['b']), { fastFail: true }).planned();
    bench.start();
    bench.end('a').start();
    bench.end('b', 'FAILED').end('c');
    expect(bench.start()).toEqual(['d']);
    bench.end('d');
    expect(bench.status).toEqual(['SUCCEEDED', 'SUCCEEDED', true]);
  });

  it('while it reads the buildspec, ends the batch with what it said', () => {
    const bench = new BatchBench([]).look();
    bench.start();
    bench.end('DOWNLOAD_SOURCE', 'FAILED');
    expect(bench.status).toEqual(['FAILED', 'FAILED', true]);
    expect(bench.phases.slice(-2)).toEqual(['DOWNLOAD_BATCHSPEC FAILED', 'FAILED ']);
  });
});

test('StopBuildBatch ends it when all that runs has ended', () => {
  const bench = diamond();
  bench.start();
  bench.do(stopBatch);
  expect(bench.status).toEqual(['IN_PROGRESS', 'IN_PROGRESS', false]);
  bench.end('a', 'STOPPED');
  expect(bench.status).toEqual(['STOPPED', 'STOPPED', true]);
  expect(bench.phases.at(-2)).toBe('IN_PROGRESS STOPPED');
});

test('StopBuildBatch ends it at once where nothing runs', () => {
  const bench = diamond();
  bench.do(stopBatch);
  expect(bench.status).toEqual(['STOPPED', 'STOPPED', true]);
  expect(bench.start()).toEqual([]);
});

test('CB-G6: when its time is up, it ends', () => {
  const bench = diamond();
  bench.start();
  bench.look(60 * MINUTE);
  bench.end('a', 'STOPPED');
  expect(bench.status).toEqual(['FAILED', 'TIMED_OUT', true]);
});

test('a batch that may not start its builds says why', () => {
  const bench = diamond();
  const problem = { statusCode: 'ACCESS_DENIED', message: 'no' };
  bench.do((draft) => giveUp(draft, problem));
  expect(bench.status).toEqual(['FAILED', 'FAILED', true]);
  expect(bench.snapshot.batch.phases?.at(-2)?.contexts).toEqual([problem]);
});

describe('RetryBuildBatch', () => {
  function failed(): BatchBench {
    const bench = diamond();
    bench.start();
    bench.end('a').start();
    return bench.end('b', 'FAILED').end('c');
  }
  const buildOf = (bench: BatchBench, name: string) =>
    bench.snapshot.run.groups.find(({ task }) => task.identifier === name);

  it('of the failed builds runs them again, and what waited for them', () => {
    const bench = failed();
    const before = buildOf(bench, 'b')?.summary.arn;
    bench.do((draft) => retryBatch(draft, 'RETRY_FAILED_BUILDS'));
    expect(bench.phases.slice(-4)).toEqual([
      ...['IN_PROGRESS CLIENT_ERROR', 'FAILED RETRY', 'SUBMITTED SUCCEEDED', 'IN_PROGRESS '],
    ]);
    expect(bench.start()).toEqual(['b']);
    expect(buildOf(bench, 'b')?.summary.arn).not.toBe(before);
    expect(buildOf(bench, 'b')?.priors.map(({ arn }) => arn)).toEqual([before]);
    bench.end('b');
    expect(bench.start()).toEqual(['d']);
    bench.end('d');
    expect(bench.status).toEqual(['SUCCEEDED', 'SUCCEEDED', true]);
    expect(buildOf(bench, 'd')?.priors).toEqual([]);
  });

  it('of all builds runs all again, but does not read the buildspec again', () => {
    const bench = failed();
    bench.do((draft) => retryBatch(draft, 'RETRY_ALL_BUILDS'));
    expect(bench.start()).toEqual(['a']);
    expect(bench.statuses).toMatchObject({ DOWNLOAD_SOURCE: 'SUCCEEDED', c: 'PENDING' });
  });

  it('reads the buildspec again where it could not be read', () => {
    const bench = new BatchBench(graph({ a: [] })).look();
    bench.start();
    bench.end('DOWNLOAD_SOURCE', 'FAILED');
    bench.do((draft) => retryBatch(draft, 'RETRY_FAILED_BUILDS'));
    expect(bench.start()).toEqual(['DOWNLOAD_SOURCE']);
    bench.end('DOWNLOAD_SOURCE');
    expect(bench.start()).toEqual(['a']);
  });
});

test('a graph of a hundred builds in a row is as many starts', () => {
  const names = Array.from({ length: 100 }, (_, n) => `t${n}`);
  const row = Object.fromEntries(names.map((name, n) => [name, n ? [`t${n - 1}`] : []]));
  const bench = new BatchBench(graph(row)).planned();
  for (const name of names) {
    expect(bench.start()).toEqual([name]);
    bench.end(name);
  }
  expect(bench.status).toEqual(['SUCCEEDED', 'SUCCEEDED', true]);
});
