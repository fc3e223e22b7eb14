/** What rings when a session is to end, on whichever server it is. */
export const sessionTopic = (sessionId: string): string => `ssm/session/${sessionId}`;
