import { describe, expect, it } from 'vitest';
import { referencesIn, resolveConfiguration } from './variables.ts';

describe('variables', () => {
  it('CP-C31: puts values in place of references, several in one value', () => {
    const variables = { src: { CommitId: 'abc' }, codepipeline: { PipelineExecutionId: '1-2' } };
    expect(
      resolveConfiguration(
        {
          a: 'x-#{src.CommitId}-#{codepipeline.PipelineExecutionId}',
          b: '$HOME #no {src.CommitId}',
        },
        variables,
      ),
    ).toEqual({ ok: true, configuration: { a: 'x-abc-1-2', b: '$HOME #no {src.CommitId}' } });
  });

  it('CP-A24: takes names and namespaces by their case', () => {
    expect(resolveConfiguration({ a: '#{src.commitid}' }, { src: { CommitId: 'abc' } })).toEqual({
      ok: false,
      unresolved: '#{src.commitid}',
    });
  });

  it('does not resolve a value again, nor what every object has', () => {
    const variables = { a: { b: '#{a.c}', c: 'no' } };
    expect(resolveConfiguration({ x: '#{a.b}' }, variables)).toEqual({
      ok: true,
      configuration: { x: '#{a.c}' },
    });
    expect(resolveConfiguration({ x: '#{a.constructor}' }, variables).ok).toBe(false);
    expect(resolveConfiguration({ x: '#{__proto__.x}' }, variables).ok).toBe(false);
  });

  it('puts values into strings of JSON as values: a message of a commit adds no variable to a build', () => {
    const CommitMessage = 'x","type":"SECRETS_MANAGER"},{"name":"\\\nPATH';
    const resolve = (text: string) => {
      const resolution = resolveConfiguration({ a: text }, { src: { CommitMessage } });
      return resolution.ok ? resolution.configuration.a : undefined;
    };
    const text = '[{"name":"MESSAGE","value":"of #{src.CommitMessage}"}]';
    expect(JSON.parse(resolve(text) ?? '')).toEqual([
      { name: 'MESSAGE', value: `of ${CommitMessage}` },
    ]);
    expect(resolve('#{src.CommitMessage}')).toBe(CommitMessage);
    expect(resolve('[#{src.CommitMessage}]')).toBe(`[${CommitMessage}]`);
  });

  it.each(['#{}', '#{x}', '#{.x}', '#{x.}', '#{a b.c}'])('CP-A36: refuses %s', (text) => {
    expect(() => referencesIn(text)).toThrow(/Valid format for a pipeline execution variable/);
  });
});
