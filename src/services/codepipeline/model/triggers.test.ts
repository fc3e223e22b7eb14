import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionTypes, notBuilt } from '../providers/index.ts';
import { validateStructure } from './structure.ts';
import { approval, pipelineOf, source, stage } from './testing.ts';
import { validateTriggers } from './trigger-rules.ts';
import {
  type Change,
  decide,
  type PullRequestFilter,
  type PushFilter,
  type Trigger,
} from './triggers.ts';

const trigger = (its: { push?: PushFilter[]; pullRequest?: PullRequestFilter[] }): Trigger => ({
  providerType: 'CodeStarSourceConnection',
  gitConfiguration: { sourceActionName: 'Source', ...its },
});
const branch = (name: string): Change => ({ kind: 'branch', name });
const tag = (name: string): Change => ({ kind: 'tag', name });
const pullRequest = (event: 'OPEN' | 'UPDATED' | 'CLOSED', into: string): Change => ({
  ...{ kind: 'pull-request', event, branch: into },
});

describe('CP-C41, CP-C42: what starts a pipeline', () => {
  const main: PushFilter = { branches: { includes: ['main', 'release/**'] } };
  const notDocs: PushFilter = { ...main, filePaths: { includes: ['**'], excludes: ['docs/**'] } };
  const tags: PushFilter = { tags: { includes: ['v*'], excludes: ['v*-rc*'] } };
  const opened: PullRequestFilter = {
    events: ['OPEN', 'UPDATED'],
    branches: { includes: ['main'] },
  };
  test.each<[string, Trigger, Change, string[] | undefined, boolean | 'files']>([
    ['a branch that is included', trigger({ push: [main] }), branch('main'), undefined, true],
    ['one below', trigger({ push: [main] }), branch('release/1/2'), undefined, true],
    ['another', trigger({ push: [main] }), branch('dev'), undefined, false],
    [
      'a tag where branches are asked for',
      trigger({ push: [main] }),
      tag('main'),
      undefined,
      false,
    ],
    ['a tag', trigger({ push: [tags] }), tag('v1'), undefined, true],
    ['a tag that is excluded too', trigger({ push: [tags] }), tag('v1-rc1'), undefined, false],
    ['a branch of a tag’s name', trigger({ push: [tags] }), branch('v1'), undefined, false],
    ['one filter of several', trigger({ push: [tags, main] }), branch('main'), undefined, true],
    ['files that are not known', trigger({ push: [notDocs] }), branch('main'), undefined, 'files'],
    ['files of another branch', trigger({ push: [notDocs] }), branch('dev'), undefined, false],
    ['a file that is taken', trigger({ push: [notDocs] }), branch('main'), ['docs/a', 'b'], true],
    [
      'files that are all excluded',
      trigger({ push: [notDocs] }),
      branch('main'),
      ['docs/a'],
      false,
    ],
    ['no files', trigger({ push: [notDocs] }), branch('main'), [], false],
    ['a filter without files', trigger({ push: [notDocs, main] }), branch('main'), undefined, true],
    [
      'excludes alone',
      trigger({ push: [{ branches: { excludes: ['wip/*'] } }] }),
      ...[branch('any'), undefined, true],
    ] as never,
    [
      'what excludes alone exclude',
      trigger({ push: [{ branches: { excludes: ['wip/*'] } }] }),
      ...[branch('wip/a'), undefined, false],
    ] as never,
    [
      'a pull request',
      trigger({ pullRequest: [opened] }),
      pullRequest('OPEN', 'main'),
      undefined,
      true,
    ],
    [
      'into another branch',
      trigger({ pullRequest: [opened] }),
      pullRequest('OPEN', 'dev'),
      undefined,
      false,
    ],
    [
      'another event',
      trigger({ pullRequest: [opened] }),
      pullRequest('CLOSED', 'main'),
      undefined,
      false,
    ],
    [
      'a push, of pull requests',
      trigger({ pullRequest: [opened] }),
      branch('main'),
      undefined,
      false,
    ],
    [
      'a pull request, of pushes',
      trigger({ push: [main] }),
      pullRequest('OPEN', 'main'),
      undefined,
      false,
    ],
    [
      'any event where none is named',
      trigger({ pullRequest: [{ branches: { includes: ['*'] } }] }),
      ...[pullRequest('CLOSED', 'x'), undefined, true],
    ] as never,
  ])('%s', (_, its, change, files, starts) => {
    expect(decide(its, change, files)).toBe(starts);
  });
});

test('an exclude beats every include, whatever they are', () => {
  const globs = fc.array(fc.constantFrom('a', 'b', '*', '**', 'a/*', '{a,b}', '?'), {
    minLength: 1,
    maxLength: 8,
  });
  const names = fc.constantFrom('a', 'b', 'c', 'a/b', 'a/b/c');
  fc.assert(
    fc.property(globs, globs, names, (includes, excludes, name) => {
      const asks = (filter: PushFilter['branches']) =>
        decide(trigger({ push: [{ branches: filter }] }), branch(name)) === true;
      const both = asks({ includes, excludes });
      expect(both).toBe(asks({ includes }) && asks({ excludes }));
    }),
  );
});

test('with all files known it is always decided, and more filters never start less', () => {
  const filter = fc.record(
    {
      branches: fc.record({ includes: fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1 }) }),
      filePaths: fc.record({ excludes: fc.array(fc.constantFrom('x', 'y'), { minLength: 1 }) }),
    },
    { requiredKeys: ['branches'] },
  );
  const files = fc.array(fc.constantFrom('x', 'y', 'z'));
  fc.assert(
    fc.property(fc.array(filter, { minLength: 1 }), filter, files, (push, more, changed) => {
      const [some, all] = [push, [...push, more]].map((filters) =>
        decide(trigger({ push: filters }), branch('a'), changed),
      );
      expect([true, false]).toContain(some);
      if (some === true) expect(all).toBe(true);
    }),
  );
});

describe('CP-A12, CP-C42: triggers that are refused', () => {
  const place = { region: 'eu-west-1', actionTypes, notBuilt };
  const check = (...triggers: Trigger[]) =>
    validateStructure(
      {
        ...pipelineOf([stage('Source', source()), stage('Go', approval())]),
        ...{ pipelineType: 'V2', triggers },
      },
      place,
    );
  const branches = { includes: ['main'] };
  test.each<[string, Trigger[]]>([
    ['of no source action', [{ ...trigger({}), gitConfiguration: { sourceActionName: 'None' } }]],
    ['two of one', [trigger({ push: [{ branches }] }), trigger({ push: [{ branches }] })]],
    ['tags and branches', [trigger({ push: [{ tags: branches, branches }] })]],
    ['files alone', [trigger({ push: [{ filePaths: branches }] })]],
    ['tags and files', [trigger({ push: [{ tags: branches, filePaths: branches }] })]],
    ['nothing', [trigger({ push: [{}] })]],
    ['an empty filter', [trigger({ push: [{ branches: {} }] })]],
    ['a pattern that is none', [trigger({ push: [{ branches: { includes: ['['] } }] })]],
  ])('%s', (_, triggers) => {
    expect(() => check(...triggers)).toThrow(
      expect.objectContaining({ name: 'InvalidStructureException' }),
    );
  });

  test.each([
    ['push', { push: [{ filePaths: branches }] }],
    ['pull request', { pullRequest: [{ filePaths: branches }] }],
  ])('CP-C41: file paths alone of a %s are told as what they are', (_, configuration) => {
    const { actionTypeId, ...action } = source();
    const provider = 'CodeStarSourceConnection';
    const first = stage('Source', { ...action, actionTypeId: { ...actionTypeId, provider } });
    const pipeline = pipelineOf([first, stage('Go', approval())], {
      triggers: [trigger(configuration)],
    });
    expect(() => validateTriggers(pipeline, actionTypes)).toThrow(
      'filePaths cannot be specified without branches',
    );
  });

  test('pull requests of CodeCommit are not supported, pushes are', () => {
    expect(() => check(trigger({ pullRequest: [{ branches }] }))).toThrow('does not support');
    expect(() => check(trigger({ push: [{ branches }] }))).not.toThrow();
    expect(() => check(trigger({}))).not.toThrow();
  });
});
