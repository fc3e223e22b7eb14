import Tabs from '@cloudscape-design/components/tabs';
import type { ReactNode } from 'react';
import { fragmentOf } from '../../app/place.ts';
import { go, href } from '../../app/router.ts';

/** Tabs, each with an address of its own: `children` are what the active one shows. */
export function AddressTabs({
  label,
  active,
  tabs,
  names,
  children,
}: {
  label: string;
  active: string;
  tabs: readonly (readonly [id: string, label: string, to: string])[];
  /** What the patterns `to` name. */
  names: Record<string, string>;
  children: ReactNode;
}) {
  return (
    <Tabs
      ariaLabel={label}
      activeTabId={active}
      onChange={({ detail }) => {
        if (detail.activeTabHref !== undefined) go(detail.activeTabHref);
      }}
      tabs={tabs.map(([id, text, to]) => ({
        id,
        label: text,
        href: href('codecommit', fragmentOf(to, names)),
        content: id === active ? children : null,
      }))}
    />
  );
}
