/** `@types/seedrandom` covers the package's main file only. */
declare module 'seedrandom/lib/tychei.js' {
  interface State {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly d: number;
  }
  interface Tychei {
    (): number;
    double(): number;
    int32(): number;
    state(): State;
  }
  export default function tychei(seed: string | number, options?: { state?: boolean | State }): Tychei;
}
