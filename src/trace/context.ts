import { inRange, parseCidr } from '../core/net.ts';
import type { CaseContext } from '../detect/context.ts';

/** What the operator's context file says of an address or an act. */

const matches = (cidr: string, address: string): boolean => {
  const range = parseCidr(cidr);
  return range !== undefined && inRange(range, address);
};

const during = (span: { readonly from: string; readonly to: string }, time: number): boolean =>
  time >= Date.parse(span.from) * 1000 && time <= Date.parse(span.to) * 1000;

export const partnerOf = (context: CaseContext, address: string | undefined): string | undefined =>
  address === undefined ? undefined : context.partners.find((p) => matches(p.source, address))?.name;

export const isScanner = (context: CaseContext, address: string | undefined): boolean =>
  address !== undefined && context.scanners.some((cidr) => matches(cidr, address));

export const isBackup = (context: CaseContext, destination: string): boolean =>
  context.backups.some((b) => b.destination === destination || matches(b.destination, destination));

/** Labels by which the operator has explained an act beforehand. */
export const labelsOf = (
  context: CaseContext,
  who: {
    readonly account?: string | undefined;
    readonly remote?: string | undefined;
    readonly address?: string | undefined;
  },
  time: number,
): string[] => {
  const labels: string[] = [];
  const test = context.pentests.some(
    (p) =>
      during(p, time) &&
      ((who.remote !== undefined && matches(p.source, who.remote)) ||
        (who.account !== undefined && p.accounts.some((a) => a.toLowerCase() === who.account)) ||
        (who.address !== undefined && p.internal.some((i) => matches(i, who.address as string)))),
  );
  if (test) labels.push('pentest');
  if (isScanner(context, who.remote) || isScanner(context, who.address)) labels.push('scanner');
  if (who.account !== undefined && context.travel.some((t) => t.user.toLowerCase() === who.account && during(t, time)))
    labels.push('known-travel');
  if (
    who.account !== undefined &&
    context.leavers.some((l) => l.user.toLowerCase() === who.account && time >= Date.parse(l.left) * 1000)
  )
    labels.push('leaver');
  return labels;
};
