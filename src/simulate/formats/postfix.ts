import { SECOND } from '../../core/time.ts';
import { bsdStamp } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';

/** Postfix 3.5 through rsyslog's traditional file format (no year, local time). */

interface PostfixOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly client: { readonly name: string; readonly address: string };
  readonly size: number;
  readonly messageId: string;
  /** Where it goes next: `10.1.10.16[10.1.10.16]:25`. */
  readonly relay: string;
  readonly sasl?: string;
  /** The answer of the next hop when it does not accept; absent: delivered. */
  readonly bounce?: string;
}

export class Postfix {
  readonly #o: PostfixOptions;
  readonly #pids: Readonly<Record<string, readonly number[]>>;

  constructor(options: PostfixOptions) {
    this.#o = options;
    const pids = (n: number): number[] => Array.from({ length: n }, () => options.random.int(900, 32000));
    this.#pids = {
      smtpd: pids(14),
      cleanup: pids(6),
      qmgr: pids(1),
      smtp: pids(9),
      anvil: pids(3),
      'submission/smtpd': pids(6),
    };
  }

  line(time: number, daemon: string, text: string): Written {
    const pid = this.#o.random.pick(this.#pids[daemon] ?? [1]);
    return this.#o.journal.write(
      this.#o.device,
      time,
      `${bsdStamp(stampOf(this.#o.device, time))} ${this.#o.hostname} postfix/${daemon}[${pid}]: ${text}`,
    );
  }

  /** One message from connect to removal; the record of acceptance first, the delivery second. */
  mail(time: number, m: Mail): Written[] {
    const { random } = this.#o;
    const id = random.hex(10).toUpperCase().replace(/^0/, '4');
    const peer = `${m.client.name}[${m.client.address}]`;
    const daemon = m.sasl === undefined ? 'smtpd' : 'submission/smtpd';
    const later = (seconds: number): number => time + Math.round(seconds * SECOND);
    const queued = random.between(0.4, 2.5);
    const delay = random.logNormal(1.4, 0.6);
    const end = queued + delay;
    const sasl = m.sasl === undefined ? '' : `, sasl_method=PLAIN, sasl_username=${m.sasl}`;
    const accepted = this.line(later(0.3), daemon, `${id}: client=${peer}${sasl}`);
    const delivered = m.to.map((to, i) => {
      const status =
        m.bounce === undefined
          ? `dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ${random.hex(10).toUpperCase()})`
          : `dsn=5.1.1, status=bounced (${m.bounce})`;
      return this.line(
        later(end + i * 0.01),
        'smtp',
        `${id}: to=<${to}>, relay=${m.relay}, delay=${delay.toFixed(2)}, delays=${(delay / 5).toFixed(2)}/0/${(delay / 4).toFixed(2)}/${(delay / 2).toFixed(2)}, ${status}`,
      );
    });
    const others = [
      this.line(time, daemon, `connect from ${peer}`),
      this.line(later(0.4), 'cleanup', `${id}: message-id=<${m.messageId}>`),
      this.line(later(queued), 'qmgr', `${id}: from=<${m.from}>, size=${m.size}, nrcpt=${m.to.length} (queue active)`),
      this.line(
        later(queued + 0.1),
        daemon,
        `disconnect from ${peer} ehlo=2 starttls=1${m.sasl === undefined ? '' : ' auth=1'} mail=1 rcpt=${m.to.length} data=1 quit=1 commands=${m.to.length + (m.sasl === undefined ? 6 : 7)}`,
      ),
      this.line(later(end + m.to.length * 0.01 + 0.02), 'qmgr', `${id}: removed`),
    ];
    return [accepted, ...delivered, ...others];
  }

  /** The login at submission that was refused. */
  saslFailure(time: number, address: string, user: string): Written[] {
    const peer = `unknown[${address}]`;
    return [
      this.line(
        time + SECOND,
        'submission/smtpd',
        `warning: ${peer}: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=${user}`,
      ),
      this.line(time, 'submission/smtpd', `connect from ${peer}`),
      this.line(time + 2 * SECOND, 'submission/smtpd', `disconnect from ${peer} ehlo=1 auth=0/1 quit=1 commands=2/3`),
    ];
  }

  /** The answer of the SPF policy service, which writes beside Postfix. */
  spf(
    time: number,
    result: 'Pass' | 'Softfail' | 'None',
    mail: { from: string; client: { name: string; address: string } },
  ): Written {
    const { device, journal, hostname, random } = this.#o;
    const text = `prepend Received-SPF: ${result} (mailfrom) identity=mailfrom; client-ip=${mail.client.address}; helo=${mail.client.name}; envelope-from=${mail.from}; receiver=<UNKNOWN>`;
    return journal.write(
      device,
      time,
      `${bsdStamp(stampOf(device, time))} ${hostname} policyd-spf[${random.int(900, 32000)}]: ${text}`,
    );
  }

  /** The content filter refuses the message at its end. */
  filtered(time: number, client: { name: string; address: string }, from: string, to: string): Written {
    const id = this.#o.random.hex(10).toUpperCase().replace(/^0/, '4');
    return this.line(
      time,
      'cleanup',
      `${id}: milter-reject: END-OF-MESSAGE from ${client.name}[${client.address}]: 5.7.1 Spam message rejected; from=<${from}> to=<${to}> proto=ESMTP helo=<${client.name}>`,
    );
  }

  reject(time: number, client: { name: string; address: string }, from: string, to: string, reason: string): Written[] {
    const peer = `${client.name}[${client.address}]`;
    return [
      this.line(
        time + SECOND / 2,
        'smtpd',
        `NOQUEUE: reject: RCPT from ${peer}: ${reason}; from=<${from}> to=<${to}> proto=ESMTP helo=<${client.name === 'unknown' ? `[${client.address}]` : client.name}>`,
      ),
      this.line(time, 'smtpd', `connect from ${peer}`),
      this.line(time + SECOND, 'smtpd', `disconnect from ${peer} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`),
    ];
  }
}
