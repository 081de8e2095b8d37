/** Waiting, and not waiting any longer. */

export function pause(time_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time_ms));
}

/** What a promise comes to, or null where it takes longer. */
export function within<T>(promise: Promise<T>, time_ms: number): Promise<T | null> {
  return Promise.race([promise, pause(time_ms).then(() => null)]);
}
