import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { forgetCalls } from '../api/calls.ts';
import { forgetClients } from '../api/endpoint.ts';
import { queries } from '../api/queries.ts';
import { forgetFlashes } from '../parts/flashes.ts';
import { askSession, useSessionState } from '../session/session.ts';

// What one is does not need what the other shows.
const Shell = lazy(() => import('./shell.tsx'));
const SignInPage = lazy(() => import('../session/sign-in.tsx'));
const NewPasswordPage = lazy(() => import('../session/new-password.tsx'));
const Unreachable = lazy(() => import('./unreachable.tsx'));

export function App() {
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <Door />
      </QueryClientProvider>
    </I18nProvider>
  );
}

/** The console for whom is signed in; the way in for others, at whatever address they came with. */
function Door() {
  const now = useSessionState();
  useEffect(() => void askSession(), []);
  // What one was shown is nothing that the next may see.
  const who = now.state === 'in' ? `${now.session.arn} ${now.session.csrf}` : now.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of who that counts
  useEffect(() => {
    return () => {
      queries.clear();
      forgetClients();
      forgetCalls();
      forgetFlashes();
    };
  }, [who]);
  if (now.state === 'asking') return null;
  return (
    <Suspense>
      {now.state === 'out' && <SignInPage door={now.door} ended={now.ended} />}
      {now.state === 'unreachable' && <Unreachable why={now.why} />}
      {now.state === 'in' &&
        (now.session.passwordResetRequired ? <NewPasswordPage /> : <Shell key={who} />)}
    </Suspense>
  );
}
