import { type Said, say } from '../core/said.ts';
import type { Coverage } from './result.ts';

/** What logs of a class are called in sentences. */
export const LOG_NAMES: Readonly<Record<Coverage['class'], Said>> = {
  firewall: say('firewall log', 'Firewall-Protokoll'),
  vpn: say('VPN log', 'VPN-Protokoll'),
  mail: say('mail log', 'Mailprotokoll'),
  auth: say('authentication log', 'Anmeldeprotokoll'),
  web: say('proxy or web log', 'Proxy- oder Web-Protokoll'),
  network: say('DNS or DHCP log', 'DNS- oder DHCP-Protokoll'),
};
