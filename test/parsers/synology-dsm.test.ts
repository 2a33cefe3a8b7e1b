import { describe, expect, it } from 'vitest';
import synology from '../../parsers/auth/synology-dsm.ts';
import { eventOf, expectRobust, readLines } from './lines.ts';

const line = (text: string): string => `<14>Oct 31 23:14:07 NAS01 ${text}`;
const LINES = [
  line(
    'Connection: User [admin] from [203.0.113.9] failed to sign in to [DSM] via [password] due to authorization failure.',
  ),
  line(
    'WinFileService Event: delete, Path: /Patienten/Müller, Karl.pdf, File/Folder: File, Size: 1.48 MB, User: k.maier, IP: 10.0.0.77',
  ),
];

describe('synology-dsm', () => {
  it.each([
    [LINES[0] as string, 'admin-login', 'failure', 'admin', '203.0.113.9'],
    [
      line('Connection: User [root] from [203.0.113.9] logged in successfully via [SSH].'),
      'login',
      'success',
      'root',
      '203.0.113.9',
    ],
    [
      line(
        'Connection: User [PRAXIS\\kim] from [PC07(10.0.0.77)] via [CIFS(SMB3)] accessed shared folder [Patienten].',
      ),
      'share-access',
      undefined,
      'kim',
      '10.0.0.77',
    ],
    [LINES[1] as string, 'share-access', undefined, 'k.maier', '10.0.0.77'],
  ])('%s', (text, act, outcome, user, ip) => {
    const { act: found, fields } = eventOf(synology, text);
    expect([found, fields['event.outcome'], fields['user.name'], fields['source.ip']]).toEqual([
      act,
      outcome,
      user,
      ip,
    ]);
    expect(fields['host.name']).toBe('NAS01');
  });

  it('keeps a path with commas whole, and the actor in front apart from whom he made', () => {
    expect(eventOf(synology, LINES[1] as string).fields['file.path']).toBe('/Patienten/Müller, Karl.pdf');
    expect(eventOf(synology, line('System admin: User [support] was created.'))).toMatchObject({
      act: 'account-created',
      fields: { 'user.name': 'admin', 'user.target.name': 'support' },
    });
  });

  it('leaves other programs alone', () => {
    expect(readLines(synology, ['Oct 31 23:14:07 h sshd[1]: Connection closed by 203.0.113.9'])[0]).toMatchObject({
      kind: 'rejected',
    });
  });

  it('never throws, never takes long', () => expectRobust(synology, LINES));
});
