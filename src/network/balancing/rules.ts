import { isIP } from 'node:net';
import { blockList } from '../../lib/address-block.ts';
import { ownValue } from '../../lib/own.ts';
import { ANY, matchesWildcard, ONE, type Token } from '../../lib/wildcard.ts';
import type { Action, Condition, RedirectAction, RulePlan } from './plan.ts';

/** What rules look at. */
export interface RequestView {
  method: string;
  /** Without a port. */
  host: string;
  /** As it was sent. */
  path: string;
  /** Behind the question mark, as it was sent. */
  query: string;
  /** All values of a header, by its name in lower case. */
  header(name: string): readonly string[];
  sourceIp: string;
}

type Test = (request: RequestView) => boolean;

/** `*` and `?`; a backslash before one of them, or itself, takes its meaning away. */
export function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    const next = pattern.charAt(i + 1);
    if (char === '\\' && ['*', '?', '\\'].includes(next)) {
      tokens.push(next);
      i++;
    } else tokens.push(char === '*' ? ANY : char === '?' ? ONE : char);
  }
  return tokens;
}

function anyOf(patterns: readonly string[], fold: (text: string) => string = (text) => text) {
  const all = patterns.map((pattern) => tokensOf(fold(pattern)));
  return (text: string) => all.some((tokens) => matchesWildcard(tokens, fold(text)));
}

const lower = (text: string) => text.toLowerCase();

/** Hosts, headers and queries are compared without regard to case, paths with. */
function compile(condition: Condition): Test {
  switch (condition.kind) {
    case 'host': {
      const matches = anyOf(condition.values, lower);
      return ({ host }) => matches(host);
    }
    case 'path': {
      const matches = anyOf(condition.values);
      return ({ path }) => matches(path);
    }
    case 'method':
      return ({ method }) => condition.values.includes(method);
    case 'header': {
      const [name, matches] = [lower(condition.name), anyOf(condition.values, lower)];
      return ({ header }) => header(name).some(matches);
    }
    case 'query':
      return queryTest(condition.values);
    case 'source': {
      const list = blockList(condition.blocks);
      return ({ sourceIp }) =>
        isIP(sourceIp) !== 0 && list.check(sourceIp, isIP(sourceIp) === 4 ? 'ipv4' : 'ipv6');
    }
  }
}

function queryTest(values: { key?: string | undefined; value: string }[]): Test {
  const all = values.map(({ key, value }) => ({
    key: key === undefined || key === '' ? undefined : anyOf([key], lower),
    value: anyOf([value], lower),
  }));
  return ({ query }) => {
    if (query === '') return false;
    const pairs = [...new URLSearchParams(query)];
    return all.some(({ key, value }) =>
      pairs.some(([name, text]) => (key ? key(name) : true) && value(text)),
    );
  };
}

/** Rules as one question: the action of the first all of whose conditions hold. */
export function compileRules(
  rules: readonly RulePlan[],
): (request: RequestView) => Action | undefined {
  const all = rules.map(({ conditions, action }) => ({ tests: conditions.map(compile), action }));
  return (request) => all.find(({ tests }) => tests.every((test) => test(request)))?.action;
}

/** Where a redirection leads. */
export function locationOf(
  action: RedirectAction,
  request: { protocol: string; host: string; port: number; path: string; query: string },
): string {
  const own: Record<string, string> = {
    '#{protocol}': request.protocol,
    '#{host}': request.host,
    '#{port}': String(request.port),
    '#{path}': request.path.replace(/^\//, ''),
    '#{query}': request.query,
  };
  const fill = (text: string) =>
    text.replaceAll(/#\{(?:protocol|host|port|path|query)\}/g, (name) => ownValue(own, name) ?? '');
  const protocol = fill(action.protocol).toLowerCase();
  const query = fill(action.query);
  return `${protocol}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}${query && `?${query}`}`;
}
