import type { TestCase } from '@aws-sdk/client-codebuild';
import type { FormatReader } from './format.ts';
import { testCase } from './test-case.ts';
import { isObject, jsonReader, listOf, textOf } from './whole-json.ts';

interface Step {
  status: string;
  nanoseconds: number;
  message: string;
}

/** Cucumber's JSON: a scenario is a test, and the steps of a background belong to the scenario behind it. */
export function cucumberReader(found: (test: TestCase) => void): FormatReader {
  return jsonReader((features) => {
    if (!Array.isArray(features))
      throw new Error('it is no CUCUMBERJSON file: no list of features');
    for (const feature of features.filter(isObject)) readFeature(feature, found);
  });
}

function readFeature(feature: Record<string, unknown>, found: (test: TestCase) => void): void {
  let background: Step[] = [];
  for (const element of listOf(feature.elements).filter(isObject)) {
    const steps = [element.before, element.steps, element.after].flatMap(listOf).map(stepOf);
    if (element.type === 'background') {
      background = steps;
      continue;
    }
    found(scenario(feature, element, [...background, ...steps]));
    background = [];
  }
}

function scenario(
  feature: Record<string, unknown>,
  element: Record<string, unknown>,
  steps: Step[],
): TestCase {
  const time = steps.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  return testCase({
    prefix: textOf(feature.name),
    name: textOf(element.name),
    status: statusOf(steps),
    durationInNanoSeconds: Math.min(time, Number.MAX_SAFE_INTEGER),
    message: steps.find(({ message }) => message)?.message,
    testSuiteName: textOf(feature.uri),
  });
}

/** What one step did not pass by, in the order in which it counts. A step without a definition was never run. */
function statusOf(steps: Step[]): string {
  const any = (...statuses: string[]) => steps.some(({ status }) => statuses.includes(status));
  if (any('failed')) return 'FAILED';
  if (any('undefined', 'ambiguous')) return 'ERROR';
  if (any('skipped', 'pending')) return 'SKIPPED';
  return steps.every(({ status }) => status === 'passed') ? 'SUCCEEDED' : 'UNKNOWN';
}

function stepOf(step: unknown): Step {
  const result = isObject(step) && isObject(step.result) ? step.result : {};
  const time = Number(result.duration ?? 0);
  return {
    status: textOf(result.status).toLowerCase(),
    nanoseconds: time >= 0 && time <= Number.MAX_SAFE_INTEGER ? Math.round(time) : 0,
    message: textOf(result.error_message),
  };
}
