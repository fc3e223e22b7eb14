import { invalidAction, invalidStructure } from '../errors.ts';
import {
  type Action,
  actionOf,
  type ConditionMember,
  conditionOf,
  type Pipeline,
  type Stage,
} from './declaration.ts';
import type { Path, Problem, Problems } from './problems.ts';
import { ofStage } from './stage-rules.ts';
import { InvalidReference, RESERVED_NAMESPACES, referencesIn } from './variables.ts';

/**
 * What is wrong with what flows between actions: artifacts (CP-A29), namespaces and variable references (CP-A36).
 * An action may use only what an earlier action makes: of an earlier stage, or of a lower runOrder.
 */
export function* flowProblems(pipeline: Pipeline): Problems {
  const flow: Flow = {
    artifacts: new Map(),
    namespaces: new Set(),
    variables: new Set((pipeline.variables ?? []).map((v) => v.name)),
  };
  const allArtifacts = new Set(
    pipeline.stages.flatMap((s) => s.actions).flatMap((a) => a.outputArtifacts.map((o) => o.name)),
  );
  for (const [s, stage] of pipeline.stages.entries()) {
    const here = ['stages', s];
    yield* actionNameProblems(stage.name, stage.actions, [...here, 'actions']);
    const pathOf = (action: Action) => [...here, 'actions', stage.actions.indexOf(action)];
    yield* ruleProblems(stage, ['beforeEntry'], flow, here);
    for (const group of runOrderGroups(stage.actions)) {
      for (const action of group) yield* useProblems(action, flow, pathOf(action));
      for (const action of group) yield* addMade(action, flow, allArtifacts, pathOf(action));
    }
    yield* ruleProblems(stage, ['onSuccess', 'onFailure'], flow, here);
  }
}

function* ruleProblems(stage: Stage, members: ConditionMember[], flow: Flow, at: Path): Problems {
  for (const member of members) {
    const where = `The ${member} condition of stage '${stage.name}'`;
    for (const [r, rule] of (conditionOf(stage, member)?.rules ?? []).entries()) {
      const here = [...at, member, 'conditions', 0, 'rules', r];
      yield* ofStage(where, useProblems(actionOf(rule), flow, here));
    }
  }
}

/** Action types that clone what an artifact of the format CODEBUILD_CLONE_REF refers to (CP-B31). */
const BUILDS = ['CodeBuild', 'Commands', 'ECRBuildAndPublish'];

interface Flow {
  /** Artifact name to the action that makes it. */
  artifacts: Map<string, Action>;
  namespaces: Set<string>;
  variables: Set<string>;
}

/** The actions of a stage in the order of their groups: those of one group run in parallel (CP-A8). */
export function runOrderGroups(actions: readonly Action[]): Action[][] {
  const groups = new Map<number, Action[]>();
  for (const action of actions) {
    groups.set(action.runOrder, [...(groups.get(action.runOrder) ?? []), action]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function* actionNameProblems(stage: string, actions: Action[], at: Path): Problems {
  const names = new Set<string>();
  for (const [index, { name }] of actions.entries()) {
    if (names.has(name)) {
      const error = invalidAction(
        `Action names must be unique in a stage: '${name}' is used twice in stage '${stage}'`,
      );
      yield { at: [...at, index, 'name'], error };
    }
    names.add(name);
  }
}

function* useProblems(action: Action, flow: Flow, at: Path): Problems {
  const used = new Set<string>();
  for (const [index, { name }] of action.inputArtifacts.entries()) {
    const here = [...at, 'inputArtifacts', index, 'name'];
    if (!flow.artifacts.has(name)) {
      const error = invalidAction(
        `Action '${action.name}' has the input artifact '${name}', which is not an output artifact of an earlier action`,
      );
      yield { at: here, error, judged: [...flow.artifacts.keys()] };
    }
    const { OutputArtifactFormat } = flow.artifacts.get(name)?.configuration ?? {};
    if (
      OutputArtifactFormat === 'CODEBUILD_CLONE_REF' &&
      !BUILDS.includes(action.actionTypeId.provider)
    ) {
      const error = invalidAction(
        `Action '${action.name}' has the input artifact '${name}', which is a reference to a repository (CODEBUILD_CLONE_REF): only CodeBuild can use it`,
      );
      yield { at: here, error, judged: [OutputArtifactFormat] };
    }
    if (used.has(name)) {
      const error = invalidAction(
        `Action '${action.name}' declares the input artifact '${name}' twice`,
      );
      yield { at: here, error };
    }
    used.add(name);
  }
  for (const [key, value] of Object.entries(action.configuration))
    yield* referenceProblems(action, value, flow, [...at, 'configuration', key]);
  const given = (action.environmentVariables ?? []) as { value: string }[];
  for (const [index, { value }] of given.entries())
    yield* referenceProblems(action, value, flow, [...at, 'environmentVariables', index, 'value']);
}

function* referenceProblems(action: Action, value: string, flow: Flow, at: Path): Problems {
  let references: ReturnType<typeof referencesIn>;
  try {
    references = referencesIn(value);
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    yield { at, error: invalidAction(error.message) };
    return;
  }
  for (const { namespace, key } of references) {
    const message = unresolved(action, flow, namespace, key);
    if (message !== undefined)
      yield { at, error: invalidAction(message), judged: [...flow.namespaces] };
  }
}

/** Why a reference means nothing, or undefined where it means something. */
function unresolved(
  action: Action,
  flow: Flow,
  namespace: string,
  key: string,
): string | undefined {
  const unknown = `Action '${action.name}' refers to the variable '${namespace}.${key}', which does not exist`;
  if (namespace === 'codepipeline') return key === 'PipelineExecutionId' ? undefined : unknown;
  if (namespace === 'variables') return flow.variables.has(key) ? undefined : unknown;
  return flow.namespaces.has(namespace)
    ? undefined
    : `Action '${action.name}' refers to the namespace '${namespace}', which no earlier action has`;
}

function* addMade(
  action: Action,
  flow: Flow,
  allArtifacts: ReadonlySet<string>,
  at: Path,
): Problems {
  for (const [index, { name }] of action.outputArtifacts.entries()) {
    const maker = flow.artifacts.get(name);
    if (maker) {
      const error = invalidStructure(
        `Output artifact names must be unique within a pipeline: '${name}' is made by '${maker.name}' and '${action.name}'`,
      );
      yield { at: [...at, 'outputArtifacts', index, 'name'], error };
    } else flow.artifacts.set(name, action);
  }
  const { namespace } = action;
  if (namespace === undefined) return;
  const problem = namespaceProblem(action, namespace, flow, allArtifacts);
  if (problem) yield { at: [...at, 'namespace'], ...problem };
  flow.namespaces.add(namespace);
}

function namespaceProblem(
  { name }: Action,
  namespace: string,
  flow: Flow,
  allArtifacts: ReadonlySet<string>,
): Pick<Problem, 'error'> | undefined {
  if (RESERVED_NAMESPACES.includes(namespace))
    return { error: invalidAction(`Action '${name}': the namespace '${namespace}' is reserved`) };
  if (flow.namespaces.has(namespace)) {
    return {
      error: invalidAction(
        `Namespaces must be unique within a pipeline: '${namespace}' is used twice, again by action '${name}'`,
      ),
    };
  }
  if (!allArtifacts.has(namespace)) return undefined;
  return {
    error: invalidAction(
      `Action '${name}': the namespace '${namespace}' is also the name of an artifact`,
    ),
  };
}
