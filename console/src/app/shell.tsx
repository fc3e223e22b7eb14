import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import SideNavigation, {
  type SideNavigationProps,
} from '@cloudscape-design/components/side-navigation';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { regionNow } from '../api/endpoint.ts';
import { useConnection, useStream } from '../live/stream.ts';
import { useFlashes } from '../parts/flashes.ts';
import { crumbsOf, useTitle } from '../parts/title.ts';
import { CurrentPage } from './current-page.tsx';
import { navigation } from './navigation.ts';
import { follow, href, usePlace } from './router.ts';
import { TopBar } from './top-bar.tsx';

const Palette = lazy(() => import('./palette.tsx'));
const CallsPanel = lazy(() => import('./calls-panel.tsx'));
const Flashes = lazy(() => import('../parts/flash-list.tsx'));

const items = (): SideNavigationProps.Item[] => [
  { type: 'link', text: 'Home', href: href('home') },
  { type: 'divider' },
  ...navigation.map(
    ({ text, links }): SideNavigationProps.Item => ({
      type: 'section',
      text,
      items: links.map((link) => ({
        ...{ type: 'link', text: link.text, href: href(link.service, link.fragment) },
      })),
    }),
  ),
];

/** Ctrl-K, or Command-K. */
function usePaletteKey(toggle: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      toggle();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [toggle]);
}

const NARROW = matchMedia('(max-width: 900px)');

/**
 * What stands around each page. Laid out by our own style sheet: Cloudscape's AppLayout, with all that it can do, would be
 * a sixth of what a first visit has to load.
 */
export default function Shell() {
  const place = usePlace();
  const [palette, setPalette] = useState(false);
  const [calls, setCalls] = useState(false);
  const [nav, setNav] = useState(!NARROW.matches);
  const [toggle] = useState(() => () => setPalette((open) => !open));
  useStream(regionNow());
  usePaletteKey(toggle);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where one has gone is what closes it
  useEffect(() => {
    if (NARROW.matches) setNav(false);
  }, [place]);

  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        To the page
      </button>
      <div id="top">
        <TopBar openPalette={() => setPalette(true)} />
        <Lost />
      </div>
      <div className="shell">
        {nav && <Nav />}
        <div className="shell-main">
          <div className="toolbar">
            <Button
              variant="icon"
              iconName="menu"
              ariaLabel={nav ? 'Close the navigation' : 'Open the navigation'}
              ariaExpanded={nav}
              onClick={() => setNav(!nav)}
            />
            <Crumbs />
            <Button
              variant="icon"
              iconName="script"
              ariaLabel="Calls as aws commands"
              ariaExpanded={calls}
              onClick={() => setCalls(!calls)}
            />
          </div>
          <Told />
          <main id="content" tabIndex={-1}>
            <CurrentPage />
          </main>
        </div>
        {calls && (
          <Aside label="Calls as aws commands" close={() => setCalls(false)}>
            <CallsPanel />
          </Aside>
        )}
      </div>
      {palette && (
        <Suspense>
          <Palette close={() => setPalette(false)} />
        </Suspense>
      )}
    </>
  );
}

const skip = () => document.getElementById('content')?.focus();

function Nav() {
  const place = usePlace();
  const { service, section } = useTitle();
  return (
    <div className="shell-nav">
      <SideNavigation
        activeHref={href(service ?? place.service, section ?? place.fragment)}
        items={items()}
        onFollow={follow}
      />
    </div>
  );
}

const Crumbs = () => (
  <div className="crumbs">
    <BreadcrumbGroup items={crumbsOf(useTitle())} onFollow={follow} />
  </div>
);

function Told() {
  return useFlashes().length > 0 ? (
    <div className="told">
      <Suspense>
        <Flashes />
      </Suspense>
    </div>
  ) : null;
}

function Aside({
  label,
  close,
  children,
}: {
  label: string;
  close: () => void;
  children: ReactNode;
}) {
  return (
    <aside className="shell-aside" aria-label={label}>
      <div className="aside-close">
        <Button variant="icon" iconName="close" ariaLabel="Close" onClick={close} />
      </div>
      <Suspense>{children}</Suspense>
    </aside>
  );
}

/** A word when live events do not come. */
function Lost() {
  const connection = useConnection();
  return connection === 'lost' ? (
    <div className="lost" role="status">
      The connection for live events is lost. Trying again; meanwhile every ten seconds shows what
      is new.
    </div>
  ) : null;
}
