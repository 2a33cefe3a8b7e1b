/** Order of ATT&CK tactics in an intrusion, and which of them only happen once somebody is in. */
const ORDER = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'stealth',
  'defense-evasion',
  'defense-impairment',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
] as const;

export const stageRank = (stage: string): number => (ORDER as readonly string[]).indexOf(stage);

const LATE = new Set([
  'execution',
  'persistence',
  'privilege-escalation',
  'stealth',
  'defense-evasion',
  'defense-impairment',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
]);

export const isLate = (stage: string): boolean => LATE.has(stage);

/** Tactic of a technique, for findings whose rule says nothing of the chain. */
const BY_TECHNIQUE: readonly (readonly [string, string])[] = [
  ['T1595', 'reconnaissance'],
  ['T1589', 'reconnaissance'],
  ['T1590', 'reconnaissance'],
  ['T1190', 'initial-access'],
  ['T1133', 'initial-access'],
  ['T1078', 'initial-access'],
  ['T1566', 'initial-access'],
  ['T1199', 'initial-access'],
  ['T1200', 'initial-access'],
  ['T1204', 'execution'],
  ['T1569', 'execution'],
  ['T1059', 'execution'],
  ['T1136', 'persistence'],
  ['T1098', 'persistence'],
  ['T1505', 'persistence'],
  ['T1543', 'persistence'],
  ['T1562', 'defense-evasion'],
  ['T1070', 'defense-evasion'],
  ['T1484', 'defense-evasion'],
  ['T1685', 'defense-evasion'],
  ['T1686', 'defense-evasion'],
  ['T1564', 'defense-evasion'],
  ['T1110', 'credential-access'],
  ['T1558', 'credential-access'],
  ['T1003', 'credential-access'],
  ['T1621', 'credential-access'],
  ['T1539', 'credential-access'],
  ['T1528', 'credential-access'],
  ['T1046', 'discovery'],
  ['T1018', 'discovery'],
  ['T1087', 'discovery'],
  ['T1021', 'lateral-movement'],
  ['T1534', 'lateral-movement'],
  ['T1210', 'lateral-movement'],
  ['T1550', 'lateral-movement'],
  ['T1114', 'collection'],
  ['T1602', 'collection'],
  ['T1560', 'collection'],
  ['T1071', 'command-and-control'],
  ['T1572', 'command-and-control'],
  ['T1573', 'command-and-control'],
  ['T1095', 'command-and-control'],
  ['T1219', 'command-and-control'],
  ['T1105', 'command-and-control'],
  ['T1090', 'command-and-control'],
  ['T1041', 'exfiltration'],
  ['T1048', 'exfiltration'],
  ['T1567', 'exfiltration'],
  ['T1486', 'impact'],
  ['T1490', 'impact'],
  ['T1489', 'impact'],
  ['T1485', 'impact'],
  ['T1496', 'impact'],
];

export const stageOf = (technique: string): string | undefined =>
  BY_TECHNIQUE.find(([id]) => technique.startsWith(id))?.[1];

/** Guessing from outside is the way in, not what follows it, although ATT&CK files both under credential access. */
const BEFORE_ENTRY = /^T1(?:110|589|595|621|539|528)/;

export const isBeforeEntry = (technique: string): boolean => BEFORE_ENTRY.test(technique);

/** The family of evidence a technique belongs to: rules of one family say the same thing twice. */
const FAMILIES: readonly (readonly [string, string])[] = [
  ['T1110', 'guessing'],
  ['T1589', 'guessing'],
  ['T1078', 'novelty'],
  ['T1133', 'novelty'],
  ['T1090', 'novelty'],
  ['T1190', 'exploit'],
  ['T1505', 'web-shell'],
  ['T1566', 'delivery'],
  ['T1656', 'delivery'],
  ['T1684', 'delivery'],
  ['T1204', 'visit'],
  ['T1621', 'mfa'],
  ['T1539', 'session'],
  ['T1550', 'session'],
  ['T1528', 'consent'],
  ['T1199', 'partner'],
  ['T1200', 'device'],
  ['T1595', 'scanning'],
  ['T1098', 'account-change'],
  ['T1136', 'account-change'],
  ['T1562', 'change'],
];

export const familyOf = (technique: string, stage: string): string =>
  FAMILIES.find(([id]) => technique.startsWith(id))?.[1] ?? stage;
