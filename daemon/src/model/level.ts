/** What a container consumes, by the assignment's two lines. */
export type Level = 'low' | 'high';
