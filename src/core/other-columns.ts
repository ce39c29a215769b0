type Columns = readonly string[] | undefined;

/** Whether rows returned for the columns of then would stand under other names now. `undefined`: nobody knows, or none are named. */
export function areOtherColumns(then: Columns, now: Columns): boolean {
  if (then === undefined || now === undefined) return false;
  return then.length !== now.length || then.some((name, at) => name !== now[at]);
}
