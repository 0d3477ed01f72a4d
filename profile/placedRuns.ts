/** Samples are not evenly spaced: runs whose gap is below this many usual spaces follow each other without one where they are drawn. */
export const LARGEST_JITTER = 2;
