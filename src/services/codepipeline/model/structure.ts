import { ownValue } from '../../../lib/own.ts';
import { invalidBlocker, invalidStage, invalidStructure } from '../errors.ts';
import { limits } from '../limits.ts';
import { actionProblems, type Place } from './action-rules.ts';
import { flowProblems } from './artifact-flow.ts';
import type { Pipeline, Stage } from './declaration.ts';
import { conditionOf, needsV2, usesV2 } from './declaration.ts';
import { firstOf, type Path, type Problems, thrownBy } from './problems.ts';
import { conditionProblems } from './stage-rules.ts';
import { validateTriggers } from './trigger-rules.ts';

/**
 * Checks a pipeline's structure (CP-A25..A37).
 * @throws InvalidStructureException, InvalidStageDeclarationException, InvalidActionDeclarationException
 */
export function validateStructure(pipeline: Pipeline, place: Place): void {
  const first = firstOf(structureProblems(pipeline, place));
  if (first) throw first.error;
}

/** All that is wrong with a pipeline's structure, in the order in which it is judged. */
export function* structureProblems(pipeline: Pipeline, place: Place): Problems {
  yield* stageProblems(pipeline.stages);
  yield* nameProblems(pipeline.stages);
  yield* typeProblems(pipeline);
  yield* storeProblems(pipeline, place);
  yield* thrownBy(['triggers'], () => validateTriggers(pipeline, place.actionTypes));
  for (const [s, stage] of pipeline.stages.entries()) {
    for (const [a, action] of stage.actions.entries())
      yield* actionProblems(action, place, ['stages', s, 'actions', a]);
  }
  yield* conditionProblems(pipeline, place);
  yield* flowProblems(pipeline);
}

/** How many stages and actions there are, and where its sources are (CP-A21, CP-A25..A27). */
function* stageProblems(stages: readonly Stage[]): Problems {
  const at = ['stages'];
  if (stages.length < limits.minStages) {
    const error = invalidStructure(
      `Pipeline has only ${stages.length} stage(s). There should be a minimum of ${limits.minStages} stages in a pipeline`,
    );
    yield { at, error };
  }
  if (stages.length > limits.maxStages) {
    const error = invalidStructure(
      `Pipeline has ${stages.length} stages. There should be a maximum of ${limits.maxStages} stages in a pipeline`,
    );
    yield { at, error };
  }
  yield* sourceProblems(stages);
  if (stages.reduce((sum, s) => sum + s.actions.length, 0) > limits.maxActionsPerPipeline) {
    const error = invalidStructure(
      `Pipeline has more than ${limits.maxActionsPerPipeline} actions`,
    );
    yield { at, error };
  }
}

function* sourceProblems(stages: readonly Stage[]): Problems {
  const categories = (stage: Stage) => stage.actions.map((action) => action.actionTypeId.category);
  const [first] = stages;
  if (!first?.actions.length || categories(first).some((category) => category !== 'Source')) {
    yield {
      at: first ? ['stages', 0] : ['stages'],
      judged: first && categories(first),
      error: invalidStructure(
        'Pipeline should start with a stage that only contains source actions',
      ),
    };
  }
  for (const [index, stage] of stages.entries()) {
    const source = categories(stage).indexOf('Source');
    if (index === 0 || source < 0) continue;
    yield {
      at: ['stages', index, 'actions', source],
      error: invalidStructure(
        `Source actions are only allowed in the first stage: stage '${stage.name}' contains one`,
      ),
    };
  }
}

function* nameProblems(stages: readonly Stage[]): Problems {
  const names = new Set<string>();
  for (const [index, { name, actions, blockers = [] }] of stages.entries()) {
    const at = ['stages', index];
    yield* blockerProblems(
      name,
      blockers.map((blocker) => blocker.name),
      at,
    );
    if (names.has(name)) {
      const error = invalidStage(
        `Stage names must be unique in a pipeline: '${name}' is used twice`,
      );
      yield { at: [...at, 'name'], error };
    }
    names.add(name);
    if (actions.length === 0) {
      yield { at, error: invalidStage(`Stage '${name}' must have at least one action`) };
    }
    if (actions.length > limits.maxActionsPerStage) {
      const error = invalidStage(
        `Stage '${name}' has more than the maximum number of actions (${limits.maxActionsPerStage})`,
      );
      yield { at, error };
    }
  }
}

function* blockerProblems(stage: string, names: readonly string[], at: Path): Problems {
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice < 0) return;
  const error = invalidBlocker(
    `Blocker names must be unique in a stage: '${names[twice]}' is used twice in stage '${stage}'`,
  );
  yield { at: [...at, 'blockers', twice, 'name'], error };
}

/** What only a V2 pipeline has (CP-A37). */
function* typeProblems(pipeline: Pipeline): Problems {
  if (pipeline.pipelineType === 'V1') {
    if (usesV2(pipeline)) {
      const error = invalidStructure(
        'Pipelines of type V1 cannot have an execution mode other than SUPERSEDED, triggers, variables or stage conditions: they need pipeline type V2',
      );
      yield { at: ['pipelineType'], error };
    }
    for (const [s, stage] of pipeline.stages.entries()) {
      const a = stage.actions.findIndex(({ actionTypeId }) => needsV2(actionTypeId));
      if (a < 0) continue;
      const { name, actionTypeId } = stage.actions[a] as (typeof stage.actions)[number];
      const error = invalidStructure(
        `Pipelines of type V1 cannot have actions of the provider '${actionTypeId.provider}' (action '${name}'): they need pipeline type V2`,
      );
      yield { at: ['stages', s, 'actions', a, 'actionTypeId'], error };
    }
  }
  const names = (pipeline.variables ?? []).map((v) => v.name);
  const index = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (index >= 0) {
    const error = invalidStructure(
      `Pipeline variable names must be unique: '${names[index]}' is declared twice`,
    );
    yield { at: ['variables', index, 'name'], error };
  }
}

/** Exactly one kind of stores; of several, one for each region that has actions (CP-A34). */
function* storeProblems(pipeline: Pipeline, place: Place): Problems {
  const { artifactStore, artifactStores } = pipeline;
  if (!artifactStore === !artifactStores) {
    const error = invalidStructure(
      'You must include either artifactStore or artifactStores in your pipeline, but you cannot use both',
    );
    yield { at: artifactStores ? ['artifactStores'] : [], error };
    return;
  }
  const regions = Object.keys(artifactStores ?? {});
  if (artifactStores && !ownValue(artifactStores, place.region)) {
    const error = invalidStructure(
      `artifactStores must contain an artifact store for the pipeline's region '${place.region}'`,
    );
    yield { at: ['artifactStores'], error, judged: regions };
  }
  for (const { what, region, at } of placed(pipeline.stages)) {
    if (region === undefined || region === place.region) continue;
    if (artifactStores && ownValue(artifactStores, region)) continue;
    const error = invalidStructure(
      `${what} is in the region '${region}': artifactStores must contain an artifact store for it and for the pipeline's region`,
    );
    yield { at: [...at, 'region'], error, judged: regions };
  }
}

/** All that may be in a region of its own: rules, and actions but for those that may not (CP-A35). */
function* placed(
  stages: readonly Stage[],
): Generator<{ what: string; region?: string | undefined; at: Path }> {
  for (const [s, stage] of stages.entries()) {
    for (const [a, { name, region, actionTypeId }] of stage.actions.entries()) {
      if (actionTypeId.owner !== 'AWS') continue;
      yield { what: `Action '${name}'`, region, at: ['stages', s, 'actions', a] };
    }
    for (const member of ['beforeEntry', 'onSuccess', 'onFailure'] as const) {
      for (const [r, { name, region }] of (conditionOf(stage, member)?.rules ?? []).entries())
        yield {
          what: `Rule '${name}'`,
          region,
          at: ['stages', s, member, 'conditions', 0, 'rules', r],
        };
    }
  }
}
