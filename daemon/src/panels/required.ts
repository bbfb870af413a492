/** How many containers of each class must always run; the same as the configuration's default quotas. */
export const REQUIRED = { low: 3, high: 2 } as const;
