import {
  at,
  atEach,
  byName,
  defineResource,
  type Named,
  type Place,
} from '../../../kit/resource.ts';
import { instanceNotRegistered } from '../errors.ts';
import { ec2InstanceArn, isEc2Instance } from '../model/ec2-instances.ts';
import { requireInstanceName } from '../operations/validate.ts';
import { findInstance, type Instance } from '../store/instances.ts';

const named = byName('codedeploy', 'instance/');

export const instanceArn = (place: Place, name: string) => named.locate(place, name).arn;

/** Of an instance of either kind in a deployment. */
export const targetArn = (place: Place, name: string) =>
  isEc2Instance(name) ? ec2InstanceArn(place, name) : instanceArn(place, name);

/** An on-premises instance. */
export const instance = defineResource<string | undefined, Named, Instance>({
  type: 'AWS::CodeDeploy::OnPremisesInstance',
  ...named,
  find: (db, { name, ...place }) => findInstance(db, place, name),
  check: ({ name }) => void requireInstanceName(name),
  notFound: ({ name }) => instanceNotRegistered(name),
});

export const atInstance = at(
  instance,
  ({ instanceName }: { instanceName: string | undefined }) => instanceName,
);
export const atInstances = atEach(
  instance,
  ({ instanceNames }: { instanceNames: string[] | undefined }) => instanceNames ?? [],
);
