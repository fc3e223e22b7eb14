import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { AddressTabs } from './address-tabs.tsx';
import { repositoryCrumbs } from './links.tsx';

const TABS = [
  ['code', 'Code', '/repository/:name'],
  ['pull-requests', 'Pull requests', '/repository/:name/pull-requests'],
  ['commits', 'Commits', '/repository/:name/commits'],
  ['branches', 'Branches', '/repository/:name/branches'],
  ['compare', 'Compare', '/repository/:name/compare'],
  ['settings', 'Settings', '/repository/:name/settings'],
] as const;

interface Props {
  name: string;
  tab: (typeof TABS)[number][0];
  /** Where it is not the repository's own page: what this one is called. */
  title?: string;
  description?: ReactNode;
  actions?: ReactNode;
  error?: unknown;
  again?: () => void;
  children: ReactNode;
}

/** A page of a repository: its tabs, each with an address of its own. */
export function RepositoryFrame({ name, tab, title, children, ...rest }: Props) {
  // On its own page the repository itself is no step on the way.
  const crumbs = repositoryCrumbs(name).slice(0, title === undefined ? 1 : 2);
  return (
    <Page title={title ?? name} crumbs={crumbs} {...rest}>
      <AddressTabs label={`Parts of ${name}`} active={tab} tabs={TABS} names={{ name }}>
        {children}
      </AddressTabs>
    </Page>
  );
}
