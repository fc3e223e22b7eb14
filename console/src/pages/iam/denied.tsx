import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { asCommand } from '../../api/as-command.ts';
import { useAws } from '../../api/use-aws.ts';
import { Command } from '../../parts/command.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { useEvents } from '../../parts/use-events.ts';
import { type Denial, decidedText, denialOf, policyFor, statementFor } from './denial.ts';

/** So many events are looked through: twenty pages of fifty. */
const PAGES = 20;

/** Every refusal of the audit: who, what was asked, which policy decided, and what would allow it. */
export default function Denied() {
  const { events, error, isPending, isFetching, refetch, more } = useEvents(undefined, PAGES);
  const [selected, setSelected] = useState<Denial[]>([]);
  const denials = events?.flatMap((event) => denialOf(event) ?? []);
  const chosen = denials?.find(({ id }) => id === selected[0]?.id);
  return (
    <SpaceBetween size="l">
      <TablePage<Denial>
        noun="refusals"
        title="Why denied"
        description={
          more
            ? `Among the last ${events?.length} events of this account and region.`
            : 'Of this account and region, 90 days back.'
        }
        crumbs={[]}
        items={denials}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ id }) => id}
        selection={{ type: 'single', selected, onChange: setSelected }}
        pageSize={15}
        actions={
          <Button
            iconName="refresh"
            ariaLabel="Look again"
            loading={isFetching}
            onClick={() => void refetch()}
          />
        }
        columns={[
          {
            id: 'at',
            header: 'When',
            width: 140,
            by: (one) => one.at,
            cell: (one) => <Time at={one.at} />,
          },
          {
            id: 'who',
            header: 'Who',
            by: (one) => one.who,
            cell: (one) => one.who.replace(/^.*?:(?=[^:]*$)/, ''),
          },
          {
            id: 'action',
            header: 'Asked to',
            names: true,
            by: (one) => one.action,
            cell: (one) => one.action,
          },
          {
            id: 'resource',
            header: 'On',
            by: (one) => one.resource,
            cell: (one) => <span className="mono">{one.resource}</span>,
          },
          {
            id: 'by',
            header: 'Decided by',
            by: (one) => one.decidedBy,
            cell: decidedText,
          },
        ]}
        empty={<Empty title="Nothing has been denied." />}
      />
      {chosen && <Why key={chosen.id} denial={chosen} />}
    </SpaceBetween>
  );
}

function Why({ denial }: { denial: Denial }) {
  const { principal, action, resource, explicit, decidedBy } = denial;
  const [, kind = '', name = ''] = /:(user|role)\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  // A session's ARN has its role's name without its path: the role says its own.
  const isSession = principal !== denial.who;
  const role = useAws(IAMClient, isSession ? new GetRoleCommand({ RoleName: name }) : undefined);
  const source = isSession ? role.data?.Role?.Arn : principal;
  const simulated = useAws(
    IAMClient,
    kind === '' || action === '' || source === undefined
      ? undefined
      : new SimulatePrincipalPolicyCommand({
          ...{ PolicySourceArn: source, ActionNames: [action], ResourceArns: [resource] },
        }),
  );
  const result = simulated.data?.EvaluationResults?.[0];
  const PolicyName = `allow-${action.replace(':', '-')}`;
  const input = {
    ...(kind === 'role' ? { RoleName: name } : { UserName: name }),
    ...{ PolicyName, PolicyDocument: policyFor(denial) },
  };
  const operation = kind === 'role' ? 'PutRolePolicy' : 'PutUserPolicy';
  return (
    <Container header={<Header variant="h2">{`${action} was denied`}</Header>}>
      <SpaceBetween size="m">
        <Box>{denial.sentence}</Box>
        <KeyValues
          columns={3}
          items={[
            [
              'Whose policies were asked',
              kind === '' ? (
                principal
              ) : (
                <PlaceLink key="principal" service="iam" to={`/${kind}s/:name`} names={{ name }}>
                  {principal}
                </PlaceLink>
              ),
            ],
            ['Decided by', decidedText(denial)],
            ['With the policies of now', result && decisionText(result.EvalDecision, decidedBy)],
          ]}
        />
        {role.error && <Failure error={role.error} />}
        {simulated.error && <Failure error={simulated.error} />}
        {decidedBy === '' ? (
          <Alert type="info">The refusal does not say which kind of policy decided.</Alert>
        ) : explicit || decidedBy !== 'identity-based policy' ? (
          <Alert type="info" header="An identity-based policy alone does not help">
            {explicit
              ? `An explicit deny wins over whatever allows it: the statement with "Effect": "Deny" in the ${decidedBy} has to go, or to leave this out.`
              : `The ${decidedBy} has to allow it too, with a statement like this one.`}
          </Alert>
        ) : (
          <Box variant="strong">This statement would allow it:</Box>
        )}
        {!explicit && action !== '' && <Command text={statementFor(denial)} />}
        {!explicit && kind !== '' && decidedBy === 'identity-based policy' && (
          <>
            <Box variant="strong">As a command, for whoever may change policies:</Box>
            <Command text={asCommand({ service: 'iam', operation, input })} />
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}

/** The simulation asks the principal's own policies: what another kind refused may still be refused. */
const decisionText = (decision: string | undefined, decidedBy: string) =>
  decision === 'allowed'
    ? decidedBy === 'identity-based policy'
      ? 'Allowed: it has been mended since'
      : "The principal's own policies allow it"
    : decision === 'explicitDeny'
      ? 'Still denied, explicitly'
      : 'Still denied: nothing allows it';
