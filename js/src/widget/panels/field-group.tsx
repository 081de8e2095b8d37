/** Fields of runs to choose from. */

import { labelOf } from "../fields";
import type { Requests } from "../protocol";

/** What runs have. */
export type Names = Requests["names.list"]["reply"];

interface FieldGroupProps {
  label: string;
  fields: readonly string[];
  /** Stands before the fields in the options' values. */
  prefix?: string;
  textOf?: (field: string) => string;
}

/** Those of one kind, below its name; nothing where there are none. */
export function FieldGroup({ label, fields, prefix = "", textOf = labelOf }: FieldGroupProps) {
  if (fields.length === 0) return null;
  return (
    <optgroup label={label}>
      {fields.map((field) => (
        <option key={field} value={`${prefix}${field}`}>
          {textOf(field)}
        </option>
      ))}
    </optgroup>
  );
}
