/** The charts, for whoever hosts them. */

export * from "./frame";
export * from "./options";
