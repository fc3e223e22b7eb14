import { expect, test } from 'vitest';
import { projectInput, projectText } from './project-input.ts';

const now = projectText({ name: 'web', arn: 'arn:x', description: 'old' });

test('a project is edited without what UpdateProject has not', () => {
  expect(JSON.parse(now)).toEqual({ name: 'web', description: 'old' });
  expect(projectInput(now, now, 'web')).toEqual({ input: JSON.parse(now), left: [] });
});

test('what is taken out is said to stay', () => {
  expect(projectInput('{"name":"web"}', now, 'web').left).toEqual(['description']);
});

test.each(['[]', '"web"', 'null', '3', '{', '{}', '{"name":"other"}'])(
  '%s is no project',
  (text) => {
    const { input, problem } = projectInput(text, now, 'web');
    expect(input).toBeUndefined();
    expect(problem).not.toBe('');
    expect(problem).toBeDefined();
  },
);
