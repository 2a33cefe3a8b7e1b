import type { Written } from './journal.ts';

/** One connection as a firewall sees it. */
export interface Flow {
  readonly source: string;
  readonly sourcePort?: number;
  readonly destination: string;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  /** Bytes from the source, bytes to the source. */
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
  /** Who holds the source address, where the firewall knows it. */
  readonly user?: string;
}

export interface FirewallLog {
  /** `time` is the start; the records carry the instants at which the product logs. */
  readonly flow: (time: number, flow: Flow) => Written[];
  readonly deny: (time: number, flow: Flow) => Written[];
}

export interface VpnSession {
  readonly user: string;
  readonly address: string;
  readonly inner: string;
  readonly opened: number;
  readonly closed: number;
  readonly sent: number;
  readonly received: number;
  /** Index into the product's client versions. */
  readonly clientVersion: number;
  readonly sourcePort?: number;
}

export interface VpnLog {
  /** A refused login. */
  readonly refuse: (time: number, user: string, address: string, known: boolean) => Written[];
  /** Login to assigned address. The first record is the login itself. */
  readonly open: (session: VpnSession) => Written[];
  readonly close: (session: VpnSession) => Written[];
}
