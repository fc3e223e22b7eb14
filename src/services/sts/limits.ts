/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const DEFAULT_ROLE_SECONDS = 3600;
export const CHAINED_ROLE_SECONDS = 3600;
/** Of a role that does not exist, in relaxed mode: the longest that a role can have. */
export const ABSENT_ROLE_SECONDS = 43_200;
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html: 12 hours unless asked otherwise, an hour for the root. */
export const DEFAULT_USER_SECONDS = 43_200;
export const USER_SESSION_SECONDS = 129_600;
export const ROOT_SESSION_SECONDS = 3600;
/** Of an inline session policy and the ARNs of managed ones together; characters. */
export const SESSION_POLICY_SIZE = 2048;
export const SESSION_POLICY_ARNS = 10;
/**
 * Of policies and tags in a session's token. AWS packs them in a way that it does not tell; here they are not packed,
 * and the token has to fit into a header.
 */
export const PACKED_BYTES = 8192;
