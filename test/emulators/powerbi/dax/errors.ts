// A query that does not run: a mistake in it, or something outside the subset of DAX that is understood here.
export class DaxError extends Error {}

export const fail = (message: string): never => {
  throw new DaxError(message);
};
