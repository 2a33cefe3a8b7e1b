declare global {
  /** ES2024, in Node since 20. */
  interface String {
    isWellFormed(): boolean;
    toWellFormed(): string;
  }
}

/** Text as UTF-8 can carry it: half surrogate pairs become U+FFFD. What is stored, and what is asked for. */
export const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());
