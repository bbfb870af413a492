/** The class of a container, by the assignment's two thresholds for CPU and memory. */
export type Level = 'low' | 'high';
