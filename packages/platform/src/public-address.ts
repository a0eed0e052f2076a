/**
 * Which IP addresses a fetch on somebody's behalf may connect to: public unicast only.
 *
 * IPv6 forms that carry an IPv4 address inside (mapped, compatible, NAT64, 6to4) are judged by the inner address; Teredo and
 * everything outside 2000::/3 is refused. Source: IANA special-purpose address registries (RFC 6890 and updates).
 */
import { isIPv4, isIPv6 } from "node:net";

const REFUSED_V4: readonly (readonly [address: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Inside 2000::/3, yet not for the public. */
const REFUSED_V6: readonly (readonly [address: string, bits: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

function v4Number(address: string): bigint {
  return address.split(".").reduce((value, part) => (value << 8n) | BigInt(Number(part)), 0n);
}

/** 128-bit value of any spelling of an IPv6 address; the URL parser normalises dotted tails and `::`. */
function v6Number(address: string): bigint {
  const [head, tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::") as [string, string?];
  const groups = (part: string | undefined): string[] => (part ? part.split(":") : []);
  const [front, back] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...middle, ...back].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const inside = (value: bigint, network: bigint, bits: number, width: number): boolean =>
  value >> BigInt(width - bits) === network >> BigInt(width - bits);

const isPublicV4 = (value: bigint): boolean =>
  !REFUSED_V4.some(([network, bits]) => inside(value, v4Number(network), bits, 32));

const LOW_32 = 0xffff_ffffn;

function isPublicV6(value: bigint): boolean {
  const within = (network: string, bits: number): boolean => inside(value, v6Number(network), bits, 128);
  const carriesV4 = within("::ffff:0:0", 96) || within("::", 96) || within("64:ff9b::", 96);
  if (carriesV4) return isPublicV4(value & LOW_32);
  if (within("2002::", 16)) return isPublicV4((value >> 80n) & LOW_32);
  if (!within("2000::", 3)) return false;
  return !REFUSED_V6.some(([network, bits]) => within(network, bits));
}

/** True for a public unicast address in text form; false for everything else, names and odd spellings included. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return isPublicV4(v4Number(address));
  const bare = address.split("%")[0]!;
  return isIPv6(bare) && bare === address ? isPublicV6(v6Number(bare)) : false;
}
