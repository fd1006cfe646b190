/** Names that are resolved on one machine or in one network only [RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`]. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/;

/** Loopback, private networks, carriers' networks, links and "this host" [RFC 6890]. */
const PRIVATE_V4 =
  /^(0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;

/** Loopback and "no address", links, and private networks [RFC 6890]. */
const PRIVATE_V6 = /^\[(::1?|fe[89ab][\da-f]:.*|f[cd][\da-f]{2}:.*)\]$/;

/**
 * Whether only this machine or its network knows a host, so that no service on the internet can reach it.
 * @param hostname as `URL` has it: in lower case, addresses in their short form, those of IPv6 in brackets
 */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return PRIVATE_V6.test(hostname);
  if (/^[\d.]+$/.test(hostname)) return PRIVATE_V4.test(hostname);
  return PRIVATE_NAME.test(hostname) || !hostname.includes('.');
}
