#!/bin/sh
# GNU parallel starts a process per job; its job log is what comes nearest to a journal.
jobs=$(seq "$JOBS" | parallel -j2 --joblog joblog echo | wc -l)
echo "{\"spanMs\": 0, \"jobs\": $jobs, \"sum\": 0}"
