import { monthOf, offsetOf, timeOf, twoDigits } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';

/** Combined log format of Apache and nginx: `198.51.100.7 - - [03/Nov/2021:21:10:07 +0100] "GET / HTTP/1.1" 200 612 "-" "…"` */

interface Request {
  readonly source: string;
  readonly user?: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly bytes: number;
  readonly referrer?: string;
  readonly agent: string;
}

export class AccessLog {
  readonly #device: Device;
  readonly #journal: Journal;

  constructor(device: Device, journal: Journal) {
    this.#device = device;
    this.#journal = journal;
  }

  request(time: number, r: Request): Written {
    const c = stampOf(this.#device, time);
    const stamp = `${twoDigits(c.day)}/${monthOf(c)}/${c.year}:${timeOf(c)} ${offsetOf(c)}`;
    const text = `${r.source} - ${r.user ?? '-'} [${stamp}] "${r.method} ${r.url} HTTP/1.1" ${r.status} ${r.bytes} "${r.referrer ?? '-'}" "${r.agent}"`;
    return this.#journal.write(this.#device, time, text);
  }
}
