import { ownValue } from '../../lib/own.ts';
import { printable, spanText } from '../../lib/printable.ts';
import { type FlakyTest, flakyText } from '../explain/flaky.ts';
import {
  type ActionView,
  type ExecutionView,
  hasEnded,
  type RuleView,
  type StageView,
} from './view.ts';

/** A log's last lines, by action execution. */
export type Tails = ReadonlyMap<string, readonly string[]>;

/** Tests that ended otherwise in another build of the same commit, by action execution. */
export type Flaky = ReadonlyMap<string, readonly FlakyTest[]>;

const MARKS: Record<string, string> = {
  Succeeded: '✓',
  Failed: '✗',
  InProgress: '▶',
  Waiting: '·',
  Skipped: '→',
};

const mark = (status: string) => ownValue(MARKS, status) ?? '■';

/** The whole of an execution, for a terminal that is drawn again and again. */
export function screen(
  view: ExecutionView,
  tails: Tails,
  now: number,
  flaky: Flaky = new Map(),
): string[] {
  const summary = view.statusSummary ? `: ${printable(view.statusSummary)}` : '';
  return [
    `${view.pipeline}  ${view.executionId}  ${view.status}${summary}`,
    ...view.stages.flatMap((stage) => [
      stageLine(stage),
      ...inOrder(stage).flatMap((action) => [
        actionLine(action, now),
        ...tailLines(action, tails).map((line) => `      ${line}`),
        ...flakyOf(action, flaky).map((test) => `      ${flakyLine(test)}`),
      ]),
    ]),
  ];
}

const flakyOf = ({ actionExecutionId = '' }: ActionView, flaky: Flaky) =>
  flaky.get(actionExecutionId) ?? [];

const flakyLine = (test: FlakyTest): string => `flaky ${printable(flakyText(test))}`;

/** Entry conditions, actions, then the other conditions. */
const inOrder = ({ actions, rules }: StageView): (ActionView | RuleView)[] => [
  ...rules.filter(({ phase }) => phase === 'beforeEntry'),
  ...actions,
  ...rules.filter(({ phase }) => phase !== 'beforeEntry'),
];

const stageLine = ({ name, status, waitsFor }: StageView): string =>
  `${mark(status)} ${name}  ${status}${waitsFor ? `, waits for ${printable(waitsFor)}` : ''}`;

function actionLine(action: ActionView | RuleView, now: number): string {
  const { name, status, start, end } = action;
  const provider = 'phase' in action ? `${action.phase}: ${action.provider}` : action.provider;
  const span = start ? `  ${spanText((end?.getTime() ?? now) - start.getTime())}` : '';
  return `    ${mark(status)} ${name} (${provider})  ${status}${span}${said(action)}`;
}

/** Why it failed, what it waits for, or what it says of itself. */
function said({ error, summary, token, status, category }: ActionView): string {
  if (error) return `  ${printable([error.code, error.message].filter(Boolean).join(': '))}`;
  if (status === 'InProgress' && category === 'Approval')
    return `  waits for an approval${token ? `, token ${token}` : ''}`;
  return summary ? `  ${printable(summary.split('\n')[0] ?? '')}` : '';
}

const tailLines = ({ actionExecutionId = '', status }: ActionView, tails: Tails): string[] =>
  status === 'Failed'
    ? (tails.get(actionExecutionId) ?? []).map((line) => `| ${printable(line)}`)
    : [];

/** Something that has happened to an execution. */
export interface Change {
  kind: 'execution' | 'stage' | 'action' | 'rule' | 'flaky';
  /** What has to differ for it to be told again. */
  key: string;
  line: string;
  /** For programs. */
  data: object;
}

/** All that an execution has come to, one entry for each state of each part: who has told one does not tell it again. */
export function changes(view: ExecutionView, tails: Tails, flaky: Flaky = new Map()): Change[] {
  const { executionId, pipeline, status, statusSummary } = view;
  const inStages = view.stages.flatMap((stage): Change[] => [
    ...(stage.waitsFor ? [waiting(stage, stage.waitsFor)] : []),
    ...inOrder(stage)
      .filter((action) => action.status !== 'Waiting')
      .flatMap((a) => [actionChange(a, tails), ...flakyChanges(a, flaky)]),
  ]);
  const summary = statusSummary ? `: ${printable(statusSummary)}` : '';
  const whole: Change = {
    ...{ kind: 'execution', key: status, line: `execution ${executionId} ${status}${summary}` },
    data: { pipeline, executionId, status, statusSummary },
  };
  // The end is told last.
  return hasEnded(view) ? [...inStages, whole] : [whole, ...inStages];
}

const waiting = ({ name, waitsFor }: StageView, why: string): Change => ({
  ...{ kind: 'stage', key: `${name} ${waitsFor}` },
  line: `  ${name}: waits for ${printable(why)}`,
  data: { stage: name, status: 'Waiting', waitsFor },
});

function flakyChanges(action: ActionView, flaky: Flaky): Change[] {
  const { stage, name, actionExecutionId } = action;
  return flakyOf(action, flaky).map((test) => ({
    ...{ kind: 'flaky', key: `${actionExecutionId} ${test.test}` },
    line: `      ${flakyLine(test)}`,
    data: { stage, name, ...test },
  }));
}

function actionChange(action: ActionView | RuleView, tails: Tails): Change {
  const { stage, name, status, start, end, token, actionExecutionId = '' } = action;
  const span = start && end ? `  ${spanText(end.getTime() - start.getTime())}` : '';
  const log = status === 'Failed' ? tails.get(actionExecutionId) : undefined;
  const lines = [
    `  ${`${stage}/${name}`.padEnd(22)} ${status.padEnd(10)}${span}${said(action)}`,
    ...tailLines(action, tails).map((line) => `      ${line}`),
  ];
  return {
    kind: 'phase' in action ? 'rule' : 'action',
    key: [actionExecutionId, status, token ?? ''].join(' '),
    line: lines.join('\n'),
    data: { ...action, ...(log && { log }) },
  };
}
