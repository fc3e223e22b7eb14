import { expect, test } from 'vitest';
import { emptied, overrides, type StartFrom } from './start-overrides.ts';

const project: StartFrom = {
  ...{ project: 'web', sourceVersion: 'main', image: 'debian', timeout: 60, variables: [] },
};

test('what differs from the project alone is sent', () => {
  const { projectName, imageOverride, sourceVersion } = overrides(
    project,
    { ...project, image: 'alpine' },
    false,
  );
  expect([projectName, imageOverride, sourceVersion]).toEqual(['web', 'alpine', undefined]);
});

test('what the project has cannot be emptied for one build', () => {
  const to = { ...project, sourceVersion: '', timeout: undefined, buildspec: '' };
  expect([...emptied(project, to)]).toEqual(['sourceVersion', 'timeout']);
  expect(emptied(project, project).size).toBe(0);
});
