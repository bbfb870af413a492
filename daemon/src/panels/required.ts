/** What the mission demands at all times, and the default of the configuration. */
export const REQUIRED = { low: 3, high: 2 } as const;
