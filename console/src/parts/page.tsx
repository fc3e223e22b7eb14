import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';
import { type Crumb, useNamed } from './title.ts';

interface Props {
  title: string;
  /** The way here: the listing first, the page itself not. */
  crumbs: readonly Crumb[];
  description?: ReactNode;
  actions?: ReactNode;
  info?: ReactNode;
  /** Of the call without which there is nothing to show. */
  error?: unknown;
  again?: (() => void) | undefined;
  children?: ReactNode;
}

/** What every page but a table page stands in: its name, breadcrumbs, buttons, parts one below the other. */
export function Page({ title, crumbs, description, actions, info, error, again, children }: Props) {
  useNamed(title, crumbs);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions} info={info}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== undefined && error !== null && (
          <Failure error={error} {...(again && { again })} />
        )}
        {children}
      </SpaceBetween>
    </ContentLayout>
  );
}
