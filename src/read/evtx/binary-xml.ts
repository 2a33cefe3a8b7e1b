import { isIllFormed, wellFormed } from '../charset.ts';
import { type EvtxValue, itemsOf, TYPE } from './values.ts';

/** Why a record's binary XML could not be read: damaged evidence, made a value where the record is framed. */
export class BinaryXmlDamage extends Error {}

/** A place in an element's content that an instance fills in. */
interface Substitution {
  readonly value: number;
}
interface Element {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  readonly parts: readonly Part[];
}
interface Instance {
  readonly template: readonly Part[];
  readonly values: readonly EvtxValue[];
}
/** Text is markup already: escaped. */
type Part = string | Substitution | Element | Instance;

/** Elements in elements, templates in templates. */
const DEPTH_MAX = 48;
/** Characters a record may render to: templates multiply what they are given. */
const TEXT_MAX = 1 << 20;
/** Tokens read and parts rendered for one chunk: a value may be asked for again and again. */
const WORK_MAX = 2_000_000;
const NAME_MAX = 512;
const VALUES_MAX = 4096;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// control characters that XML has no place for come as numbers, so that they are seen; surrogates are looked at
const SPECIAL = /[&<>"\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]/;
const MARKUP = /[&<>"\0-\x08\x0b\x0c\x0e-\x1f]/g;

/**
 * Reads the binary XML of one chunk (MS-EVEN6 §2.2.12; libevtx "Binary XML"). Offsets of names and templates are relative to
 * the chunk. A template is read once a chunk. No length is trusted: all are held against the chunk.
 */
export class BinaryXmlReader {
  readonly #bytes: Buffer;
  readonly #names = new Map<number, { name: string; end: number }>();
  readonly #templates = new Map<number, { parts: readonly Part[]; end: number }>();
  #at = 0;
  #end = 0;
  #depth = 0;
  /** Characters that the record may still render. */
  #room = 0;
  /** Characters that the chunk's records may still render together. */
  #budget: number;
  #work = 0;
  #broken = false;

  constructor(chunk: Buffer, budget: number) {
    this.#bytes = chunk;
    this.#budget = budget;
  }

  /** The XML text of the bytes from `from` to `to`; `broken`: half characters in it were replaced. Throws BinaryXmlDamage. */
  read(from: number, to: number): { text: string; broken: boolean } {
    this.#broken = false;
    [this.#at, this.#end, this.#depth, this.#room] = [from, to, 0, Math.min(TEXT_MAX, this.#budget)];
    const parts = this.#content(false);
    const text = this.#render(parts, []);
    this.#budget -= text.length;
    return { text, broken: this.#broken };
  }

  // ------------------------------------------------------------------------------------------------------- bytes

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#end) throw new BinaryXmlDamage(`ends at ${this.#end}, inside a token at ${at}`);
    this.#at += bytes;
    return at;
  }

  #u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  #u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** A count of UTF-16 units, then these. */
  #text(): string {
    const bytes = this.#u16() * 2;
    const at = this.#take(bytes);
    return this.#bytes.toString('utf16le', at, at + bytes);
  }

  /** A name lies where it is first used, or somewhere else in the chunk: next offset, hash, count, units, NUL. */
  #name(): string {
    const offset = this.#u32();
    const known = this.#names.get(offset) ?? this.#nameAt(offset);
    if (offset === this.#at) this.#take(known.end - offset);
    return known.name;
  }

  #nameAt(offset: number): { name: string; end: number } {
    const bytes = this.#bytes;
    const units = offset + 8 <= bytes.length ? bytes.readUInt16LE(offset + 6) : NAME_MAX + 1;
    const end = offset + 8 + units * 2;
    if (units > NAME_MAX || end > bytes.length) throw new BinaryXmlDamage(`no name at ${offset}`);
    // what cannot stand in a name cannot end it either
    const name = bytes.toString('utf16le', offset + 8, end).replaceAll(/[\0-\x20<>&"'/=]/g, '_') || '_';
    const read = { name, end: end + 2 };
    this.#names.set(offset, read);
    return read;
  }

  // ------------------------------------------------------------------------------------------------------- tokens

  /** Parts up to the end of the element, fragment or bytes. `bare`: elements carry no dependency identifier. */
  #content(bare: boolean): Part[] {
    const parts: Part[] = [];
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new BinaryXmlDamage(`nested deeper than ${DEPTH_MAX}`);
    while (this.#at < this.#end) {
      this.#toil();
      const token = this.#u8();
      const kind = token & 0xbf; // without the mark that more follows
      if (kind === 0x00 || kind === 0x04) break; // end of fragment, end of element
      const part = kind === 0x01 ? this.#element(token === 0x41, bare) : this.#part(kind);
      if (part !== undefined) parts.push(part);
    }
    this.#depth -= 1;
    return parts;
  }

  #part(kind: number): Part | undefined {
    switch (kind) {
      case 0x05: {
        const type = this.#u8();
        if (type !== TYPE.string) throw new BinaryXmlDamage(`a value of type ${type} in the text`);
        return this.#escaped(this.#text());
      }
      case 0x07: // CDATA
        return this.#escaped(this.#text());
      case 0x08: // character reference
        return this.#escaped(String.fromCharCode(this.#u16()));
      case 0x09: // entity reference
        return `&${this.#name()};`;
      case 0x0a: // processing instruction: target, then data; neither is part of an event
        this.#name();
        return undefined;
      case 0x0b:
        this.#text();
        return undefined;
      case 0x0c:
        return this.#instance();
      case 0x0d: // substitution; 0x0e: an optional one, nothing when its value is
      case 0x0e: {
        const value = this.#u16();
        this.#u8(); // the type is told by the instance
        return { value };
      }
      case 0x0f: // fragment header: version and flags
        this.#take(3);
        return undefined;
      default:
        throw new BinaryXmlDamage(`no token 0x${kind.toString(16)} (at ${this.#at - 1})`);
    }
  }

  #element(hasAttributes: boolean, bare: boolean): Element {
    // Binary XML that is a value has no dependency identifier; what writers do is told by where the name leads
    if (bare ? !this.#leadsToName(4) : this.#leadsToName(6) || !this.#leadsToName(4)) this.#take(2);
    this.#take(4); // size: told by the end token
    const name = this.#name();
    const attributes: Element['attributes'][number][] = [];
    if (hasAttributes) {
      this.#take(4); // size of the list
      while (this.#at < this.#end && ((this.#bytes[this.#at] as number) & 0xbf) === 0x06) {
        this.#take(1);
        attributes.push({ name: this.#name(), parts: this.#attributeParts() });
      }
    }
    const close = this.#u8();
    if (close !== 0x02 && close !== 0x03) throw new BinaryXmlDamage(`<${name.slice(0, 64)} is not closed`);
    return { name, attributes, parts: close === 0x02 ? this.#content(bare) : [] };
  }

  /** Whether `distance` bytes on stands the offset of something that looks like a name. */
  #leadsToName(distance: number): boolean {
    const bytes = this.#bytes;
    if (this.#at + distance + 4 > this.#end) return false;
    const offset = bytes.readUInt32LE(this.#at + distance);
    if (this.#names.has(offset)) return true;
    if (offset < 512 || offset + 10 > bytes.length) return false;
    const end = offset + 8 + bytes.readUInt16LE(offset + 6) * 2;
    return end > offset + 8 && end + 2 <= bytes.length && bytes.readUInt16LE(end) === 0;
  }

  #attributeParts(): Part[] {
    const parts: Part[] = [];
    while (this.#at < this.#end) {
      const kind = (this.#bytes[this.#at] as number) & 0xbf;
      if (kind !== 0x05 && kind !== 0x08 && kind !== 0x09 && kind !== 0x0d && kind !== 0x0e) break;
      this.#take(1);
      const part = this.#part(kind);
      if (part !== undefined) parts.push(part);
    }
    return parts;
  }

  /** The definition lies here or elsewhere in the chunk; behind it the values: their sizes and types, then their bytes. */
  #instance(): Instance {
    this.#take(5); // unknown, identifier
    const offset = this.#u32();
    const here = offset === this.#at;
    const template = this.#templates.get(offset) ?? this.#templateAt(offset);
    if (here) this.#take(template.end - offset);
    const count = this.#u32();
    if (count > VALUES_MAX) throw new BinaryXmlDamage(`${count} values`);
    const table = this.#take(count * 4);
    const values: EvtxValue[] = [];
    for (let n = 0; n < count; n += 1) {
      const size = this.#bytes.readUInt16LE(table + 4 * n);
      values.push({ type: this.#bytes[table + 4 * n + 2] as number, at: this.#take(size), size });
    }
    return { template: template.parts, values };
  }

  /** Offset of the next definition, GUID, size, then a fragment. */
  #templateAt(offset: number): { parts: readonly Part[]; end: number } {
    if (offset < 512 || offset + 24 > this.#bytes.length) throw new BinaryXmlDamage(`no template at ${offset}`);
    const end = offset + 24 + this.#bytes.readUInt32LE(offset + 20);
    if (end > this.#bytes.length) throw new BinaryXmlDamage(`the template at ${offset} leaves the chunk`);
    const [at, limit] = [this.#at, this.#end];
    [this.#at, this.#end] = [offset + 24, end];
    const read = { parts: this.#content(false), end };
    [this.#at, this.#end] = [at, limit];
    this.#templates.set(offset, read);
    return read;
  }

  // ------------------------------------------------------------------------------------------------------- text

  #escaped(text: string): string {
    if (!SPECIAL.test(text)) return text;
    if (isIllFormed(text)) this.#broken = true;
    return wellFormed(text).replaceAll(MARKUP, (c) => ESCAPES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
  }

  #toil(): void {
    this.#work += 1;
    if (this.#work > WORK_MAX) throw new BinaryXmlDamage('the chunk asks for more work than any event log needs');
  }

  #spend(text: string): string {
    this.#room -= text.length;
    if (this.#room < 0) throw new BinaryXmlDamage('renders to more text than a record may hold');
    return text;
  }

  #render(parts: readonly Part[], values: readonly EvtxValue[]): string {
    let text = '';
    for (const part of parts) {
      this.#toil();
      if (typeof part === 'string') text += this.#spend(part);
      else if ('value' in part) text += this.#substitute(values[part.value]);
      else if ('template' in part) text += this.#nested(() => this.#render(part.template, part.values));
      else text += this.#renderElement(part, values);
    }
    return text;
  }

  #nested(render: () => string): string {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new BinaryXmlDamage(`nested deeper than ${DEPTH_MAX}`);
    const text = render();
    this.#depth -= 1;
    return text;
  }

  #substitute(value: EvtxValue | undefined): string {
    if (value === undefined || value.type === TYPE.null) return '';
    if (value.type === TYPE.binaryXml) {
      return this.#nested(() => {
        [this.#at, this.#end] = [value.at, value.at + value.size];
        return this.#render(this.#content(true), []);
      });
    }
    return this.#spend(this.#escaped(itemsOf(this.#bytes, value).join(', ')));
  }

  #renderElement(element: Element, values: readonly EvtxValue[]): string {
    let open = `<${element.name}`;
    for (const { name, parts } of element.attributes) {
      const text = this.#render(parts, values);
      if (text !== '') open += ` ${name}="${text}"`;
    }
    this.#spend(open);
    const only = element.parts.length === 1 ? element.parts[0] : undefined;
    const value = typeof only === 'object' && 'value' in only ? values[only.value] : undefined;
    if (value !== undefined && (value.type & TYPE.array) !== 0) {
      // an array repeats the element that it fills
      const items = itemsOf(this.#bytes, value).map((item) => `${open}>${this.#escaped(item)}</${element.name}>`);
      return this.#spend(items.join(''));
    }
    const inner = this.#render(element.parts, values);
    return this.#spend(inner === '' ? `${open}/>` : `${open}>${inner}</${element.name}>`);
  }
}
