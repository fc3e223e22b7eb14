import { configuration, invalid, unsupportedProtocol } from '../errors.ts';
import { isSecure, type Listener, layerOf, type Protocol } from './things.ts';

export interface GivenListener {
  Protocol: string | undefined;
  LoadBalancerPort: number | undefined;
  InstanceProtocol?: string | undefined;
  InstancePort: number | undefined;
  SSLCertificateId?: string | undefined;
}

function protocolOf(given: string): Protocol {
  const name = given.toUpperCase();
  if (name === 'HTTP' || name === 'HTTPS' || name === 'TCP' || name === 'SSL') return name;
  throw unsupportedProtocol(given);
}

/** A listener as a caller describes it. @throws what is wrong with it */
export function readListener(given: GivenListener): Listener {
  const { LoadBalancerPort: port = 0, InstancePort: instancePort = 0 } = given;
  const protocol = protocolOf(given.Protocol ?? '');
  const instanceProtocol = protocolOf(given.InstanceProtocol ?? layerOf(protocol));
  if (layerOf(protocol) !== layerOf(instanceProtocol))
    throw invalid(
      `The InstanceProtocol ${instanceProtocol} is not of the same layer as the Protocol ${protocol}`,
    );
  if (port < 1 || port > 65_535) throw invalid('LoadBalancerPort must be between 1 and 65535');
  if (instancePort < 1 || instancePort > 65_535)
    throw invalid('InstancePort must be between 1 and 65535');
  const certificate = given.SSLCertificateId || undefined;
  if (isSecure(protocol) && certificate === undefined)
    throw configuration(`A certificate is required for a listener of the protocol ${protocol}`);
  if (!isSecure(protocol) && certificate !== undefined)
    throw configuration(`A listener of the protocol ${protocol} has no certificate`);
  return { port, protocol, instancePort, instanceProtocol, certificate, policies: [] };
}

/** Are they the same to a caller who asks again? */
export const isSameListener = (one: Listener, other: Listener): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  one.instancePort === other.instancePort &&
  one.instanceProtocol === other.instanceProtocol &&
  one.certificate === other.certificate;

/** Policies of cookies go with requests alone, those of TLS with TLS. */
export const takesPolicy = ({ protocol }: Listener, type: string): boolean =>
  type === 'SSLNegotiationPolicyType' ? isSecure(protocol) : layerOf(protocol) === 'HTTP';
