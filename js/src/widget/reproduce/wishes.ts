/**
 * What this page wants of the jobs that it began: to have the clone opened, and how to begin anew. It is kept in the
 * page's session, so that a reload in the meantime changes nothing and another page opens nothing.
 */

import type { ReproduceOptions } from "../reproduce-protocol";

const KEY = "trackside:reproducing";
const MOST = 20;

export interface Wish {
  job: string;
  options: ReproduceOptions;
  run_all: boolean;
  is_opened: boolean;
}

export function addWish(wish: Wish): void {
  write([...read(), wish].slice(-MOST));
}

export const findWish = (job: string): Wish | null => read().find((wish) => wish.job === job) ?? null;

/** The wish to have a job's clone opened, for the one who asks first. */
export function takeWish(job: string): Wish | null {
  const wish = findWish(job);
  if (wish === null || wish.is_opened) return null;
  write(read().map((other) => (other.job === job ? { ...other, is_opened: true } : other)));
  return wish;
}

function read(): Wish[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? (found as Wish[]) : [];
  } catch {
    return [];
  }
}

/** A page that keeps nothing opens nothing by itself; the button does. */
function write(wishes: readonly Wish[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(wishes));
  } catch {
    return;
  }
}
