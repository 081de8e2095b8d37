/** What a dialog asks, in data: the panel draws it, tests answer it. */

export type Field =
  | { kind: "check"; name: string; label: string; initial: boolean }
  | { kind: "text"; name: string; label: string; initial: string; isRequired: boolean }
  | { kind: "markdown"; name: string; label: string; initial: string };

/** What people filled in, by the names of the fields. */
export interface Values {
  text(name: string): string;
  check(name: string): boolean;
}

export interface Question {
  title: string;
  text: string;
  /** Names of the runs that it is about. */
  about: readonly string[];
  fields: readonly Field[];
  /** What the button says that does it. */
  confirm: string;
  /** Whether it takes something away. */
  isGrave: boolean;
  /** Does it; what is wrong with the values, or "" where the dialog can go. */
  answer: (values: Values) => Promise<string> | string;
}
