import { consoleUrl } from '../../../lib/console-url.ts';
import { ownValue } from '../../../lib/own.ts';
import { type ActionFacts, findActionType, type Link } from './action-type.ts';
import type { ActionTypeId } from './declaration.ts';
import type { ActionRun } from './state.ts';

/*
 * Where the console shows what actions work on and have done: AWS's own fragments. Paths on this server, since what is
 * stored outlives the address under which it is reached; `absoluteUrl` makes an address of one.
 */

interface Place {
  region: string;
  configuration: Readonly<Record<string, string>>;
  /** Of what a source action found, for links to it. */
  revisionId?: string;
}

const LABEL = /\{(?:Config:([^{}]+)|ExternalExecutionId|(RevisionId))\}/g;

/** A value in a fragment is one segment of it: a branch `feature/x` is no folder `x`. Colons stay, as in a build's id. */
const segment = (value: string) => encodeURIComponent(value.toWellFormed()).replaceAll('%3A', ':');

/** A link's template, for those who fill it in themselves. */
export function linkTemplate(link: Link, region: string): string {
  return 'address' in link ? link.address : consoleUrl('', link.console, region, link.fragment);
}

/** Where a link leads; undefined when there is nothing to see. */
export function linkPath(
  link: Link | undefined,
  { region, configuration, revisionId = '' }: Place,
  externalExecutionId = '',
): string | undefined {
  if (!link) return undefined;
  const filled = (template: string, written: (value: string) => string) =>
    template.replace(LABEL, (_, key: string | undefined, revision: string | undefined) => {
      if (revision !== undefined) return written(revisionId);
      return written(
        key === undefined ? externalExecutionId : (ownValue(configuration, key) ?? ''),
      );
    });
  return 'address' in link
    ? filled(link.address, (value) => value) || undefined
    : consoleUrl('', link.console, region, filled(link.fragment, segment));
}

/** What the action works on; undefined when there is nothing to see. */
export function entityPath(
  types: readonly ActionFacts[],
  id: ActionTypeId,
  place: Place,
): string | undefined {
  return linkPath(findActionType(types, id)?.links?.entity, place);
}

/** What the provider did for an action execution; undefined before it has begun. */
export function executionPath(
  types: readonly ActionFacts[],
  { input, progress }: ActionRun,
): string | undefined {
  const { externalExecutionId } = progress;
  if (externalExecutionId === undefined) return undefined;
  const { region, resolvedConfiguration: configuration } = input;
  const link = findActionType(types, input.actionTypeId)?.links?.execution;
  return linkPath(link, { region, configuration }, externalExecutionId);
}

export function absoluteUrl(endpoint: string, url: string | undefined): string | undefined {
  return url?.startsWith('/') ? `${endpoint}${url}` : url;
}
