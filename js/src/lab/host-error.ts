/** Something that the panel says instead of showing the runs. */
export class HostError extends Error {
  constructor(
    message: string,
    readonly hint = "",
  ) {
    super(message);
  }
}
