import { SECOND } from '../../core/time.ts';
import { bsdStamp } from '../clock.ts';
import { type Device, type Journal, stampOf, type Written } from '../journal.ts';
import type { Random } from '../random.ts';

/** OpenSSH 8, sudo and cron through rsyslog into auth.log (year-less, local time). */

interface SshdOptions {
  readonly device: Device;
  readonly journal: Journal;
  readonly random: Random;
  readonly hostname: string;
}

export class Sshd {
  readonly #o: SshdOptions;

  constructor(options: SshdOptions) {
    this.#o = options;
  }

  #line(time: number, program: string, text: string): Written {
    return this.#o.journal.write(
      this.#o.device,
      time,
      `${bsdStamp(stampOf(this.#o.device, time))} ${this.#o.hostname} ${program}: ${text}`,
    );
  }

  /** A wrong password; `known`: the account exists. */
  refuse(time: number, user: string, address: string, known: boolean): Written[] {
    const { random } = this.#o;
    const sshd = `sshd[${random.int(1200, 4_000_000)}]`;
    const port = random.int(1025, 65000);
    const who = known ? user : `invalid user ${user}`;
    return [
      this.#line(time, sshd, `Failed password for ${who} from ${address} port ${port} ssh2`),
      ...(known ? [] : [this.#line(time - SECOND, sshd, `Invalid user ${user} from ${address} port ${port}`)]),
      this.#line(
        time + SECOND / 3,
        sshd,
        `Connection closed by ${known ? 'authenticating' : 'invalid'} user ${user} ${address} port ${port} [preauth]`,
      ),
    ];
  }

  /** A login by key or password, and its session; the acceptance first. */
  login(
    time: number,
    user: string,
    address: string,
    how: { fingerprint: string } | 'password',
    seconds: number,
  ): Written[] {
    const { random } = this.#o;
    const sshd = `sshd[${random.int(1200, 4_000_000)}]`;
    const port = random.int(30000, 65000);
    const method = how === 'password' ? 'password' : 'publickey';
    const key = how === 'password' ? '' : `: ED25519 SHA256:${how.fingerprint}`;
    const uid = user === 'root' ? 0 : 1000 + ((user.length * 7) % 30);
    const end = time + seconds * SECOND;
    return [
      this.#line(time, sshd, `Accepted ${method} for ${user} from ${address} port ${port} ssh2${key}`),
      this.#line(time + 1000, sshd, `pam_unix(sshd:session): session opened for user ${user}(uid=${uid}) by (uid=0)`),
      this.#line(end, sshd, `Received disconnect from ${address} port ${port}:11: disconnected by user`),
      this.#line(end + 100, sshd, `Disconnected from user ${user} ${address} port ${port}`),
      this.#line(end + 200, sshd, `pam_unix(sshd:session): session closed for user ${user}`),
    ];
  }

  sudo(time: number, user: string, command: string): Written {
    return this.#line(
      time,
      'sudo',
      `${user.padStart(8)} : TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=${command}`,
    );
  }

  cron(time: number, user: string): Written[] {
    const program = `CRON[${this.#o.random.int(1200, 4_000_000)}]`;
    return [
      this.#line(time, program, `pam_unix(cron:session): session opened for user ${user}(uid=0) by (uid=0)`),
      this.#line(time + SECOND, program, `pam_unix(cron:session): session closed for user ${user}`),
    ];
  }
}
