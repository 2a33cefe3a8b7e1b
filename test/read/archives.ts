import { crc32, deflateRawSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** Bytes of a tar archive; a member is a name with text, or a header. */
export const tar = async (
  members: readonly (readonly [string | (Partial<Header> & { name: string }), string | Buffer])[],
): Promise<Buffer> => {
  const archive = pack();
  for (const [header, content] of members) {
    const full = typeof header === 'string' ? { name: header, mtime: new Date(1635718447000) } : header;
    archive.entry(full, content);
  }
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
};

export interface ZipMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** Compression method; 8 deflates, others store the content as it is. */
  readonly method?: number;
  /** General purpose bits: 1 is encrypted. */
  readonly flags?: number;
  /** Unix mode, for links. */
  readonly mode?: number;
  /** What the headers are to claim instead of the truth. */
  readonly crc?: number;
  readonly size?: number;
}

/** Bytes of a zip file, as APPNOTE 4.3 lays them out. All members are of 2021-10-31 23:14:06. */
export const zip = (members: readonly ZipMember[]): Buffer => {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content ?? '');
    const method = member.method ?? 8;
    const data = method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(member.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE((member.flags ?? 0) | 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE((23 << 11) | (14 << 5) | 3, 6);
    common.writeUInt16LE((41 << 9) | (10 << 5) | 31, 8);
    common.writeUInt32LE(member.crc ?? crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(member.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    files.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, name);
    offset += 30 + name.length + data.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
};
