/** What Python says in French: a part of its own, fetched after the first paint of a French page. */

export { default as sentences } from "./sentences.fr.json";
