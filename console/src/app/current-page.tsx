import Spinner from '@cloudscape-design/components/spinner';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import type { Page, PageProps } from '../pages/page.ts';
import { FailureBoundary } from './boundary.tsx';
import { findPage, firstPage } from './find-page.ts';
import { NotFound } from './not-found.tsx';
import { hrefOf } from './place.ts';
import { go, usePlace } from './router.ts';

const loaded = new Map<Page, ComponentType<PageProps<string>>>();

function componentOf(page: Page) {
  const known =
    loaded.get(page) ??
    // Once more where the network changed under it, as Wi-Fi and containers make it do.
    lazy(() => page.load().catch(() => page.load()));
  loaded.set(page, known);
  return known;
}

/** The page of the address, as far as there is one. */
export function CurrentPage() {
  const place = usePlace();
  const found = findPage(place.service, place.fragment);
  const begin = found || place.fragment.length > 1 ? undefined : firstPage(place.service);
  useEffect(() => {
    if (begin !== undefined) go({ fragment: begin }, 'replace');
  }, [begin]);
  if (begin !== undefined) return null;
  if (!found) return <NotFound />;
  const Component = componentOf(found.page);
  // Another region or resource is another page: nothing of the last is left standing there.
  const key = hrefOf({ ...place, fragment: place.fragment.replace(/\?.*/, '') });
  return (
    <FailureBoundary key={key}>
      <Suspense fallback={<Spinner size="large" />}>
        <Component params={found.params} query={found.query} />
      </Suspense>
    </FailureBoundary>
  );
}
