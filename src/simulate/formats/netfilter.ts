import { SECOND } from '../../core/time.ts';
import { bsdStamp } from '../clock.ts';
import type { FirewallLog, Flow } from '../flow.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';
import type { Side } from '../world.ts';

/** Linux netfilter LOG target through rsyslog. It logs the first packet of a connection and knows no byte counts. */

interface NetfilterOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly gateway: string;
  readonly sideOf: (address: string) => Side;
}

const INTERFACES: Readonly<Record<Side, string>> = {
  lan: 'eth1',
  server: 'eth2',
  dmz: 'eth3',
  vpn: 'tun0',
  partner: 'ipsec0',
  wan: 'eth0',
};

export class Netfilter implements FirewallLog {
  readonly #o: NetfilterOptions;
  readonly #boot: number;
  readonly #mac: string;

  constructor(options: NetfilterOptions) {
    this.#o = options;
    this.#boot = options.random.int(100_000, 9_000_000);
    this.#mac = Array.from({ length: 12 }, () => options.random.hex(2)).join(':');
  }

  #packet(time: number, prefix: string, flow: Flow): Written {
    const { random, device, hostname } = this.#o;
    const udp = flow.protocol === 'udp';
    const from = this.#o.sideOf(flow.source);
    const local = flow.destination === this.#o.gateway;
    const out = local ? '' : INTERFACES[this.#o.sideOf(flow.destination)];
    const uptime = `${this.#boot + Math.floor((time / SECOND) % 8_000_000)}.${String(random.int(0, 999999)).padStart(6, '0')}`;
    const mac = from === 'vpn' || from === 'partner' ? '' : `${this.#mac}:08:00`;
    const port = flow.sourcePort ?? random.int(32768, 60999);
    const tail = udp
      ? `PROTO=UDP SPT=${port} DPT=${flow.port} LEN=${random.int(36, 90)}`
      : `DF PROTO=TCP SPT=${port} DPT=${flow.port} WINDOW=${random.pick([64240, 65535, 29200, 8192])} RES=0x00 SYN URGP=0`;
    const ttl = random.pick([127, 126, 63, 52, 47, 113]);
    const text = `[${uptime}] ${prefix}IN=${INTERFACES[from]} OUT=${out} MAC=${mac} SRC=${flow.source} DST=${flow.destination} LEN=${udp ? random.int(56, 110) : 60} TOS=0x00 PREC=0x00 TTL=${ttl} ID=${random.int(1, 65535)} ${tail}`;
    return this.#o.journal.write(device, time, `${bsdStamp(stampOf(device, time))} ${hostname} kernel: ${text} `);
  }

  flow(time: number, flow: Flow): Written[] {
    return [this.#packet(time, 'FW-ACCEPT ', flow)];
  }

  deny(time: number, flow: Flow): Written[] {
    return [this.#packet(time, 'FW-DROP ', flow)];
  }
}
