// https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
export const MAX_GROUPS = 500;
export const MAX_TAGS = 50;
export const DEFAULT_PAGE = 100;
