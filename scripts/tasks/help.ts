process.stdout.write(`job-splitter: make TARGET, or without make: node scripts/make.mjs TARGET [KEY=VALUE …]

  make demo                       build an example and run it to its result
  make exe ENTRY=my.ts            one executable for this machine, in dist/
      TARGETS="linux-x64 win-x64"   for others too (or all)
      ASSETS="data/ table.csv"      files that jobs need, packed with it
      EXTERNAL=package              packages that read files of their own
      NODE=26.10.0                  with another Node.js inside; NODE_BINARY=path: with your own
  make run ENTRY=my.ts ARGS="…"   run without packaging
  make test                       the tests that take no longer than ten minutes (ONLY=part-of-a-name for some, LONG=1 for all)
  make test-targets               the executables of all targets, under emulators, in an old system
  make check                      types, lint, dead code, all tests: what CI runs
  make bench                      measure every claim about speed, write docs/BENCHMARKS.md
      ONLY=per-job ROUNDS=3         one claim only; SCALE=0.1: smaller; SMOKE=1: whether the scripts work
  make simulate                   dispatcher and journal under simulated faults (SEEDS=1000000)
      SEED=17 TRACE=1               replay one seed with all that happens
  make kill-rounds                kill a real run at random moments, ROUNDS=300 times
  make chaos                      kill and freeze servers and machines of campaigns, ROUNDS=100 times
`);
