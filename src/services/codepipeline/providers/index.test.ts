import { describe, expect, it } from 'vitest';
import { idsOf } from '../model/action-type.ts';
import { subscriptions } from '../reconcilers/subscriptions.ts';
import { wants } from '../wants.ts';
import { notBuilt, workTypes } from './index.ts';

const twice = (names: string[]) => names.filter((name, i) => names.indexOf(name) !== i);
const kinds = workTypes
  .flatMap(idsOf)
  .map(({ category, owner, provider }) => `${category}/${owner}/${provider}`);

describe('the registry of action types', () => {
  it('has each once, and none that is built among those that are not', () => {
    expect(twice(kinds)).toEqual([]);
    expect(kinds.filter((kind) => Object.hasOwn(notBuilt, kind))).toEqual([]);
  });

  it('has each key and each subscription once', () => {
    for (const type of workTypes) expect(twice(type.configuration.map((k) => k.name))).toEqual([]);
    expect(twice(subscriptions(workTypes).map(({ name }) => name))).toEqual([]);
  });

  it.each(workTypes)('$provider names only keys that it has, and no secret', (type) => {
    const names = type.configuration.filter((key) => !key.secret).map((key) => key.name);
    const links = JSON.stringify(type.links ?? {});
    const used = [...links.matchAll(/\{Config:([^}]+)\}/g)].map((match) => match[1] as string);
    const allowed = Object.values(type.revisions ?? {}).flatMap((rule) => rule.allowedBy ?? []);
    expect(names).toEqual(expect.arrayContaining([...used, ...allowed]));
  });

  it.each(workTypes)('$provider has defaults that it takes', ({ configuration }) => {
    for (const key of configuration) {
      if (key.default === undefined) continue;
      expect(key.values ?? ['true', 'false', key.default]).toContain(key.default);
      if (Array.isArray(key.unsupported)) expect(key.unsupported).not.toContain(key.default);
    }
  });

  it.each(workTypes)('$provider is started by what it watches', ({ watches, categories }) => {
    expect(!watches || categories.includes('Source')).toBe(true);
    expect(!watches || Object.hasOwn(wants, `codepipeline/${watches.name}`)).toBe(true);
  });
});
