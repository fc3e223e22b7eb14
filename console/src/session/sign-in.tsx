import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type SubmitEvent, useState } from 'react';
import { type Doorway, type SignIn, signIn } from './session.ts';

type Way = 'password' | 'key' | 'account';

const FIELDS: Record<Way, { name: string; label: string; kind?: 'password'; optional?: true }[]> = {
  password: [
    { name: 'accountId', label: 'Account ID or alias' },
    { name: 'userName', label: 'User name' },
    { name: 'password', label: 'Password', kind: 'password' },
  ],
  key: [
    { name: 'accessKeyId', label: 'Access key ID' },
    { name: 'secretAccessKey', label: 'Secret access key', kind: 'password' },
    { name: 'sessionToken', label: 'Session token', kind: 'password', optional: true },
  ],
  account: [{ name: 'accountId', label: 'Account ID' }],
};

/** By a user's password, by an access key, or in relaxed mode by an account's number alone. */
export default function SignInPage({ door, ended }: { door: Doorway | undefined; ended: boolean }) {
  const [way, setWay] = useState<Way>(door?.auth === 'relaxed' ? 'account' : 'password');
  const [values, setValues] = useState<Record<string, string>>({
    accountId: door?.accountId ?? '',
  });
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const fields = FIELDS[way];

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const given = fields
      // A password may begin or end with a space.
      .map(({ name, kind }) => {
        const value = values[name] ?? '';
        return [name, kind === 'password' ? value : value.trim()];
      })
      .filter(([, value]) => value !== '');
    try {
      await signIn(Object.fromEntries(given) as SignIn);
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };

  return (
    <main className="door">
      <form onSubmit={submit}>
        <Form
          actions={
            <Button variant="primary" formAction="submit" loading={busy}>
              Sign in
            </Button>
          }
        >
          <Container header={<Header variant="h1">Sign in to Slipway</Header>}>
            <SpaceBetween size="m">
              {ended && <Alert type="info">Your session has ended. Sign in again to go on.</Alert>}
              {failure !== undefined && <Alert type="error">{failure}</Alert>}
              <SegmentedControl
                label="How to sign in"
                selectedId={way}
                onChange={({ detail }) => setWay(detail.selectedId as Way)}
                options={[
                  { id: 'password', text: 'IAM user' },
                  { id: 'key', text: 'Access key' },
                  ...(door?.auth === 'relaxed' ? [{ id: 'account', text: 'Account' }] : []),
                ]}
              />
              {fields.map(({ name, label, kind, optional }) => (
                <FormField key={name} label={optional ? `${label} – optional` : label}>
                  <Input
                    name={name}
                    type={kind ?? 'text'}
                    value={values[name] ?? ''}
                    autoComplete={name === 'password' ? 'current-password' : name === 'userName'}
                    spellcheck={false}
                    onChange={({ detail }) => setValues({ ...values, [name]: detail.value })}
                  />
                </FormField>
              ))}
              <Box variant="small" color="text-body-secondary">
                {way === 'password' &&
                  'A user gets a password by aws iam create-login-profile --user-name NAME --password PASSWORD'}
                {way === 'key' &&
                  'slipway env prints the key that the server made at its first start. It is kept by the server, not by this browser.'}
                {way === 'account' &&
                  'This server runs with --auth relaxed: any account number will do.'}
              </Box>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </main>
  );
}
