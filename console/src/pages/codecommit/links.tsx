import type { ReactNode } from 'react';
import { fragmentOf } from '../../app/place.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import type { Crumb } from '../../parts/title.ts';
import { shortId } from './content.ts';

const BROWSE = '/repository/:name/browse/:ref/--/*path';

/** Where a file or folder is shown; without a path, the root. */
export const browseFragment = (name: string, ref: string, path = '') =>
  fragmentOf(BROWSE, { name, ref, path });

/** The way to what is in a repository. */
export const repositoryCrumbs = (name: string): Crumb[] => [
  { text: 'Repositories', service: 'codecommit', fragment: '/repositories' },
  { text: name, service: 'codecommit', fragment: fragmentOf('/repository/:name', { name }) },
];

/** A commit by the begin of its id. */
export function CommitLink({ name, id }: { name: string; id: string | undefined }) {
  return (
    <PlaceLink
      service="codecommit"
      to="/repository/:name/commit/:id"
      names={{ name, id: id ?? '' }}
    >
      <span className="mono">{shortId(id)}</span>
    </PlaceLink>
  );
}

/** What stands at a path of a branch, tag or commit; without one, at its root. */
export function BrowseLink({
  name,
  reference,
  path = '',
  children,
}: {
  name: string;
  reference: string;
  path?: string;
  children: ReactNode;
}) {
  return (
    <PlaceLink service="codecommit" to={BROWSE} names={{ name, ref: reference, path }}>
      {children}
    </PlaceLink>
  );
}
