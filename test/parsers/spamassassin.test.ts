import { describe, expect, it } from 'vitest';
import spamassassin from '../../parsers/mail/spamassassin.ts';
import { eventOf, expectRobust } from './lines.ts';

const RESULT =
  'Oct 31 23:05:38 mx1 spamd[814]: spamd: result: Y 15 - BAYES_99,HTML_MESSAGE scantime=1.1,size=4711,user=m.roth,uid=1007,required_score=5.0,rhost=mx0.klinik.example,raddr=192.0.2.25,rport=40000,mid=<a,raddr=10.0.0.1@evil.example>,autolearn=no';

describe('spamassassin', () => {
  it('reads a verdict; the message id cannot change who asked', () => {
    expect(eventOf(spamassassin, RESULT)).toMatchObject({
      act: 'mail-filter',
      fields: {
        'event.action': 'spam',
        'spamassassin.score': 15,
        'source.ip': '192.0.2.25',
        'email.message_id': 'a,raddr=10.0.0.1@evil.example',
        'user.name': 'm.roth',
      },
    });
  });

  it('never throws, never takes long', () => expectRobust(spamassassin, [RESULT]));
});
