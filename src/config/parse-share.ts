import { failed, ok, type Result } from '../core/diagnostic.ts';
import { type EqualShare, sharesMax } from '../core/equal-shares.ts';

/** Reads `3/20`. */
export function parseShare(text: string): Result<EqualShare> {
  const [, first = '', last = ''] = /^\s*(\d{0,9})\s*\/\s*(\d{0,9})\s*$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(last)];
  if (last === '' && first === '') return refuse(`${JSON.stringify(text)} is no share`, 'for example 3/20');
  if (first === '' || last === '') {
    const hint = 'for example 3/20; if it comes from a variable: is that set?';
    return refuse(
      `a number is missing ${first === '' ? 'before' : 'behind'} the slash of ${JSON.stringify(text)}`,
      hint,
    );
  }
  if (count === 0) return refuse(`${text}: at least one share is needed`, 'for example 1/1');
  if (count > sharesMax) return refuse(`${text}: at most ${sharesMax} shares`, 'a share may hold any number of jobs');
  const fromOne = `shares are counted from 1 to ${count}: submit with --array=1-${count}`;
  if (index === 0) return refuse(`${text}: there is no share 0`, fromOne);
  if (index > count) return refuse(`${text}: there is no share ${index} of ${count}`, fromOne);
  return ok({ index, count });
}

function refuse(message: string, hint: string): Result<never> {
  return failed({ severity: 'error', message, hint });
}
