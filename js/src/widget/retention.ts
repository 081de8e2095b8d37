/** How many days deleted runs are kept at least. */
export const RETENTION_DAYS = 30;
