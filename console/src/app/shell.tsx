import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import SideNavigation, {
  type SideNavigationProps,
} from '@cloudscape-design/components/side-navigation';
import { lazy, Suspense, useEffect, useState } from 'react';
import { regionNow } from '../api/endpoint.ts';
import { useConnection, useStream } from '../live/stream.ts';
import { Flashes } from '../parts/flash-list.tsx';
import { crumbsOf, useTitle } from '../parts/title.ts';
import { CurrentPage } from './current-page.tsx';
import { findPage } from './find-page.ts';
import { navigation } from './navigation.ts';
import { follow, href, usePlace } from './router.ts';
import { TopBar } from './top-bar.tsx';

const Palette = lazy(() => import('./palette.tsx'));
const CallsPanel = lazy(() => import('./calls-panel.tsx'));

/** Links to what there is. */
function items(): SideNavigationProps.Item[] {
  const parts = navigation
    .map(({ text, links }) => ({
      text,
      links: links.filter(({ service, fragment }) => findPage(service, fragment)),
    }))
    .filter(({ links }) => links.length > 0);
  return [
    { type: 'link', text: 'Home', href: href('home') },
    { type: 'divider' },
    ...parts.map(
      ({ text, links }): SideNavigationProps.Item => ({
        type: 'section',
        text,
        items: links.map((link) => ({
          ...{ type: 'link', text: link.text, href: href(link.service, link.fragment) },
        })),
      }),
    ),
  ];
}

export default function Shell() {
  const place = usePlace();
  const title = useTitle();
  const [palette, setPalette] = useState(false);
  const [calls, setCalls] = useState(false);
  useStream(regionNow());

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPalette((open) => !open);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  return (
    <>
      <div id="top">
        <TopBar openPalette={() => setPalette(true)} />
        <Lost />
      </div>
      <AppLayoutToolbar
        headerSelector="#top"
        navigation={
          <SideNavigation
            header={{ text: 'Slipway', href: href('home') }}
            activeHref={href(title.service ?? place.service, title.section ?? place.fragment)}
            items={items()}
            onFollow={follow}
          />
        }
        breadcrumbs={<BreadcrumbGroup items={crumbsOf(title)} onFollow={follow} />}
        notifications={<Flashes />}
        toolsHide={true}
        drawers={[
          {
            id: 'calls',
            trigger: { iconName: 'script' },
            ariaLabels: {
              drawerName: 'Calls of this page as aws commands',
              triggerButton: 'Calls as aws commands',
              closeButton: 'Close',
            },
            resizable: true,
            defaultSize: 420,
            content: (
              <Suspense>
                <CallsPanel />
              </Suspense>
            ),
          },
        ]}
        activeDrawerId={calls ? 'calls' : null}
        onDrawerChange={({ detail }) => setCalls(detail.activeDrawerId === 'calls')}
        content={<CurrentPage />}
      />
      {palette && (
        <Suspense>
          <Palette close={() => setPalette(false)} />
        </Suspense>
      )}
    </>
  );
}

/** A word when live events do not come. */
function Lost() {
  const connection = useConnection();
  return connection === 'lost' ? (
    <div className="lost" role="status">
      The connection for live events is lost. Trying again; what is shown may be old.
    </div>
  ) : null;
}
