import { PlaceLink } from './place-link.tsx';

/** A run of a pipeline, by the begin of its id. */
export const RunLink = ({ pipeline, id }: { pipeline: string; id: string }) => (
  <PlaceLink service="codepipeline" to="/view/:pipeline/executions/:id" names={{ pipeline, id }}>
    <span className="mono">{id.slice(0, 8)}</span>
  </PlaceLink>
);
