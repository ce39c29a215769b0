/** `1,204`. Node's `toLocaleString` takes 20 ms to load what it knows of languages. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 job`, `1,204 jobs`: of what is called so. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
