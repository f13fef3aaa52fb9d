/** Values that are ranked here at most, of all columns together: as many take 120 MB. */
export const MAX_RANKED_VALUES = 10_500_000;

/** More values are to be ranked than are held in memory: the database has to do it, on disk. */
export class TooManyValues extends Error {}
