/** What a listener and a target group speak. */
export type Protocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
/** Of which layer that is: of requests, or of connections. */
export const layerOf = (protocol: Protocol): 'HTTP' | 'TCP' =>
  protocol === 'HTTP' || protocol === 'HTTPS' ? 'HTTP' : 'TCP';
export const isSecure = (protocol: Protocol) => protocol === 'HTTPS' || protocol === 'TLS';
