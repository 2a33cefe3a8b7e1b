import { type FramedRecord, type Grouper, type Line, RECORD_MAX, type RecordFlag } from './framing.ts';
import { joined } from './group.ts';

// From a@example.org Sun Oct 31 23:14:07 2021 · From 1714@xxx Sun Oct 31 23:14:07 +0000 2021 · Thunderbird: "From - Sun …", "From "
const SEPARATOR = /^From (?:-? ?$|.{0,400}\d{1,2}:\d{2}(?::\d{2})?(?: (?:[A-Za-z]{1,5}|[+-]\d{4})){0,3} \d{4}(?: |$))/;

/** Whether a line begins a message of an mbox (RFC 4155, appendix A, and its dialects). */
export const beginsMessage = (line: string): boolean => line.startsWith('From ') && SEPARATOR.test(line.slice(0, 600));

/**
 * Messages. Where the stream begins with a separator it is an mbox: a separator behind an empty line begins the next
 * record. Else the whole stream is one message, whatever its lines say. A message longer than a record may be is cut; its
 * rest follows as further records. Empty lines in front of the first message stay single.
 */
export class MailGrouper implements Grouper {
  #mode: 'undecided' | 'mbox' | 'single' = 'undecided';
  #held: Line[] = [];
  #bytes = 0;
  /** The flag of what is held: set from where a message was cut to its end. */
  #cut: RecordFlag | undefined;
  #behindEmpty = true;

  push(lines: readonly Line[]): FramedRecord[] {
    const out: FramedRecord[] = [];
    for (const line of lines) this.#add(line, out);
    return out;
  }

  end(): FramedRecord[] {
    const out: FramedRecord[] = [];
    this.#release(out);
    return out;
  }

  #add(line: Line, out: FramedRecord[]): void {
    const empty = line.text === '';
    if (this.#mode === 'undecided') {
      if (empty) {
        out.push(line);
        return;
      }
      this.#mode = beginsMessage(line.text) ? 'mbox' : 'single';
    }
    if (this.#mode === 'mbox' && this.#behindEmpty && beginsMessage(line.text)) {
      this.#release(out);
      this.#cut = undefined;
    } else if (this.#held.length > 0 && this.#bytes + line.length > RECORD_MAX) {
      this.#cut = 'too-long';
      this.#release(out);
    }
    this.#held.push(line);
    this.#bytes += line.length;
    this.#behindEmpty = empty;
  }

  #release(out: FramedRecord[]): void {
    if (this.#held.length > 0) out.push(joined(this.#held, this.#cut));
    this.#held = [];
    this.#bytes = 0;
  }
}
