import { invalid } from '../errors.ts';
import type { ActionFacts, ConfigurationKey } from './action-type.ts';
import { type Definition, urlsOf } from './made-type.ts';

/**
 * Checks what the model of the API does not say (CP-C48).
 * @throws ValidationException
 */
export function checkDefinition(facts: ActionFacts, definition: Definition): void {
  for (const [side, [least, most]] of [
    ['input', facts.inputs],
    ['output', facts.outputs],
  ] as const) {
    if (least > most)
      throw invalid(
        `The minimum count of ${side} artifacts (${least}) is greater than the maximum count (${most})`,
      );
  }
  checkProperties(facts.configuration);
  for (const [name, url] of Object.entries(urlsOf(definition)))
    if (url !== undefined) checkUrl(name, url, facts.configuration);
}

function checkProperties(properties: readonly ConfigurationKey[]): void {
  const names = properties.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid(`The configuration property '${twice}' is declared more than once`);
  const queryable = properties.filter((property) => property.queryable);
  if (queryable.length > 1)
    throw invalid('An action type can have at most one queryable configuration property');
  for (const { name, required, secret } of queryable)
    if (!required || secret)
      throw invalid(
        `The queryable configuration property '${name}' must be required and not secret`,
      );
}

/** A template may name required properties that are no secrets. What it names and is not there is filled with nothing. */
function checkUrl(member: string, url: string, properties: readonly ConfigurationKey[]): void {
  if (!/^https?:\/\//i.test(url))
    throw invalid(`The ${member} '${url}' is not the URL of a web page`);
  for (const [, name] of url.matchAll(/\{Config:([^{}]*)\}/g)) {
    const property = properties.find((known) => known.name === name);
    if (property && (!property.required || property.secret))
      throw invalid(
        `The ${member} refers to the configuration property '${name}', which must be required and not secret`,
      );
  }
}
