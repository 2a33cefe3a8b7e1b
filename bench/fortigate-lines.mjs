// Writes FortiGate traffic lines (about 740 bytes each) to a file: realistic spread of addresses, ports, sizes; seeded.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { random } from './random.mjs';

const SERVICES = [
  ['HTTPS', 443, 6],
  ['DNS', 53, 17],
  ['HTTP', 80, 6],
  ['SMB', 445, 6],
  ['NTP', 123, 17],
  ['RDP', 3389, 6],
];

export const writeFortigateLines = async (path, count, seed = 1) => {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  const next = random(seed);
  const pick = (n) => Math.floor(next() * n);
  const start = Date.UTC(2021, 9, 25) / 1000;
  let batch = [];
  for (let i = 0; i < count; i += 1) {
    const at = start + Math.floor((i * 10 * 86400) / count);
    const iso = new Date(at * 1000).toISOString();
    const [service, port, proto] = SERVICES[pick(SERVICES.length)];
    const denied = next() < 0.15;
    const uuid = () =>
      `${pick(0xffffffff).toString(16).padStart(8, '0')}-58fe-51e5-6a1d-9c5a2b7d${pick(0xffff).toString(16).padStart(4, '0')}`;
    batch.push(
      `date=${iso.slice(0, 10)} time=${iso.slice(11, 19)} devname="fgt-bench-01" devid="FGT60FTK20012345" eventtime=${at}${String(pick(1e9)).padStart(9, '0')} tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.${pick(4)}.${pick(256)}.${1 + pick(254)} srcport=${1024 + pick(64000)} srcintf="internal" srcintfrole="lan" dstip=198.51.${pick(256)}.${1 + pick(254)} dstport=${port} dstintf="wan1" dstintfrole="wan" srcuuid="${uuid()}" dstuuid="${uuid()}" srccountry="Reserved" dstcountry="Germany" sessionid=${1000000 + i} proto=${proto} action="${denied ? 'deny' : 'close'}" policyid=${1 + pick(40)} policytype="policy" poluuid="${uuid()}" policyname="lan-to-wan-${pick(8)}" service="${service}" trandisp="snat" transip=203.0.113.${1 + pick(4)} transport=${1024 + pick(64000)} duration=${pick(600)} sentbyte=${pick(200000)} rcvdbyte=${pick(2000000)} sentpkt=${pick(400)} rcvdpkt=${pick(2000)} appcat="unscanned" dsthwvendor="Cisco" srcmac="00:09:0f:${(16 + pick(200)).toString(16)}:00:01"\n`,
    );
    if (batch.length === 1000 || i === count - 1) {
      if (!out.write(batch.join(''))) await once(out, 'drain');
      batch = [];
    }
  }
  out.end();
  await once(out, 'finish');
};
