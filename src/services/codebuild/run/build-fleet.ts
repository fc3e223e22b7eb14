import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput } from '../errors.ts';
import type { BuildFleet } from '../model/build-fleet.ts';
import { buildFleetOf } from '../model/fleet.ts';
import { fleet as fleetKind } from '../resources/fleet.ts';
import { takingFleets } from '../store/fleets.ts';
import type { Owner } from '../store/tables.ts';

/** The fleet that a project or a call names by its ARN, if any. @throws InvalidInputException for one that takes no builds */
export async function namedFleet(
  ctx: ServiceContext,
  db: Tx,
  arn: string | undefined,
): Promise<BuildFleet | undefined> {
  if (!arn) return undefined;
  const located = fleetKind.locate(ctx, arn);
  const own = located.accountId === ctx.accountId && located.id !== undefined;
  const found = own ? await fleetKind.find(db, located) : undefined;
  if (!found) throw invalidInput(`Invalid fleet: the fleet ${arn} does not exist`);
  if (found.deleting) throw invalidInput(`Invalid fleet: the fleet ${arn} is being deleted`);
  return buildFleetOf(found.fleet);
}

/** Those of an account that take builds, by which a buildspec may name them: names and ARNs. */
export async function fleetsByName(db: Tx, owner: Owner): Promise<Map<string, BuildFleet>> {
  const fleets = (await takingFleets(db, owner)).map(buildFleetOf);
  return new Map(fleets.flatMap((its) => [[its.name, its] as const, [its.arn, its] as const]));
}
