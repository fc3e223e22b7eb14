/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const DEFAULT_ROLE_SECONDS = 3600;
export const CHAINED_ROLE_SECONDS = 3600;
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html: 12 hours unless asked otherwise, an hour for the root. */
export const DEFAULT_USER_SECONDS = 43_200;
export const USER_SESSION_SECONDS = 129_600;
export const ROOT_SESSION_SECONDS = 3600;
