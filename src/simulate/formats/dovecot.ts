import { SECOND } from '../../core/time.ts';
import { bsdStamp } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';

/** Dovecot 2.3 login and mail processes through rsyslog (year-less, local time). */

interface DovecotOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
  readonly address: string;
}

interface MailboxSession {
  readonly user: string;
  readonly address: string;
  readonly seconds: number;
  /** Bytes from the client and to it. */
  readonly received: number;
  readonly sent: number;
  readonly bodies: number;
}

export class Dovecot {
  readonly #o: DovecotOptions;

  constructor(options: DovecotOptions) {
    this.#o = options;
  }

  #line(time: number, text: string): Written {
    return this.#o.journal.write(
      this.#o.device,
      time,
      `${bsdStamp(stampOf(this.#o.device, time))} ${this.#o.hostname} dovecot: ${text}`,
    );
  }

  #session(): string {
    const { random } = this.#o;
    return `${random.letters(11, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')}${random.pick(['AAB', 'IAB', 'wAB', 'QAC'])}${random.letters(2)}`;
  }

  refuse(time: number, user: string, address: string, attempts = 1): Written[] {
    const text = `imap-login: Disconnected (auth failed, ${attempts} attempts in ${2 * attempts} secs): user=<${user}>, method=PLAIN, rip=${address}, lip=${this.#o.address}, TLS, session=<${this.#session()}>`;
    return [this.#line(time, text)];
  }

  /** Login first, logout second. */
  login(time: number, s: MailboxSession): Written[] {
    const id = this.#session();
    const pid = this.#o.random.int(2000, 4_000_000);
    const headers = s.bodies + this.#o.random.int(0, 30);
    return [
      this.#line(
        time,
        `imap-login: Login: user=<${s.user}>, method=PLAIN, rip=${s.address}, lip=${this.#o.address}, mpid=${pid}, TLS, session=<${id}>`,
      ),
      this.#line(
        time + s.seconds * SECOND,
        `imap(${s.user})<${pid}><${id}>: Logged out in=${s.received} out=${s.sent} deleted=0 expunged=0 trashed=0 hdr_count=${headers} hdr_bytes=${headers * 412} body_count=${s.bodies} body_bytes=${Math.max(0, s.sent - headers * 412 - 900)}`,
      ),
    ];
  }
}
