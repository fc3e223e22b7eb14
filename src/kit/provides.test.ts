import { expect, it } from 'vitest';
import { joinProvides, type Provides } from './provides.ts';

const offer = (name: string, ...parts: (keyof Provides)[]) => ({
  name,
  provides: Object.fromEntries(parts.map((part) => [part, () => name])) as Partial<Provides>,
});

it('what services provide becomes one, observers all of them', () => {
  const provided = joinProvides([
    offer('iam', 'credentials', 'authorizer', 'observer'),
    offer('cloudtrail', 'observer'),
    { name: 'kms' },
  ]);
  expect(provided.observers).toHaveLength(2);
  expect(provided.raisedQuota).toBeUndefined();
});

it('two services that provide the same are refused by name', () => {
  const services = [offer('iam', 'credentials', 'authorizer'), offer('sso', 'authorizer')];
  expect(() => joinProvides(services)).toThrow('Both iam and sso provide authorizer.');
});

it('what nobody provides is named', () => {
  expect(() => joinProvides([offer('iam', 'authorizer', 'raisedQuota')])).toThrow(
    'No service provides credentials.',
  );
});
