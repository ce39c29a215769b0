/** What runs in the browser that shows a report: made by `build/report-page.ts` of `src/face/report/page/`. */
declare module 'job-splitter:report-page' {
  export const script: string;
  export const style: string;
}
