import TopNavigation, {
  type TopNavigationProps,
} from '@cloudscape-design/components/top-navigation';
import { lazy, Suspense, useState } from 'react';
import { regionNow } from '../api/endpoint.ts';
import { flash } from '../parts/flashes.ts';
import { type Session, signOut, switchRole, useSession } from '../session/session.ts';
import { hasPage } from './find-page.ts';
import { follow, go, href, usePlace } from './router.ts';
import { chooseTheme, storedTheme, type Theme } from './theme.ts';

const RoleDialog = lazy(() => import('../session/role-dialog.tsx'));

const CREDENTIALS = '/security_credentials';

const THEMES: [Theme, string][] = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['system', 'As the machine has it'],
];

/** Who it is, in one line: the role's session, the user, or the account. */
const nameOf = ({ arn, userName, accountId, alias }: Session) => {
  const assumed = /:assumed-role\/([^/]+)\/(.+)$/.exec(arn);
  const who = assumed ? `${assumed[1]}/${assumed[2]}` : (userName ?? 'root');
  return `${who} @ ${alias ?? accountId}`;
};

async function backToOneself() {
  try {
    await switchRole(undefined);
  } catch (error) {
    flash({ type: 'error', content: (error as Error).message });
  }
}

/** Region, who is signed in, look, and the way out. */
export function TopBar({ openPalette }: { openPalette: () => void }) {
  const place = usePlace();
  const session = useSession();
  const [theme, setTheme] = useState(storedTheme());
  const [role, setRole] = useState(false);
  const region = regionNow();
  const regions = [...new Set([region, ...session.regions])].sort();

  const choose = (id: string) => {
    const picked = THEMES.find(([name]) => name === id)?.[0];
    if (picked) {
      chooseTheme(picked);
      setTheme(picked);
    }
    if (id === 'out') void signOut();
    if (id === 'role') setRole(true);
    if (id === 'role-back') void backToOneself();
  };

  const utilities: TopNavigationProps.Utility[] = [
    {
      type: 'button',
      iconName: 'search',
      text: 'Go to… (Ctrl-K)',
      ariaLabel: 'Go to a page or resource, Ctrl-K',
      disableUtilityCollapse: false,
      onClick: openPalette,
    },
    {
      type: 'menu-dropdown',
      text: region,
      ariaLabel: `Region: ${region}`,
      description: 'Region',
      items: regions.map((id) => ({ id, text: id, disabled: id === region })),
      onItemClick: ({ detail }) => go({ region: detail.id, fragment: place.fragment }),
    },
    {
      type: 'menu-dropdown',
      iconName: 'settings',
      ariaLabel: 'Look',
      title: 'Look',
      items: THEMES.map(([id, text]) => ({
        ...{ id, text, itemType: 'checkbox', checked: theme === id },
      })),
      onItemClick: ({ detail }) => choose(detail.id),
    },
    {
      type: 'menu-dropdown',
      iconName: 'user-profile',
      text: nameOf(session),
      ariaLabel: `Signed in as ${nameOf(session)}`,
      description: session.arn,
      items: [
        ...(hasPage('iam', CREDENTIALS)
          ? [
              {
                ...{ id: 'credentials', text: 'My security credentials' },
                href: href('iam', CREDENTIALS),
              },
            ]
          : []),
        { id: 'role', text: 'Switch role…' },
        ...(session.role ? [{ id: 'role-back', text: 'Switch back' }] : []),
        { id: 'out', text: 'Sign out' },
      ],
      onItemFollow: follow,
      onItemClick: ({ detail }) => choose(detail.id),
    },
  ];

  return (
    <>
      <TopNavigation
        identity={{ href: href('home'), title: 'Slipway', onFollow: follow }}
        utilities={utilities}
      />
      {role && (
        <Suspense>
          <RoleDialog close={() => setRole(false)} />
        </Suspense>
      )}
    </>
  );
}
