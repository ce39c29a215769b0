process.env.TESTS = 'targets';
await import('./test.ts');
