import { DeploymentTable } from './deployment-table.tsx';

export default function Deployments() {
  return <DeploymentTable crumbs={[]} />;
}
