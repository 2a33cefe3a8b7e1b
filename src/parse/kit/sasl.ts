/** Text that a client said in Base64, as SMTP AUTH has it (RFC 4954 §4): a user's name. undefined when it is none or no text. */
export const saslText = (text: string): string | undefined => {
  if (!/^[A-Za-z0-9+/]{4,400}={0,2}$/.test(text)) return undefined;
  const plain = Buffer.from(text, 'base64').toString('utf8');
  return /^[\x20-\x7e\u00a1-\uffff]{1,255}$/.test(plain) && !plain.includes('\ufffd') ? plain : undefined;
};
