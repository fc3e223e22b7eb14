import {
  AccessPointNotFoundException,
  CertificateNotFoundException,
  DuplicateAccessPointNameException,
  DuplicateListenerException,
  DuplicatePolicyNameException,
  DuplicateTagKeysException,
  InvalidConfigurationRequestException,
  InvalidEndPointException,
  InvalidSchemeException,
  InvalidSecurityGroupException,
  ListenerNotFoundException,
  LoadBalancerAttributeNotFoundException,
  PolicyNotFoundException,
  PolicyTypeNotFoundException,
  SubnetNotFoundException,
  TooManyAccessPointsException,
  TooManyPoliciesException,
  TooManyTagsException,
  UnsupportedProtocolException,
} from '@aws-sdk/client-elastic-load-balancing';
import { AwsError, exception } from '../../aws/errors.ts';

export const invalid = (message: string) => new AwsError('ValidationError', message);
export const configuration = (message: string) =>
  exception(InvalidConfigurationRequestException, message);

export const balancerNotFound = (name: string) =>
  exception(AccessPointNotFoundException, `There is no ACTIVE Load Balancer named '${name}'`);
export const duplicateBalancer = (name: string) =>
  exception(
    DuplicateAccessPointNameException,
    `The specified load balancer name '${name}' already exists for this account, with another configuration`,
  );
export const tooManyBalancers = () =>
  exception(TooManyAccessPointsException, 'The quota for the number of load balancers is reached');
export const invalidScheme = (scheme: string) =>
  exception(InvalidSchemeException, `The scheme '${scheme}' is not valid: internal, or none`);

export const attributeNotFound = (key: string) =>
  exception(
    LoadBalancerAttributeNotFoundException,
    `The load balancer attribute '${key}' is not known`,
  );
export const listenerNotFound = (name: string, port: number) =>
  exception(
    ListenerNotFoundException,
    `The load balancer '${name}' has no listener at the port ${port}`,
  );
export const duplicateListener = (name: string, port: number) =>
  exception(
    DuplicateListenerException,
    `A listener already exists for ${name} with LoadBalancerPort ${port}, but with a different InstancePort, Protocol, or SSLCertificateId`,
  );
export const unsupportedProtocol = (protocol: string) =>
  exception(
    UnsupportedProtocolException,
    `The protocol '${protocol}' is not supported: HTTP, HTTPS, TCP or SSL`,
  );
export const certificateNotFound = (arn: string) =>
  exception(CertificateNotFoundException, `Server Certificate not found for the key: ${arn}`);

export const invalidInstance = (id: string, why = 'Could not find EC2 instance') =>
  exception(InvalidEndPointException, `${why} ${id}.`);

export const policyNotFound = (name: string) =>
  exception(PolicyNotFoundException, `There is no policy with name '${name}'`);
export const policyTypeNotFound = (name: string) =>
  exception(PolicyTypeNotFoundException, `Policy type ${name} does not exist`);
export const duplicatePolicy = (name: string) =>
  exception(DuplicatePolicyNameException, `Policy ${name} already exists`);
export const tooManyPolicies = () =>
  exception(TooManyPoliciesException, 'The quota for the number of policies is reached');

export const duplicateTags = (key: string) =>
  exception(DuplicateTagKeysException, `Duplicate tag keys were specified: ${key}`);
export const tooManyTags = () =>
  exception(TooManyTagsException, 'The quota for the number of tags is reached');
export const subnetNotFound = (id: string) =>
  exception(SubnetNotFoundException, `The subnet ID '${id}' does not exist`);
export const invalidSecurityGroup = (id: string) =>
  exception(InvalidSecurityGroupException, `The security group '${id}' does not exist`);
