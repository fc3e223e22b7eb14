import {
  CertificateNotFoundException,
  DuplicateListenerException,
  DuplicateLoadBalancerNameException,
  DuplicateTagKeysException,
  DuplicateTargetGroupNameException,
  IncompatibleProtocolsException,
  InvalidConfigurationRequestException,
  InvalidLoadBalancerActionException,
  InvalidSecurityGroupException,
  InvalidTargetException,
  ListenerNotFoundException,
  LoadBalancerNotFoundException,
  OperationNotPermittedException,
  PriorityInUseException,
  ResourceInUseException,
  RuleNotFoundException,
  SSLPolicyNotFoundException,
  SubnetNotFoundException,
  TargetGroupAssociationLimitException,
  TargetGroupNotFoundException,
  TooManyCertificatesException,
  TooManyListenersException,
  TooManyLoadBalancersException,
  TooManyRulesException,
  TooManyTagsException,
  TooManyTargetGroupsException,
  TooManyTargetsException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, exception } from '../../aws/errors.ts';

export const invalid = (message: string) => new AwsError('ValidationError', message);
export const invalidArn = (arn: string, noun: string) =>
  invalid(`'${arn}' is not a valid ${noun} ARN`);
export const configuration = (message: string) =>
  exception(InvalidConfigurationRequestException, message);

export const invalidAction = (message: string) =>
  exception(InvalidLoadBalancerActionException, message);

export const balancerNotFound = (arn?: string) =>
  exception(
    LoadBalancerNotFoundException,
    arn === undefined ? 'One or more load balancers not found' : `Load balancer '${arn}' not found`,
  );
export const groupNotFound = () =>
  exception(TargetGroupNotFoundException, 'One or more target groups not found');
export const listenerNotFound = () =>
  exception(ListenerNotFoundException, 'One or more listeners not found');
export const ruleNotFound = () => exception(RuleNotFoundException, 'One or more rules not found');
export const policyNotFound = () =>
  exception(SSLPolicyNotFoundException, 'One or more SSL policies not found');

export const duplicateBalancer = (name: string) =>
  exception(
    DuplicateLoadBalancerNameException,
    `A load balancer with the same name '${name}' exists, but with different settings`,
  );
export const duplicateGroup = (name: string) =>
  exception(
    DuplicateTargetGroupNameException,
    `A target group with the same name '${name}' exists, but with different settings`,
  );
export const duplicateListener = () =>
  exception(
    DuplicateListenerException,
    'A listener already exists on this port for this load balancer',
  );
export const duplicateTags = (key: string) =>
  exception(DuplicateTagKeysException, `Duplicate tag keys were specified: ${key}`);
export const tooManyTags = () =>
  exception(TooManyTagsException, 'You have exceeded the maximum number of tags');
export const tooManyBalancers = () =>
  exception(TooManyLoadBalancersException, 'You have reached the maximum number of load balancers');
export const tooManyGroups = () =>
  exception(TooManyTargetGroupsException, 'You have reached the maximum number of target groups');
export const tooManyListeners = () =>
  exception(TooManyListenersException, 'You have reached the maximum number of listeners');
export const subnetNotFound = (id: string) =>
  exception(SubnetNotFoundException, `The subnet ID '${id}' does not exist`);
export const invalidSecurityGroup = (id: string) =>
  exception(InvalidSecurityGroupException, `The security group '${id}' does not exist`);
export const tooManyCertificates = () =>
  exception(TooManyCertificatesException, 'You have reached the maximum number of certificates');
export const certificateNotFound = (arn: string) =>
  exception(CertificateNotFoundException, `Certificate '${arn}' not found`);
export const defaultCertificate = (arn: string) =>
  exception(
    OperationNotPermittedException,
    `Default certificate '${arn}' cannot be removed from the listener`,
  );
export const tooManyRules = () =>
  exception(TooManyRulesException, 'You have reached the maximum number of rules');
export const tooManyTargets = () =>
  exception(TooManyTargetsException, 'You have reached the maximum number of targets');

export const priorityInUse = (priority: number) =>
  exception(PriorityInUseException, `Priority '${priority}' is currently in use`);
export const groupInUse = (arn: string) =>
  exception(
    ResourceInUseException,
    `Target group '${arn}' is currently in use by a listener or a rule`,
  );
export const associated = (arn: string) =>
  exception(
    TargetGroupAssociationLimitException,
    `The following target groups cannot be associated with more than one load balancer: ${arn}`,
  );
export const incompatible = (group: string, listener: string) =>
  exception(
    IncompatibleProtocolsException,
    `The protocol of a target group (${group}) does not go with the protocol of the listener (${listener})`,
  );
export const isProtected = (arn: string) =>
  exception(
    OperationNotPermittedException,
    `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
  );
export const defaultRule = (verb: string) =>
  exception(OperationNotPermittedException, `Default rule cannot be ${verb}`);
export const invalidTarget = (message: string) => exception(InvalidTargetException, message);
