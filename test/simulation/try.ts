import { simulate } from './world.ts';

const [a = '0', b = '100'] = process.argv.slice(2);
const t = performance.now();
let bad = 0;
const kinds = new Map<string, string[]>();
for (let s = Number(a); s < Number(b); s++) {
  try {
    simulate(String(s));
  } catch (e) {
    bad++;
    const m = String((e as Error).message)
      .split('\n')[0]!
      .replace(/\d+/g, 'N');
    kinds.set(m, [...(kinds.get(m) ?? []), String(s)]);
  }
}
console.log(bad, 'bad', (performance.now() - t) / (Number(b) - Number(a)), 'ms/seed');
for (const [m, s] of kinds) console.log(s.length, m, s.slice(0, 5).join(' '));
