import { simulate } from './world.ts';
const lines: string[] = [];
try { simulate(process.argv[2] ?? '0', {}, (l) => lines.push(l)); console.log('fine'); } catch (e) { console.log(lines.slice(-Number(process.argv[3] ?? 40)).map(l=>l.slice(0,260)).join('\n')); console.log((e as Error).message, (e as Error).stack?.split('\n').filter(l=>/simulation/.test(l)).slice(0,4).join('\n')); }
