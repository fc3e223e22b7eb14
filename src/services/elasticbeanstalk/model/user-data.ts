/** Where an instance has what its server gave it. */
const TOOLS = '/opt/slipway';
/** Cloud-init's place for what runs at each start. */
const PER_BOOT = '/var/lib/cloud/scripts/per-boot';

/** What an instance of an environment does at its first start: the agent runs then and at each other one. */
export const userData = (environmentId: string): string => `#!/bin/sh
mkdir -p ${PER_BOOT}
printf '#!/bin/sh\\nexec ${TOOLS}/bin/beanstalk-agent ${environmentId}\\n' >${PER_BOOT}/elasticbeanstalk
chmod 755 ${PER_BOOT}/elasticbeanstalk
exec ${PER_BOOT}/elasticbeanstalk
`;
