/** What is too large for one message, in several: servers close a connection on which 10 MB come at once. */

/** Characters of a message, as JSON. */
export const MOST_SENT = 2_000_000;

/** The items in order, in as few pieces as fit into messages; an item that is larger than that has its own piece. */
export function inPieces<T>(items: readonly T[], most = MOST_SENT): T[][] {
  const pieces: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (pieces.length === 0 || size > room) {
      pieces.push([]);
      room = most;
    }
    pieces.at(-1)?.push(item);
    room -= size;
  }
  return pieces;
}
