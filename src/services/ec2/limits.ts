/** Instances a call: the service has no limit of its own, a machine has. */
export const MAX_COUNT = 20;
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
export const MAX_TAGS = 50;
export const MAX_TAG_KEY = 128;
export const MAX_TAG_VALUE = 256;
/** Bytes before base64. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const MAX_USER_DATA = 16 * 1024;
/** A terminated instance is shown so long. */
export const SHOWN_MS = 60 * 60_000;
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
export const MAX_FILTERS = 50;
export const MAX_FILTER_VALUES = 200;
/** Ids that a call may name. */
export const MAX_IDS = 1000;
/**
 * Instances of an account, over all regions, that are not terminated: stopped ones keep their disk, and each that runs is followed
 * by a server. AWS counts vCPUs of what runs, by region.
 */
export const MAX_INSTANCES = 50;
/** Of all accounts. */
export const MAX_INSTANCES_IN_ALL = 800;
/** Regions in which an account may have instances at a time, and all accounts': an engine has few networks to give. */
export const MAX_VPCS = 4;
export const MAX_VPCS_IN_ALL = 20;
/** A list without MaxResults. */
export const PAGE = 1000;
export const MAX_GROUPS = 5;
/** Rules of a security group. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const MAX_RULES = 60;
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html */
export const MAX_TEMPLATES = 5000;
/** AWS has 10,000; all of one template are read together here. */
export const MAX_TEMPLATE_VERSIONS = 1000;
export const MAX_KEY_PAIRS = 5000;
/** What GetConsoleOutput keeps. */
export const CONSOLE_BYTES = 64 * 1024;
/** A machine that is stopped has so long to end what runs. */
export const GRACE_MS = 10_000;
