# Every target is one call of a Node script, so that a system without make is served too:
#   node scripts/make.mjs exe ENTRY=my_experiment.ts
# Values reach the script through the environment: no shell looks into them.
export ENTRY TARGETS ASSETS EXTERNAL NODE_BINARY ARGS ONLY ROUNDS SCALE SMOKE SEED SEEDS TRACE LONG
# NODE is also a name that npm and others use; only a value given to make is meant.
ifeq ($(origin NODE),command line)
export NODE
else
unexport NODE
endif

.DEFAULT_GOAL := help
.PHONY: help demo exe run test test-targets check bench simulate kill-rounds chaos

help demo exe run test test-targets check bench simulate kill-rounds chaos:
	@node scripts/make.mjs $@
