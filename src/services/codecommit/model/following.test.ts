import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answers, type Followed, follow, questionKey, type Step } from './following.ts';

const SOURCE = 'refs/heads/feature';
const DESTINATION = 'refs/heads/main';

const pr = (more: Partial<Followed> = {}): Followed => ({
  status: 'OPEN',
  ...{ sourceReference: SOURCE, sourceCommit: 's1' },
  ...{ destinationReference: DESTINATION, destinationCommit: 'd1', mergingCommits: [] },
  ...more,
});

/** A history: each commit with all that it contains besides itself. */
type History = Record<string, string[]>;

/** Asks git, which is this history, until there is nothing to ask any more. */
function decide(
  followed: Followed,
  references: Record<string, string>,
  history: History,
): Exclude<Step, { step: 'ask' }> {
  const answers = new Map<string, boolean | string | undefined>();
  for (let rounds = 0; rounds < 10; rounds++) {
    const step = follow(followed, new Map(Object.entries(references)), answers as Answers);
    if (step.step !== 'ask') return step;
    const { question } = step;
    const answer =
      question.ask === 'contains'
        ? (history[question.commit] ?? []).includes(question.ancestor)
        : (history[question.one] ?? []).find((each) => history[question.other]?.includes(each));
    answers.set(questionKey(question), answer);
  }
  throw new Error('It asks without end');
}

describe('CC-LIF-02, CC-LIF-03: what becomes of a pull request', () => {
  const history: History = {
    ...{
      s1: ['b'],
      s2: ['s1', 'b'],
      f1: ['d1', 'b'],
      f2: ['f1', 'd1', 'b'],
      n1: ['f1', 'd1', 'b'],
      d1: ['b'],
      d2: ['d1', 'b'],
      b: [],
    },
    /** main with s1 in it, and with s2. */
    ...{ m1: ['s1', 'd1', 'b'], m2: ['s2', 's1', 'd1', 'b'] },
    /** a squash of s1, and what somebody has pushed on top of it */
    ...{ q1: ['d1', 'b'], q2: ['q1', 'd1', 'b'] },
  };
  test.each<[string, Partial<Followed>, Record<string, string>, Step]>([
    ['nothing has moved', {}, { [SOURCE]: 's1', [DESTINATION]: 'd1' }, { step: 'none' }],
    [
      'a push to the source',
      {},
      { [SOURCE]: 's2', [DESTINATION]: 'd1' },
      { step: 'revision', sourceCommit: 's2', destinationCommit: 'd1', mergeBase: 'b' },
    ],
    [
      'a push to the destination',
      {},
      { [SOURCE]: 's1', [DESTINATION]: 'd2' },
      { step: 'destination', destinationCommit: 'd2' },
    ],
    [
      'a push to both',
      {},
      { [SOURCE]: 's2', [DESTINATION]: 'd2' },
      { step: 'revision', sourceCommit: 's2', destinationCommit: 'd2', mergeBase: 'b' },
    ],
    ['the source is deleted', {}, { [DESTINATION]: 'd1' }, { step: 'closed' }],
    ['the destination is deleted', {}, { [SOURCE]: 's1' }, { step: 'closed' }],
    ['both are deleted', {}, {}, { step: 'closed' }],
    [
      'a three-way merge of the source that somebody has made at home',
      {},
      { [SOURCE]: 's1', [DESTINATION]: 'm1' },
      { step: 'destination', destinationCommit: 'm1' },
    ],
    [
      'the same, though a fast-forward would have done',
      { sourceCommit: 'f1' },
      { [SOURCE]: 'f1', [DESTINATION]: 'n1' },
      { step: 'destination', destinationCommit: 'n1' },
    ],
    [
      'a fast-forward push of the source',
      { sourceCommit: 'f1' },
      { [SOURCE]: 'f1', [DESTINATION]: 'f1' },
      { step: 'landed', sourceCommit: 'f1', destinationCommit: 'f1' },
    ],
    [
      'a forced push of the source, which loses what was in the destination',
      {},
      { [SOURCE]: 's1', [DESTINATION]: 's1' },
      { step: 'destination', destinationCommit: 's1' },
    ],
    [
      'a fast-forward push of the source that deletes it',
      { sourceCommit: 'f1' },
      { [DESTINATION]: 'f1' },
      { step: 'landed', sourceCommit: 'f1', destinationCommit: 'f1' },
    ],
    [
      'a fast-forward push of a new source',
      { sourceCommit: 'f1' },
      { [SOURCE]: 'f2', [DESTINATION]: 'f2' },
      { step: 'landed', sourceCommit: 'f2', destinationCommit: 'f2' },
    ],
    [
      'a push that lands what was before the last commit of the source',
      {},
      { [SOURCE]: 's2', [DESTINATION]: 'm1' },
      { step: 'revision', sourceCommit: 's2', destinationCommit: 'm1', mergeBase: 's1' },
    ],
    [
      'the destination goes back to before the source',
      { sourceCommit: 'b', destinationCommit: 'd1' },
      { [SOURCE]: 'b', [DESTINATION]: 'd2' },
      { step: 'destination', destinationCommit: 'd2' },
    ],
    [
      'a squash that was begun here',
      { mergingCommits: ['x', 'q1'] },
      { [SOURCE]: 's1', [DESTINATION]: 'q1' },
      { step: 'merged', commitId: 'q1' },
    ],
    [
      'the same, and a push on top of it before anybody looked',
      { mergingCommits: ['x', 'q1'] },
      { [SOURCE]: 's2', [DESTINATION]: 'q2' },
      { step: 'merged', commitId: 'q1' },
    ],
    [
      'a squash that was begun here, when somebody else was faster',
      { mergingCommits: ['x', 'q1'] },
      { [SOURCE]: 's1', [DESTINATION]: 'd2' },
      { step: 'destination', destinationCommit: 'd2' },
    ],
    [
      'a merge that was begun here and had nothing to do',
      { mergingCommits: ['d1'] },
      { [SOURCE]: 's1', [DESTINATION]: 'd1' },
      { step: 'merged', commitId: 'd1' },
    ],
    [
      'closed while a squash of it was under way, which has been made all the same',
      { status: 'CLOSED', mergingCommits: ['x', 'q1'] },
      { [SOURCE]: 's1', [DESTINATION]: 'q2' },
      { step: 'merged', commitId: 'q1' },
    ],
    [
      'closed while a squash of it was under way, which has not been made (yet)',
      { status: 'CLOSED', mergingCommits: ['q1'] },
      { [SOURCE]: 's2', [DESTINATION]: 'd2' },
      { step: 'none' },
    ],
    [
      'closed, and its branches are gone',
      { status: 'CLOSED', mergingCommits: ['q1'] },
      {},
      { step: 'none' },
    ],
    [
      'a squash that somebody has made at home',
      {},
      { [SOURCE]: 's1', [DESTINATION]: 'q1' },
      { step: 'destination', destinationCommit: 'q1' },
    ],
  ])('%s', (_, more, references, step) => {
    expect(decide(pr(more), references, history)).toEqual(step);
  });

  test('whatever moves where: it is decided, and a second look changes nothing', () => {
    const commit = fc.constantFrom(...Object.keys(history));
    const where = fc.record(
      { [SOURCE]: commit, [DESTINATION]: commit },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>;
    fc.assert(
      fc.property(commit, commit, fc.option(commit), where, (s, d, merging, references) => {
        const before = pr({
          ...{ sourceCommit: s, destinationCommit: d },
          mergingCommits: merging === null ? [] : [merging],
        });
        const step = decide(before, references, history);
        if (step.step !== 'revision' && step.step !== 'destination') return;
        if (before.mergingCommits.length > 0) return;
        const { step: _, ...change } = step;
        expect(decide({ ...before, ...change }, references, history)).toEqual({ step: 'none' });
      }),
    );
  });
});
